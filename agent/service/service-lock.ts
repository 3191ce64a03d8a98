import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { translateSqliteError } from '../store/sqlite/translate-error.ts';
import { takeWriterLock, type WriterLock } from '../store/sqlite/writer-lock.ts';

/** One service for a state directory; who holds its lock keeps any from running. Throws `SERVICE_RUNNING`. */
export async function takeServiceLock(
  stateDirectory: string,
  { command, now }: { readonly command: string; readonly now: () => number },
): Promise<WriterLock> {
  const path = join(stateDirectory, 'service');
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    return await takeWriterLock(path, { command, at: now() });
  } catch (error) {
    const known = translateSqliteError(error, path);
    if (!(known instanceof RollcallError) || known.code !== 'STORE_LOCKED') throw known;
    throw new RollcallError('SERVICE_RUNNING', `A service runs for ${stateDirectory} already.`, { place: known.place, cause: error });
  }
}
