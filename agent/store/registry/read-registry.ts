import type { Registry } from '../../hub/registry/registry.ts';
import { translateSqliteError } from '../sqlite/translate-error.ts';
import { fileWhere, holdsRegistry } from './layout.ts';
import { openToRead } from './registry-file.ts';
import { sqlRegistry } from './sql-registry.ts';
import { oneByOne } from './transactions.ts';

/**
 * Reads the registry beside whoever writes it; `null`: there is none yet. Throws `STORE_CORRUPT`, `STORE_TOO_NEW` and
 * `STORE_UNUSABLE`.
 */
export async function readRegistry<Result>(
  path: string,
  read: (registry: Pick<Registry, 'collectors' | 'openInvitations'>) => Promise<Result>,
): Promise<Result | null> {
  try {
    const file = await openToRead(path);
    if (file === null) return null;
    try {
      return (await holdsRegistry(file.db, fileWhere(path))) ? await read(sqlRegistry(oneByOne(file.db), () => Promise.resolve())) : null;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}
