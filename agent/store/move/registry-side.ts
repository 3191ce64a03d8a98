import { hostname } from 'node:os';
import { Kysely } from 'kysely';
import { placeInWords } from '../postgres/database-place.ts';
import { postgresDialect } from '../postgres/postgres-dialect.ts';
import { hubSchemaName } from '../postgres/schema-names.ts';
import { openPool } from '../postgres/sessions.ts';
import { fileWhere, holdsRegistry, prepareRegistry } from '../registry/layout.ts';
import type { RegistryPlace } from '../registry/open-configured-registry.ts';
import { databaseWhere, makeReady } from '../registry/postgres-registry.ts';
import { isThere, openToWrite } from '../registry/registry-file.ts';
import type { RegistryTables } from '../registry/tables.ts';
import { translateSqliteError } from '../sqlite/translate-error.ts';
import type { MoveSettings } from './embedded-side.ts';
import { type LastIds, postgresLastIds, sqliteLastIds } from './last-ids.ts';

/** One of the two registries of a move; nobody else may use it until it is closed. */
export interface RegistrySide {
  readonly db: Kysely<RegistryTables>;
  /** For people; tells it apart from any other registry. */
  readonly words: string;
  readonly lastIds: LastIds;
  close(): Promise<void>;
}

type Settings = Pick<MoveSettings, 'command' | 'now'>;

/**
 * Opens it; `null`: there is none, and it is not to be made. The gate of a database is kept by the side of the store. Throws what opening
 * a registry throws, but not `STORE_MOVING` and `STORE_MOVED`.
 */
export function openSide(place: RegistryPlace, settings: Settings, { make }: { readonly make: boolean }): Promise<RegistrySide | null> {
  return place.kind === 'embedded' ? fileSide(place.path, settings, make) : databaseSide(place, settings, make);
}

async function fileSide(path: string, settings: Settings, make: boolean): Promise<RegistrySide | null> {
  try {
    if (!make && !(await isThere(path))) return null;
    return await openToWrite(path, settings, async (file) => {
      const where = fileWhere(path);
      if (make) await prepareRegistry(file.db, where, { beingMoved: true });
      if (await holdsRegistry(file.db, where, { beingMoved: true })) {
        file.prepareForWriting();
        return { db: file.db, words: `file ${path} on ${hostname()}`, lastIds: sqliteLastIds, close: () => file.close() };
      }
      await file.close();
      return null;
    });
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}

type Database = Extract<RegistryPlace, { readonly kind: 'postgresql' }>;

async function databaseSide({ place, password }: Database, { command }: Settings, make: boolean): Promise<RegistrySide | null> {
  const pool = await openPool(place, password, {
    schema: hubSchemaName,
    most: 2,
    readOnly: false,
    command,
    idleMs: 0,
    // It waits for the other side while it writes.
    idleInTransactionMs: 900_000,
  });
  const db = new Kysely<RegistryTables>({ dialect: postgresDialect({ pool, place, prepare: null }) });
  const close = (): Promise<void> => db.destroy();
  try {
    if (make) await makeReady(db, place, { beingMoved: true });
    if (await holdsRegistry(db, databaseWhere(place), { beingMoved: true })) {
      return { db, words: placeInWords(place), lastIds: postgresLastIds, close };
    }
  } catch (error) {
    await close();
    throw error;
  }
  await close();
  return null;
}
