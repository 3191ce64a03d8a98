import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { RollcallError } from '../../core/errors.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Store } from '../../core/ports/store.ts';
import type { StoreEngine } from './engine.ts';
import { interruptRuns } from './journal.ts';
import { type Layout, migrate, newestLayout, prepareLayout, readLayout, rememberProperty, rememberVersion } from './migrate.ts';
import { type Migration, migrations } from './migrations/migrations.ts';
import { assertNotMoving } from './moving.ts';
import { readOnlyStore } from './read-only-store.ts';
import { interruptReads } from './reads.ts';
import { sqlStore } from './sql-store.ts';
import { backUp } from './sqlite/backup.ts';
import { checkIntegrity, corruptError, pragmaNumber } from './sqlite/integrity.ts';
import { backupProperty } from './sqlite/put-back.ts';
import { openDatabase, prepareForWriting, sqliteEngine } from './sqlite/sqlite-engine.ts';
import { attachStaging, removeStaging } from './sqlite/staging.ts';
import { isNotADatabase, translateSqliteError } from './sqlite/translate-error.ts';
import { createPrivateFile, takeWriterLock } from './sqlite/writer-lock.ts';

export interface StoreOptions {
  /** The database file. Beside it lie `-wal` and `-shm` (SQLite's), `.staging`, `.lock`, `.lock.json` and the backups. */
  readonly path: string;
  /**
   * `write`: one process at a time; creates and migrates the store and settles what a crash left behind. `read`: any number,
   * also beside the writer; methods that write throw.
   */
  readonly mode: 'write' | 'read';
  readonly now: () => Moment;
  /** The program's version: names the backup that its successor makes before a migration. */
  readonly version: string;
  /** What the message says to another process that finds the store locked, for example `rollcall sync`. */
  readonly command?: string;
  /** The layout's steps; others than the program's own are for tests. */
  readonly migrations?: readonly Migration[];
}

/** "roll". */
const applicationId = 0x726f6c6c;

/**
 * Opens the store. Throws `STORE_LOCKED` (another process writes), `STORE_NOT_FOUND` (to be read, and nothing was ever stored),
 * `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_UNUSABLE` (directory, permissions, disk, no database or somebody else's).
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  try {
    return options.mode === 'write' ? await openForWriting(options) : await openForReading(options);
  } catch (error) {
    const translated = translateSqliteError(error, options.path);
    throw await withBackupNamed(translated, options.path);
  }
}

async function openForWriting(options: StoreOptions): Promise<Store> {
  const { path, now } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = await takeWriterLock(path, { command: options.command ?? 'rollcall', at: now() });
  try {
    await createPrivateFile(path);
    const engine = await openEngine(path, false, (opened, database) => makeReady(opened, database, options));
    return sqlStore({
      ...engine,
      async close() {
        await engine.close();
        await removeStaging(path);
        await lock.release();
      },
    });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openForReading(options: StoreOptions): Promise<Store> {
  const { path } = options;
  await assertStoreExists(path);
  const steps = options.migrations ?? migrations;
  let older = false;
  const engine = await openEngine(path, true, async ({ db }, database) => {
    const layout = assertUsable(await readLayout(db), database, options);
    if (layout === 'empty') {
      throw notFound(path);
    }
    await assertNotMoving(db, path, { file: path });
    older = layout < newestLayout(steps);
    await checkIntegrity(database, path);
  });
  if (!older) {
    return readOnlyStore(sqlStore(engine));
  }
  // The program was updated and nothing has written since: a reader migrates, like a writer, if nobody writes.
  await engine.close();
  const writer = await openForWriting(options);
  await writer.close();
  return openForReading(options);
}

/** Opens the database and does what `prepare` says; closes it again when that fails. */
async function openEngine(
  path: string,
  readOnly: boolean,
  prepare: (engine: StoreEngine, database: DatabaseSync) => Promise<void>,
): Promise<StoreEngine> {
  const database = openDatabase(path, readOnly);
  const engine = sqliteEngine(database, path);
  try {
    await prepare(engine, database);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function makeReady(engine: StoreEngine, database: DatabaseSync, options: StoreOptions): Promise<void> {
  const { path, now, version } = options;
  const { db } = engine;
  const steps = options.migrations ?? migrations;
  const layout = assertUsable(await readLayout(db), database, options);
  prepareForWriting(database);
  if (layout === 'empty') {
    markAsOurs(database);
    await prepareLayout(db);
  } else {
    await assertNotMoving(db, path, { file: path });
    await checkIntegrity(database, path);
    if (layout > 0 && layout < newestLayout(steps)) {
      const written = await db.selectFrom('property').select('value').where('name', '=', 'version').executeTakeFirst();
      const backup = await backUp(database, path, { version: written?.value ?? 'unknown', at: now() });
      await rememberProperty(db, backupProperty, basename(backup));
    }
  }
  await migrate(db, steps, layout === 'empty' ? 0 : layout, now());
  await attachStaging(database, path);
  await db.transaction().execute(async (tx) => {
    await interruptReads(tx, now(), {});
    await interruptRuns(tx, now(), {});
    await rememberVersion(tx, version);
  });
}

/** Tells the file apart from databases of other programs. */
export function markAsOurs(database: DatabaseSync): void {
  database.exec(`pragma application_id = ${applicationId}`);
}

/** Refuses somebody else's database before anything is changed in it, and a layout that this program does not know. */
export function assertUsable(
  layout: Layout,
  database: DatabaseSync,
  options: Pick<StoreOptions, 'path' | 'version' | 'migrations'>,
): Exclude<Layout, 'foreign'> {
  const { path } = options;
  const application = pragmaNumber(database, 'application_id');
  if (layout === 'foreign' || (application !== applicationId && !(layout === 'empty' && application === 0))) {
    throw new RollcallError('STORE_UNUSABLE', `${path} is a database of another program, not a rollcall store.`, { place: { file: path } });
  }
  const known = newestLayout(options.migrations ?? migrations);
  if (layout !== 'empty' && layout > known) {
    throw new RollcallError(
      'STORE_TOO_NEW',
      `The store ${path} has layout ${layout}; this rollcall (${options.version}) knows up to ${known}.`,
      {
        place: { file: path, layout, known },
      },
    );
  }
  return layout;
}

async function assertStoreExists(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ENOENT' ? notFound(path) : error;
  }
}

function notFound(path: string): RollcallError {
  return new RollcallError('STORE_NOT_FOUND', `There is no store at ${path} yet.`, { place: { file: path } });
}

/** Damage names the newest backup; a file that is no database any more is damage when it once was backed up. */
async function withBackupNamed(error: unknown, path: string): Promise<unknown> {
  if (!(error instanceof RollcallError) || 'backup' in error.place) {
    return error;
  }
  if (error.code === 'STORE_CORRUPT') {
    return corruptError(path, error.message, error);
  }
  if (isNotADatabase(error)) {
    const corrupt = await corruptError(path, 'the file is not a database', error);
    return corrupt.place.backup === null ? error : corrupt;
  }
  return error;
}
