import type { Kysely } from 'kysely';
import { RollcallError } from '../../../core/errors.ts';
import { movedProperty, movingProperty } from '../moving.ts';
import type { RegistryPlace } from '../registry/open-configured-registry.ts';
import type { RegistryTables } from '../registry/tables.ts';
import { digest } from './digest.ts';
import type { MoveSettings } from './embedded-side.ts';
import type { MovedCount } from './move-content.ts';
import { clearTables, insertRows, keyOf, rowsAfter, type Table, type Value } from './moved-tables.ts';
import { openSide, type RegistrySide } from './registry-side.ts';

interface RegistryTable extends Table {
  readonly name: Exclude<keyof RegistryTables, 'property'>;
}

/** In an order in which every row finds what it refers to. */
const tables: readonly RegistryTable[] = [
  { name: 'invitation', key: ['id'], numbered: false, atOnce: 500 },
  { name: 'collector', key: ['id'], numbered: false, atOnce: 500 },
  { name: 'collector_key', key: ['id'], numbered: true, atOnce: 500 },
  { name: 'audit', key: ['id'], numbered: true, atOnce: 500 },
];

/** A hub's collectors, which go along with the store. */
export interface RegistryMove {
  /** Copies, compares, and closes the source for use. Done again, it changes nothing. */
  carryOut(): Promise<readonly MovedCount[]>;
  close(): Promise<void>;
}

const nothing: RegistryMove = { carryOut: () => Promise.resolve([]), close: () => Promise.resolve() };

/**
 * Opens both registries, locked against everybody else. Throws what opening them throws, `STORE_NOT_EMPTY` when the target has collectors
 * of its own, and `STORE_MOVED` when the source was moved to another place before.
 */
export async function prepareRegistryMove(from: RegistryPlace, to: RegistryPlace, settings: MoveSettings): Promise<RegistryMove> {
  const source = await openSide(from, settings, { make: false });
  if (source === null) return nothing;
  let target: RegistrySide | null = null;
  const close = async (): Promise<void> => {
    await target?.close();
    await source.close();
  };
  try {
    target = await openSide(to, settings, { make: await hasContent(source.db) });
    // A hub that never invited anybody takes nothing along, but makes a place usable again that was left.
    if (target === null || (!(await hasContent(source.db)) && (await marksOf(target.db)).moved === null)) {
      await close();
      return nothing;
    }
    const opened = target;
    const isDone = await isMoved(source, opened);
    return { carryOut: () => (isDone ? counted(opened.db) : carryOut(source, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether an earlier attempt has done it. */
async function isMoved(source: RegistrySide, target: RegistrySide): Promise<boolean> {
  const [ofSource, ofTarget] = [await marksOf(source.db), await marksOf(target.db)];
  if (ofSource.moved !== null && ofSource.moved !== target.words) {
    throw new RollcallError('STORE_MOVED', `The registry of collectors was moved already (${source.words}), to ${ofSource.moved}.`, {
      place: { source: source.words },
    });
  }
  if (ofTarget.moving === source.words) return false;
  if (ofSource.moved !== null && ofTarget.moved === null) return true;
  // What was moved away from there is out of date.
  if (ofTarget.moved === null && (ofTarget.moving !== null || (await hasContent(target.db)))) {
    throw new RollcallError('STORE_NOT_EMPTY', `There are collectors of a hub at the target already (${target.words}).`, {
      place: { target: target.words },
    });
  }
  return false;
}

async function carryOut(source: RegistrySide, target: RegistrySide): Promise<readonly MovedCount[]> {
  const ids = await source.lastIds.get(source.db, tables);
  const counts = await target.db.transaction().execute(async (tx) => {
    await clearTables(tx, tables);
    for (const table of tables) await copy(source.db, tx, table);
    await target.lastIds.set(tx, tables, ids);
    await unmark(tx, movedProperty);
    await mark(tx, movingProperty, source.words);
    const copied = await counted(tx);
    const original = await counted(source.db);
    const differing = original.find(({ checksum }, index) => checksum !== copied[index]?.checksum);
    if (differing === undefined) return copied;
    throw new RollcallError('INTERNAL', `The copy of table ${differing.table} is not equal to the original; the target is not used.`, {
      place: { table: differing.table, target: target.words },
    });
  });
  // From here on the source is not used, from the next line on the target is: never both.
  await mark(source.db, movedProperty, target.words);
  await unmark(target.db, movingProperty);
  return counts;
}

async function copy(from: Kysely<RegistryTables>, to: Kysely<RegistryTables>, table: RegistryTable): Promise<void> {
  let after: readonly Value[] | null = null;
  for (;;) {
    const rows = await rowsAfter(from, table, after);
    const last = rows.at(-1);
    if (last === undefined) return;
    await insertRows(to, table, rows);
    after = keyOf(table, last);
  }
}

async function counted(db: Kysely<RegistryTables>): Promise<readonly MovedCount[]> {
  const counts: MovedCount[] = [];
  for (const table of tables) counts.push({ table: `hub.${table.name}`, ...(await digest(db, table, () => undefined)) });
  return counts;
}

async function hasContent(db: Kysely<RegistryTables>): Promise<boolean> {
  for (const table of tables) {
    if ((await rowsAfter(db, { ...table, atOnce: 1 }, null)).length > 0) return true;
  }
  return false;
}

/** Where it was moved to, and from where it is being filled; `null`: neither. */
async function marksOf(db: Kysely<RegistryTables>): Promise<{ readonly moved: string | null; readonly moving: string | null }> {
  const rows = await db.selectFrom('property').selectAll().execute();
  const value = (name: string): string | null => rows.find((row) => row.name === name)?.value ?? null;
  return { moved: value(movedProperty), moving: value(movingProperty) };
}

async function mark(db: Kysely<RegistryTables>, name: string, value: string): Promise<void> {
  await db
    .insertInto('property')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

async function unmark(db: Kysely<RegistryTables>, name: string): Promise<void> {
  await db.deleteFrom('property').where('name', '=', name).execute();
}
