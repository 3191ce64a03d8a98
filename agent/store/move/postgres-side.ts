import { sql } from 'kysely';
import { newestLayout } from '../migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { closeGate } from '../postgres/advisory-locks.ts';
import { type DatabasePlace, placeInWords } from '../postgres/database-place.ts';
import { makeReady, notFound, openPostgresStore, usableLayout } from '../postgres/open-postgres-store.ts';
import { postgresEngine } from '../postgres/postgres-engine.ts';
import type { MoveSettings } from './embedded-side.ts';
import { movedTables } from './moved-tables.ts';
import { identityOf, type StoreSide } from './store-side.ts';

/** A database and the password of its role. */
export interface DatabaseAccess {
  readonly place: DatabasePlace;
  readonly password: string;
}

/** The store that is moved; only its layout is brought up to date. Throws what opening it for reading throws, and `STORE_LOCKED`. */
export async function postgresSource(access: DatabaseAccess, settings: MoveSettings): Promise<StoreSide> {
  await (await openPostgresStore({ ...access, ...settings, mode: 'read' })).close();
  return sideOf(access, settings, true);
}

/** The store that is moved to; its tables are made. Throws what opening it for writing throws, and `STORE_LOCKED`. */
export function postgresTarget(access: DatabaseAccess, settings: MoveSettings): Promise<StoreSide> {
  return sideOf(access, settings, false);
}

async function sideOf({ place, password }: DatabaseAccess, settings: MoveSettings, readOnly: boolean): Promise<StoreSide> {
  const engine = await postgresEngine({
    place,
    password,
    command: settings.command,
    readOnly,
    prepare: (client) => closeGate(client, place),
  });
  const { db } = engine;
  const options = { place, ...settings, beingMoved: true };
  try {
    if (readOnly) {
      // Whoever was there before the gate was closed may have been of a newer version.
      if ((await usableLayout(db, options)) !== newestLayout(migrations)) throw notFound(place);
    } else await makeReady(db, options);
    const words = placeInWords(place);
    const identity = await identityOf(db, words);
    return { db, kind: 'postgresql', words, identity, lastIds: () => lastIds(db), setLastIds, close: () => engine.close() };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function lastIds(db: StoreSide['db']): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  for (const { name } of movedTables.filter(({ numbered }) => numbered)) {
    const { rows } = await sql<{
      id: number | null;
    }>`select pg_sequence_last_value(pg_get_serial_sequence(${name}, 'id')::regclass) as id`.execute(db);
    ids.set(name, rows[0]?.id ?? 0);
  }
  return ids;
}

async function setLastIds(db: StoreSide['db'], ids: ReadonlyMap<string, number>): Promise<void> {
  for (const { name } of movedTables.filter(({ numbered }) => numbered)) {
    const id = ids.get(name) ?? 0;
    await sql`select setval(pg_get_serial_sequence(${name}, 'id')::regclass, ${Math.max(1, id)}::bigint, ${id > 0}::boolean)`.execute(db);
  }
}
