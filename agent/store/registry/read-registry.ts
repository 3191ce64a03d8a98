import { stat } from 'node:fs/promises';
import { Kysely } from 'kysely';
import type { Registry } from '../../hub/registry/registry.ts';
import { nodeSqliteDialect } from '../sqlite/node-sqlite-dialect.ts';
import { openDatabase } from '../sqlite/sqlite-engine.ts';
import { translateSqliteError } from '../sqlite/translate-error.ts';
import { fileWhere, holdsRegistry } from './layout.ts';
import { sqlRegistry } from './sql-registry.ts';
import type { RegistryTables } from './tables.ts';
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
    if (!(await exists(path))) return null;
    const database = openDatabase(path, true);
    const db = new Kysely<RegistryTables>({ dialect: nodeSqliteDialect(database, path) });
    try {
      return (await holdsRegistry(db, fileWhere(path))) ? await read(sqlRegistry(oneByOne(db), () => Promise.resolve())) : null;
    } finally {
      await db.destroy();
      // kysely does not destroy a driver that never ran a query.
      if (database.isOpen) database.close();
    }
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
