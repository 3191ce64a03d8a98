import { Kysely, sql } from 'kysely';
import { RollcallError } from '../../../core/errors.ts';
import type { Registry } from '../../hub/registry/registry.ts';
import { passGate, withLayoutLock } from '../postgres/advisory-locks.ts';
import { type DatabasePlace, placeFacts, placeInWords } from '../postgres/database-place.ts';
import { assertServer } from '../postgres/open-postgres-store.ts';
import { postgresDialect } from '../postgres/postgres-dialect.ts';
import { hubSchemaName } from '../postgres/schema-names.ts';
import { openPool } from '../postgres/sessions.ts';
import { holdsRegistry, type MoveOptions, prepareRegistry, type RegistryWhere } from './layout.ts';
import { sqlRegistry } from './sql-registry.ts';
import type { RegistryTables } from './tables.ts';
import type { Transactions } from './transactions.ts';

export interface PostgresRegistryOptions {
  readonly place: DatabasePlace;
  /** Empty: the server asks for none. */
  readonly password: string;
  /** What the administrator of the database sees, for example `rollcall run`. */
  readonly command: string;
}

/** Each request of a collector asks for one for some milliseconds. */
const mostSessions = 4;
/** A hub that is paused in the middle of a transaction holds what others wait for. */
const idleInTransactionMs = 15_000;
/** Of a transaction that met another one. */
const mostAttempts = 3;
/** A deadlock; or another hub gave the name away since it was found free, which the next attempt sees. */
const passing: readonly unknown[] = ['40P01', '23505'];

/**
 * Opens the registry in a schema of its own, and makes it when there is none; any number of hubs at once. Throws `STORE_UNREACHABLE`,
 * `STORE_REFUSED`, `STORE_TLS`, `STORE_LOCKED` (it is being moved), `STORE_MOVING`, `STORE_MOVED`, `STORE_TOO_NEW`, `STORE_UNUSABLE`; so does each method later, and the call
 * after one that lost its connection has another.
 */
export async function openPostgresRegistry({ place, password, command }: PostgresRegistryOptions): Promise<Registry> {
  const pool = await openPool(place, password, {
    schema: hubSchemaName,
    most: mostSessions,
    readOnly: false,
    command,
    idleMs: 0,
    idleInTransactionMs,
  });
  const prepare: Parameters<typeof postgresDialect>[0]['prepare'] = (client) => passGate(client, place);
  const db = new Kysely<RegistryTables>({ dialect: postgresDialect({ pool, place, prepare }) });
  try {
    await makeReady(db, place);
    return sqlRegistry(sideBySide(db), () => db.destroy());
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Reads the registry beside whoever writes it; `null`: there is none yet. Throws what opening it throws, but not `STORE_LOCKED`. */
export async function readPostgresRegistry<Result>(
  { place, password, command }: PostgresRegistryOptions,
  read: (registry: Pick<Registry, 'collectors' | 'openInvitations'>) => Promise<Result>,
): Promise<Result | null> {
  const pool = await openPool(place, password, { schema: hubSchemaName, most: 1, readOnly: true, command, idleMs: 0, idleInTransactionMs });
  const db = new Kysely<RegistryTables>({ dialect: postgresDialect({ pool, place, prepare: null }) });
  try {
    return (await holdsRegistry(db, databaseWhere(place))) ? await read(sqlRegistry(sideBySide(db), () => Promise.resolve())) : null;
  } finally {
    await db.destroy();
  }
}

/** Makes the tables. Of several processes one does, and the others find it done. */
export async function makeReady(db: Kysely<RegistryTables>, place: DatabasePlace, options: MoveOptions = {}): Promise<void> {
  const where = databaseWhere(place);
  await assertServer(db, place);
  if (await holdsRegistry(db, where, options)) return;
  await db.connection().execute((session) =>
    withLayoutLock(session, async () => {
      const { rows } = await sql`select 1 from pg_namespace where nspname = ${hubSchemaName}`.execute(session);
      if (rows.length === 0) await sql`create schema ${sql.id(hubSchemaName)}`.execute(session);
      await prepareRegistry(session, where, options);
    }),
  );
}

export function databaseWhere(place: DatabasePlace): RegistryWhere {
  return { words: `schema "${hubSchemaName}" of ${placeInWords(place)}`, facts: placeFacts(place), schema: hubSchemaName };
}

/**
 * Each on a session of its own, as other hubs are: what a decision rests on is a row that the transaction holds, or a unique index. That
 * needs statements that see what was committed before each of them, whatever the role's default is.
 */
function sideBySide(db: Kysely<RegistryTables>): Transactions {
  return {
    async run(work) {
      for (let attempt = 1; ; attempt += 1) {
        let isBegun = false;
        try {
          return await db
            .transaction()
            .setIsolationLevel('read committed')
            .execute((tx) => {
              isBegun = true;
              return work(tx);
            });
        } catch (error) {
          const mayPass = isBegun ? attempt < mostAttempts && wasInTheWay(error) : attempt === 1 && isUnreachable(error);
          if (!mayPass) throw error;
        }
      }
    },
    async single(work) {
      try {
        return await work(db);
      } catch (error) {
        if (!isUnreachable(error) && !isOutOfStep(error)) throw error;
        return work(db);
      }
    },
    settled: () => Promise.resolve(),
  };
}

/** The server has rolled back what was done. */
function wasInTheWay(error: unknown): boolean {
  return error instanceof RollcallError && passing.includes(error.place['sqlState']);
}

/** Where a role's default isolates more than is asked for above. */
function isOutOfStep(error: unknown): boolean {
  return error instanceof RollcallError && error.place['sqlState'] === '40001';
}

/** A session of the pool that had ended long before shows it at its next use. */
function isUnreachable(error: unknown): boolean {
  return error instanceof RollcallError && error.code === 'STORE_UNREACHABLE';
}
