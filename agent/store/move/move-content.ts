import { RollcallError } from '../../../core/errors.ts';
import { fromJson, toJson } from '../json.ts';
import { movingProperty } from '../moving.ts';
import { type Digest, digest } from './digest.ts';
import { clearTables, countRows, type Database, insertRows, keyOf, movedTables, rowsAfter, type Value } from './moved-tables.ts';
import type { StoreSide } from './store-side.ts';

/** A table on both sides, compared. */
export interface MovedCount extends Digest {
  readonly table: string;
}

export interface MoveResult {
  readonly tables: readonly MovedCount[];
  /** It went on where an earlier one was stopped. */
  readonly resumed: boolean;
}

/** How far a move has come; written with each batch, so that it is never ahead of or behind the rows. */
interface Progress {
  readonly source: string;
  /** `null`: no table yet. */
  readonly table: string | null;
  readonly after: readonly Value[];
}

export interface MoveWatcher {
  readonly signal: AbortSignal;
  /** Rows copied, then rows compared, of twice as many as there are. */
  readonly onProgress: (done: number, total: number) => void;
  /** Brings over what goes along, when all of the store is there and nobody may use it yet; done again after a kill. */
  readonly beforeEnd?: () => Promise<readonly MovedCount[]>;
}

/**
 * Copies all content and compares it, row by row. Until both are equal the target is refused for use; stopped or killed, it goes on
 * when it is called again. Throws `STORE_NOT_EMPTY` when the target holds anything but an unfinished move from the same source,
 * `INTERRUPTED`, and `INTERNAL` when the copy differs.
 */
export async function moveContent(source: StoreSide, target: StoreSide, watcher: MoveWatcher): Promise<MoveResult> {
  const begun = await progressOf(target);
  if (begun === null ? await hasContent(target.db) : begun.source !== source.identity) {
    throw new RollcallError('STORE_NOT_EMPTY', `There is a store with content at the target already (${target.words}).`, {
      place: { target: target.words },
    });
  }
  const count = await counter(source.db, watcher);
  const isAsCopied = begun !== null && (await isPrefix(source, target, begun));
  const progress: Progress = isAsCopied ? begun : { source: source.identity, table: null, after: [] };
  // The source was written to after an earlier attempt: what that one copied is out of date.
  if (!isAsCopied) await startOver(target.db, progress);
  await copy(source, target, progress, count);
  const { tables, differing } = await compare(source, target, count);
  if (differing !== null) {
    throw new RollcallError('INTERNAL', `The copy of table ${differing} is not equal to the original; the target is not used.`, {
      place: { table: differing, target: target.words },
    });
  }
  const alongside = (await watcher.beforeEnd?.()) ?? [];
  const ids = await source.lastIds.get(source.db, movedTables);
  await target.db.transaction().execute(async (tx) => {
    await target.lastIds.set(tx, movedTables, ids);
    await tx.deleteFrom('property').where('name', '=', movingProperty).execute();
  });
  return { tables: [...tables, ...alongside], resumed: progress.table !== null };
}

async function copy(source: StoreSide, target: StoreSide, from: Progress, count: (rows: number) => void): Promise<void> {
  const first = Math.max(
    0,
    movedTables.findIndex(({ name }) => name === from.table),
  );
  for (const table of movedTables.slice(first)) {
    let after = table.name === from.table ? from.after : null;
    for (;;) {
      const rows = await rowsAfter(source.db, table, after);
      const last = rows.at(-1);
      if (last === undefined) break;
      const reached = keyOf(table, last);
      await target.db.transaction().execute(async (tx) => {
        await insertRows(tx, table, rows);
        await saveProgress(tx, { ...from, table: table.name, after: reached });
      });
      after = reached;
      count(rows.length);
    }
  }
}

async function compare(
  source: StoreSide,
  target: StoreSide,
  count: (rows: number) => void,
): Promise<{ readonly tables: readonly MovedCount[]; readonly differing: string | null }> {
  const tables: MovedCount[] = [];
  for (const table of movedTables) {
    const original = await digest(source.db, table, count);
    const copied = await digest(target.db, table, () => undefined);
    if (original.checksum !== copied.checksum || original.rows !== copied.rows) return { tables, differing: table.name };
    tables.push({ table: table.name, ...original });
  }
  return { tables, differing: null };
}

/** Whether what an earlier attempt has copied is still what the source has there. */
async function isPrefix(source: StoreSide, target: StoreSide, { table: reached }: Progress): Promise<boolean> {
  const uncounted = (): void => undefined;
  for (const table of movedTables) {
    const copied = await digest(target.db, table, uncounted);
    if (table.name === reached || reached === null) {
      return (await digest(source.db, table, uncounted, copied.rows)).checksum === copied.checksum;
    }
    if ((await digest(source.db, table, uncounted)).checksum !== copied.checksum) return false;
  }
  return true;
}

async function counter(db: Database, { signal, onProgress }: MoveWatcher): Promise<(rows: number) => void> {
  let total = 0;
  for (const table of movedTables) total += 2 * (await countRows(db, table));
  let done = 0;
  return (rows) => {
    done += rows;
    onProgress(Math.min(done, total), total);
    if (signal.aborted) throw new RollcallError('INTERRUPTED', 'The move was interrupted; the same command goes on with it.');
  };
}

async function hasContent(db: Database): Promise<boolean> {
  for (const table of movedTables) {
    if ((await rowsAfter(db, { ...table, atOnce: 1 }, null)).length > 0) return true;
  }
  return false;
}

async function progressOf({ db }: StoreSide): Promise<Progress | null> {
  const row = await db.selectFrom('property').select('value').where('name', '=', movingProperty).executeTakeFirst();
  return row === undefined ? null : (fromJson(row.value, 'property.value') as Progress);
}

async function saveProgress(db: Database, progress: Progress): Promise<void> {
  await db
    .insertInto('property')
    .values({ name: movingProperty, value: toJson(progress) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
    .execute();
}

async function startOver(db: Database, progress: Progress): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await clearTables(tx, movedTables);
    await saveProgress(tx, progress);
  });
}
