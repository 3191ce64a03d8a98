import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import type pg from 'pg';
import { RollcallError } from '../../../core/errors.ts';
import type { StoreTables } from '../tables.ts';
import { type DatabasePlace, placeFacts, placeInWords } from './database-place.ts';

/** "roll" and the next two: the first halves of our advisory locks. The first goes with the id of a writer, the second with `storeLocks`. */
const writerLocks = 0x726f6c6c;
const wholeStoreLocks = 0x726f6c6d;

/** `gate`: shared by whoever writes, exclusive for whoever moves the whole store. `layout`: exclusive while tables are made. */
const storeLocks = { gate: 1, layout: 2 } as const;

/** A process that has just ended, or was killed, may hold its lock for a moment more: the server has to notice. */
const gatePatienceMs = 2_000;
const gateEveryMs = 50;

/** Shared for as long as the session lives; refused while somebody has the store for himself. Throws `STORE_LOCKED`. */
export async function passGate(client: pg.ClientBase, place: DatabasePlace): Promise<void> {
  if (await tryGate(client, 'select pg_try_advisory_lock_shared($1, $2) as held')) return;
  throw gateError(`The store is being moved by another process (${placeInWords(place)}).`, place);
}

/** The gate for one session alone, which moves the store. Throws `STORE_LOCKED` when anybody writes. */
export async function closeGate(client: pg.ClientBase, place: DatabasePlace): Promise<void> {
  if (await tryGate(client, 'select pg_try_advisory_lock($1, $2) as held')) return;
  throw gateError(`Other rollcall processes are using the store (${placeInWords(place)}).`, place);
}

async function tryGate(client: pg.ClientBase, question: string): Promise<boolean> {
  const until = performance.now() + gatePatienceMs;
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(question, [wholeStoreLocks, storeLocks.gate]);
    if (rows[0]?.held === true) return true;
    if (performance.now() >= until) return false;
    await pause(gateEveryMs);
  }
}

function gateError(message: string, place: DatabasePlace): RollcallError {
  return new RollcallError('STORE_LOCKED', message, { place: placeFacts(place) });
}

/** One at a time makes or changes tables; the others wait. `db` is one session. */
export async function withLayoutLock<Answer>(db: QueryExecutorProvider, work: () => Promise<Answer>): Promise<Answer> {
  await sql`select pg_advisory_lock(${wholeStoreLocks}::int, ${storeLocks.layout}::int)`.execute(db);
  try {
    return await work();
  } finally {
    // A session that was lost has let go of it by itself.
    await sql`select pg_advisory_unlock(${wholeStoreLocks}::int, ${storeLocks.layout}::int)`.execute(db).catch(() => undefined);
  }
}

/** Shows that the writer lives, until the session ends. Several sessions of one process may hold it. */
export async function holdWriter(db: Kysely<StoreTables>, id: number): Promise<void> {
  await sql`select pg_advisory_lock_shared(${writerLocks}::int, ${id}::int)`.execute(db);
}

/** The same for a session that kysely does not have yet. Waits for whoever is just finding out whether the writer lives. */
export async function holdWriterAgain(client: pg.ClientBase, id: number): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1, $2)', [writerLocks, id]);
}

/** Says whether no session of the writer is left; then it stays so until the transaction ends. */
export async function isWriterGone(tx: Kysely<StoreTables>, id: number): Promise<boolean> {
  const { rows } = await sql<{ gone: boolean }>`select pg_try_advisory_xact_lock(${writerLocks}::int, ${id}::int) as gone`.execute(tx);
  return rows[0]?.gone === true;
}

/** Lets go of all that the session holds: at its end the server would, but some time later. */
export async function releaseAll(db: Kysely<StoreTables>): Promise<void> {
  await sql`select pg_advisory_unlock_all()`.execute(db);
}
