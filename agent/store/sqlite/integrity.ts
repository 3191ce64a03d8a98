import type { DatabaseSync } from 'node:sqlite';
import { RollcallError } from '../../../core/errors.ts';
import { newestBackup } from './backup.ts';

/** Above this size the check leaves out the comparison of indexes with tables, which takes most of its time. */
const fullCheckBytes = 32 * 1024 * 1024;

/** Reads the file's structure through. Throws `STORE_CORRUPT`. */
export async function checkIntegrity(database: DatabaseSync, path: string): Promise<void> {
  const size = pragmaNumber(database, 'page_count') * pragmaNumber(database, 'page_size');
  const rows = database.prepare(size > fullCheckBytes ? 'pragma quick_check(1)' : 'pragma integrity_check(1)').all();
  const finding = String(Object.values(rows[0] ?? {})[0] ?? 'no answer');
  if (finding !== 'ok') {
    throw await corruptError(path, finding, undefined);
  }
}

/** Says what is damaged, and which files to exchange for which backup. */
export async function corruptError(path: string, finding: string, cause: unknown): Promise<RollcallError> {
  const backup = await newestBackup(path);
  const remedy =
    backup === null
      ? 'There is no backup: without the file, rollcall starts anew and finds its matches again by its rules.'
      : `The newest backup is ${backup}.`;
  const message = `The store ${path} is damaged (${finding}). ${remedy} Move the files ending in -wal and -shm away together with it.`;
  return new RollcallError('STORE_CORRUPT', message, { place: { file: path, backup }, cause });
}

export function pragmaNumber(database: DatabaseSync, name: 'page_count' | 'page_size' | 'application_id'): number {
  const row = database.prepare(`pragma ${name}`).get();
  return Number(row?.[name] ?? 0);
}
