import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Moment } from '../../../core/model/time.ts';
import type { Registry } from '../../hub/registry/registry.ts';
import { nodeSqliteDialect } from '../sqlite/node-sqlite-dialect.ts';
import { openDatabase, prepareForWriting } from '../sqlite/sqlite-engine.ts';
import { translateSqliteError } from '../sqlite/translate-error.ts';
import { createPrivateFile, takeWriterLock } from '../sqlite/writer-lock.ts';
import { fileWhere, prepareRegistry } from './layout.ts';
import { sqlRegistry } from './sql-registry.ts';
import type { RegistryTables } from './tables.ts';
import { oneByOne } from './transactions.ts';

export interface RegistryOptions {
  /** The database file: `hub.sqlite` in the state directory. */
  readonly path: string;
  readonly now: () => Moment;
  /** What the message says to another process that finds it locked, for example `rollcall hub invite`. */
  readonly command: string;
}

/**
 * Opens the registry, and makes it when there is none; one process at a time. Throws `STORE_LOCKED` (another process has it),
 * `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_MOVING`, `STORE_MOVED`, `STORE_UNUSABLE`.
 */
export async function openRegistry({ path, now, command }: RegistryOptions): Promise<Registry> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const lock = await takeWriterLock(path, { command, at: now() });
    try {
      await createPrivateFile(path);
      const database = openDatabase(path, false);
      const db = new Kysely<RegistryTables>({ dialect: nodeSqliteDialect(database, path) });
      const close = async (): Promise<void> => {
        await db.destroy();
        // kysely does not destroy a driver that never ran a query.
        if (database.isOpen) database.close();
      };
      try {
        await prepareRegistry(db, fileWhere(path));
        prepareForWriting(database);
      } catch (error) {
        await close();
        throw error;
      }
      return sqlRegistry(oneByOne(db), async () => {
        await close();
        await lock.release();
      });
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}
