import { newestLayout } from '../migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { closeGate } from '../postgres/advisory-locks.ts';
import { type DatabasePlace, placeInWords } from '../postgres/database-place.ts';
import { makeReady, notFound, openPostgresStore, usableLayout } from '../postgres/open-postgres-store.ts';
import { postgresEngine } from '../postgres/postgres-engine.ts';
import type { MoveSettings } from './embedded-side.ts';
import { postgresLastIds } from './last-ids.ts';
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
    return { db, kind: 'postgresql', words, identity, lastIds: postgresLastIds, close: () => engine.close() };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
