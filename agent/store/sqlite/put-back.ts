import { open, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Moment } from '../../../core/model/time.ts';
import { judgePutBack, type PutBackVerdict, type StoreMarks } from '../../../core/upgrade/store-put-back.ts';
import { newestLayout } from '../migrate.ts';
import { type Migration, migrations } from '../migrations/migrations.ts';
import { checkIntegrity } from './integrity.ts';
import { openDatabase } from './sqlite-engine.ts';
import { removeStaging } from './staging.ts';
import { translateSqliteError } from './translate-error.ts';
import { takeWriterLock } from './writer-lock.ts';

export interface PutBackOptions {
  readonly path: string;
  readonly now: () => Moment;
  /** What the message says to another process that finds the store locked. */
  readonly command: string;
  /** Asked once nobody else can write to the store: whether the release that migrated it is still one that was given up. */
  readonly isAllowed: () => Promise<boolean>;
  /** The layout's steps; others than the program's own are for tests. */
  readonly migrations?: readonly Migration[];
}

/** The property of a store that names the backup that was made before its last migration. */
export const backupProperty = 'backup';

/** Each release that was given up left one at most. */
const mostBackups = 10;

/**
 * Puts a store that a later release has migrated back to its own backup from before, when nothing was done with it since. The backup
 * becomes the store by one renaming: a power cut leaves the one or the other, and no room on the disk is needed. Throws `STORE_LOCKED`
 * when another process writes, `STORE_CORRUPT` for a damaged backup, else what opening a store throws.
 */
export async function putStoreBack(options: PutBackOptions): Promise<PutBackVerdict> {
  const { path, now, command } = options;
  try {
    const lock = await takeWriterLock(path, { command, at: now() });
    try {
      return (await options.isAllowed()) ? await putBack(options) : 'not needed';
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw translateSqliteError(error, path);
  }
}

async function putBack({ path, migrations: steps = migrations }: PutBackOptions): Promise<PutBackVerdict> {
  const known = newestLayout(steps);
  let store = read(path, (database) => marksOf(database));
  for (let hops = 0; hops < mostBackups; hops += 1) {
    const backup = await backupOf(path, store);
    const marks = backup === null ? null : read(backup, (database) => marksOf(database));
    const verdict = judgePutBack(store, marks, known);
    if (backup !== null && marks !== null && verdict === 'look further') {
      store = marks;
      continue;
    }
    if (backup === null || verdict !== 'put back') return verdict;
    await exchange(path, backup);
    return 'put back';
  }
  return 'no backup';
}

async function exchange(path: string, backup: string): Promise<void> {
  const database = openDatabase(backup, true);
  try {
    await checkIntegrity(database, backup);
  } finally {
    database.close();
  }
  endLog(path);
  await removeStaging(path);
  await rename(backup, path);
  await keepFolder(dirname(path));
}

/**
 * Brings what stands in the log into the file, and does away with the log: beside another file it would be applied to that. SQLite does so
 * only when nobody else has the store open.
 */
function endLog(path: string): void {
  const database = openDatabase(path, false);
  try {
    database.exec('pragma journal_mode = delete');
  } finally {
    database.close();
  }
}

/** The backup that the store names, when it is there and lies beside it. */
async function backupOf(path: string, { backup }: StoreMarks): Promise<string | null> {
  if (backup === null || basename(backup) !== backup || !backup.startsWith(`${basename(path)}.`) || !backup.endsWith('.backup'))
    return null;
  const file = join(dirname(path), backup);
  const facts = await stat(file).catch(() => null);
  return facts?.isFile() === true ? file : null;
}

function read<Result>(path: string, work: (database: DatabaseSync) => Result): Result {
  const database = openDatabase(path, true);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function marksOf(database: DatabaseSync): StoreMarks {
  const layout = Number(database.prepare('select max(id) as id from migration').get()?.['id'] ?? 0);
  const row = database.prepare('select value from property where name = ?').get(backupProperty);
  return { layout, activity: activityOf(database), backup: row === undefined ? null : String(row['value']) };
}

/** A later layout may have no such tables: then nothing can be said. */
function activityOf(database: DatabaseSync): string | null {
  try {
    const row = database
      .prepare(
        `select (select count(*) from run) as runs, (select max(id) from run) as lastRun,
           (select count(*) from journal) as writes, (select max(id) from journal) as lastWrite,
           (select count(*) from decision) as decisions`,
      )
      .get();
    return JSON.stringify(row);
  } catch {
    return null;
  }
}

async function keepFolder(folder: string): Promise<void> {
  // Windows has no such call, and needs none.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
