import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Moment } from '../../core/model/time.ts';
import { translateSqliteError } from './sqlite/translate-error.ts';
import { takeWriterLock, type WriterLock } from './sqlite/writer-lock.ts';

/**
 * Takes the right to write to a store for as long as a service runs; its worker opens the store with `lock: 'held'`. Throws
 * `STORE_LOCKED`, `STORE_UNUSABLE`.
 */
export async function takeStoreLock(path: string, holder: { readonly command: string; readonly at: Moment }): Promise<WriterLock> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await takeWriterLock(path, holder);
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}
