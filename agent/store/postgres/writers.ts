import { hostname } from 'node:os';
import type { Kysely } from 'kysely';
import type pg from 'pg';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import { interruptRuns } from '../journal.ts';
import { interruptReads } from '../reads.ts';
import type { StoreTables } from '../tables.ts';
import { holdWriter, holdWriterAgain, isWriterGone, passGate, releaseAll } from './advisory-locks.ts';
import { type DatabasePlace, placeFacts, placeInWords } from './database-place.ts';
import { endLeases } from './leases.ts';

/** Who this process is to the others that share the database; its sessions show that it lives. */
export class WriterIdentity {
  readonly #place: DatabasePlace;
  #id: number | null = null;

  constructor(place: DatabasePlace) {
    this.#place = place;
  }

  /** `null` before `register`. */
  get id(): number | null {
    return this.#id;
  }

  /**
   * Makes a new session one of this writer. Throws `STORE_LOCKED` while the store is moved, and `STORE_UNREACHABLE` when others have
   * taken this process for dead meanwhile: what it was doing is over, and it must not go on with it.
   */
  readonly prepare = async (client: pg.ClientBase): Promise<void> => {
    await passGate(client, this.#place);
    if (this.#id === null) return;
    await holdWriterAgain(client, this.#id);
    const { rowCount } = await client.query('select 1 from writer where id = $1', [this.#id]);
    if (rowCount === 1) return;
    throw new RollcallError(
      'STORE_UNREACHABLE',
      `The connection was lost, and another rollcall has ended what this one was doing (${placeInWords(this.#place)}).`,
      { place: placeFacts(this.#place) },
    );
  };

  /** The row is seen by nobody before the lock is held. */
  async register(db: Kysely<StoreTables>, writer: { readonly command: string; readonly at: Moment }): Promise<number> {
    const id = await db.transaction().execute(async (tx) => {
      const row = await tx
        .insertInto('writer')
        .values({ host: hostname(), pid: process.pid, command: writer.command, started_at: writer.at })
        .returning('id')
        .executeTakeFirstOrThrow();
      await holdWriter(tx, row.id);
      return row.id;
    });
    this.#id = id;
    return id;
  }

  /** What is left running is ended by the next one that opens the store. */
  async leave(db: Kysely<StoreTables>): Promise<void> {
    if (this.#id === null) return;
    await db
      .deleteFrom('writer')
      .where('id', '=', this.#id)
      .where((eb) =>
        eb.not(
          eb.exists(eb.selectFrom('run').select('run.id').where('run.outcome', '=', 'running').whereRef('run.writer_id', '=', 'writer.id')),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom('read').select('read.id').where('read.outcome', '=', 'running').whereRef('read.writer_id', '=', 'writer.id'),
          ),
        ),
      )
      .execute();
    await releaseAll(db);
  }
}

/** Ends runs and reads of other writers than `self` of whom no session is left, and those without a writer, which came with a store that was moved here. */
export async function endDeadWriters(db: Kysely<StoreTables>, self: number, at: Moment): Promise<void> {
  const writers = await db.selectFrom('writer').selectAll().where('id', '!=', self).orderBy('id').execute();
  for (const writer of writers) {
    const { id } = writer;
    await db.transaction().execute(async (tx) => {
      if (!(await isWriterGone(tx, id))) return;
      // Leases first, as whoever takes one over: two that meet wait for each other in one order.
      await endLeases(tx, writer);
      await interruptReads(tx, at, { writer: id });
      await interruptRuns(tx, at, { writer: id });
      await tx.deleteFrom('writer').where('id', '=', id).execute();
    });
  }
  await db.transaction().execute(async (tx) => {
    await interruptReads(tx, at, { writer: null });
    await interruptRuns(tx, at, { writer: null });
  });
}
