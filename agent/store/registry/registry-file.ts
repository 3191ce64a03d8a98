import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Moment } from '../../../core/model/time.ts';
import { nodeSqliteDialect } from '../sqlite/node-sqlite-dialect.ts';
import { openDatabase, prepareForWriting } from '../sqlite/sqlite-engine.ts';
import { createPrivateFile, takeWriterLock } from '../sqlite/writer-lock.ts';
import type { RegistryTables } from './tables.ts';

/** The file of a registry, open. */
export interface RegistryFile {
  readonly db: Kysely<RegistryTables>;
  /** Before the first write, once it is sure that this is a registry. */
  prepareForWriting(): void;
  close(): Promise<void>;
}

/** Opens it to read, beside whoever writes it; `null`: there is none. */
export async function openToRead(path: string): Promise<RegistryFile | null> {
  return (await isThere(path)) ? openFile(path, true) : null;
}

/**
 * Opens it to write, as the only process; makes one where there is none. Resolves with what `use` makes of it, who closes it; when
 * `use` rejects, it is closed.
 */
export async function openToWrite<Result>(
  path: string,
  { command, now }: { readonly command: string; readonly now: () => Moment },
  use: (file: RegistryFile) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = await takeWriterLock(path, { command, at: now() });
  try {
    await createPrivateFile(path);
    const file = openFile(path, false);
    try {
      return await use({
        ...file,
        async close() {
          await file.close();
          await lock.release();
        },
      });
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function openFile(path: string, readOnly: boolean): RegistryFile {
  const database = openDatabase(path, readOnly);
  const db = new Kysely<RegistryTables>({ dialect: nodeSqliteDialect(database, path) });
  return {
    db,
    prepareForWriting: () => prepareForWriting(database),
    async close() {
      await db.destroy();
      // kysely does not destroy a driver that never ran a query.
      if (database.isOpen) database.close();
    },
  };
}

/** Whether there is a file at all. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
