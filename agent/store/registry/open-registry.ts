import type { Moment } from '../../../core/model/time.ts';
import type { Registry } from '../../hub/registry/registry.ts';
import { translateSqliteError } from '../sqlite/translate-error.ts';
import { fileWhere, prepareRegistry } from './layout.ts';
import { openToWrite } from './registry-file.ts';
import { sqlRegistry } from './sql-registry.ts';
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
    return await openToWrite(path, { command, now }, async (file) => {
      await prepareRegistry(file.db, fileWhere(path));
      file.prepareForWriting();
      return sqlRegistry(oneByOne(file.db), () => file.close());
    });
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}
