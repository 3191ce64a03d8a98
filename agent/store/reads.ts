import type { Kysely, Selectable, Transaction } from 'kysely';
import { RollcallError } from '../../core/errors.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { ReadProof } from '../../core/ports/directory-source.ts';
import type { ReadRecord, ReadSink, Store } from '../../core/ports/store.ts';
import { chunks } from './chunks.ts';
import type { StoreEngine } from './engine.ts';
import { fromNullableJson, toJson } from './json.ts';
import { landRead, type ReadInProgress } from './land-read.ts';
import type { StoreTables } from './tables.ts';

/** Begins a read. An earlier read of the same source that still runs is over: its sink takes nothing any more. */
export async function beginRead(engine: StoreEngine, read: Parameters<Store['beginRead']>[0]): Promise<ReadSink> {
  const { organization, collector, directory } = read;
  const begun = await engine.db.transaction().execute(async (tx): Promise<ReadInProgress> => {
    await tx
      .insertInto('source')
      .values({ organization, collector, directory, latest_read_id: null, latest_complete_read_id: null, family: null })
      .onConflict((conflict) => conflict.columns(['organization', 'collector', 'directory']).doNothing())
      .execute();
    const source = await tx
      .selectFrom('source')
      .selectAll()
      .where('organization', '=', organization)
      .where('collector', '=', collector)
      .where('directory', '=', directory)
      .executeTakeFirstOrThrow();
    await interruptReads(tx, read.at, source.id);
    const { id } = await tx
      .insertInto('read')
      .values({
        source_id: source.id,
        source_type: read.sourceType,
        started_at: read.at,
        finished_at: null,
        outcome: 'running',
        proof: null,
        error: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.updateTable('source').set({ latest_read_id: id }).where('id', '=', source.id).execute();
    return {
      readId: id,
      sourceId: source.id,
      organization,
      family: source.family,
      latestCompleteReadId: source.latest_complete_read_id,
    };
  });
  return new StagingReadSink(engine, begun);
}

/** Ends reads that still run, of one source or of all: their process is gone, or a newer read took their place. */
export async function interruptReads(tx: Transaction<StoreTables>, at: Moment, sourceId?: number): Promise<void> {
  let running = tx.selectFrom('read').select('id').where('outcome', '=', 'running');
  if (sourceId !== undefined) {
    running = running.where('source_id', '=', sourceId);
  }
  const ids = (await running.execute()).map(({ id }) => id);
  if (ids.length === 0) {
    return;
  }
  await tx.deleteFrom('staged_entry').where('read_id', 'in', ids).execute();
  await tx.updateTable('read').set({ outcome: 'failed', error: 'INTERRUPTED', finished_at: at }).where('id', 'in', ids).execute();
}

/** The columns of a read with those of its source, as `readRecord` takes them. */
export type ReadRow = Selectable<StoreTables['read']> & Pick<Selectable<StoreTables['source']>, 'organization' | 'collector' | 'directory'>;

export function selectReads(db: Kysely<StoreTables>) {
  return db
    .selectFrom('read')
    .innerJoin('source', 'source.id', 'read.source_id')
    .selectAll('read')
    .select(['source.organization', 'source.collector', 'source.directory']);
}

export function readRecord(row: ReadRow): ReadRecord {
  return {
    id: row.id,
    organization: organizationId(row.organization),
    collector: row.collector,
    directory: row.directory,
    sourceType: row.source_type,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    proof: fromNullableJson(row.proof, 'read.proof') as ReadProof | null,
    error: row.error,
  };
}

class StagingReadSink implements ReadSink {
  readonly #engine: StoreEngine;
  readonly #read: ReadInProgress;
  #added = 0;

  constructor(engine: StoreEngine, read: ReadInProgress) {
    this.#engine = engine;
    this.#read = read;
  }

  async add(entries: readonly DirectoryEntry[]): Promise<void> {
    await this.#engine.relaxedTransaction(async (tx) => {
      await this.#assertRunning(tx);
      for (const chunk of chunks(entries)) {
        await this.#stage(tx, chunk);
      }
    });
    this.#added += entries.length;
  }

  async restart(): Promise<void> {
    await this.#engine.relaxedTransaction(async (tx) => {
      await this.#assertRunning(tx);
      await tx.deleteFrom('staged_entry').where('read_id', '=', this.#read.readId).execute();
    });
    this.#added = 0;
  }

  async complete(proof: ReadProof, at: Moment): Promise<ReadRecord> {
    if (!proof.complete) {
      throw new RollcallError('INTERNAL', 'A read that is not proven complete was to be landed; nothing was stored (C1).');
    }
    if (proof.users !== this.#added) {
      throw new RollcallError('INTERNAL', 'A read handed over another number of users than it says; nothing was stored (C1).', {
        place: { users: proof.users, added: this.#added },
      });
    }
    return this.#engine.db.transaction().execute(async (tx) => {
      await this.#assertRunning(tx);
      await landRead(tx, this.#read, { family: proof.family, at });
      await tx
        .updateTable('source')
        .set({ latest_complete_read_id: this.#read.readId, family: proof.family })
        .where('id', '=', this.#read.sourceId)
        .execute();
      return this.#finish(tx, { outcome: 'complete', proof, error: null, at });
    });
  }

  async abandon(outcome: 'incomplete' | 'failed', error: string, proof: ReadProof | null, at: Moment): Promise<ReadRecord> {
    return this.#engine.db.transaction().execute(async (tx) => {
      await this.#assertRunning(tx);
      return this.#finish(tx, { outcome, proof, error, at });
    });
  }

  /** Entries that are as they are stored are staged by their id alone. */
  async #stage(tx: Transaction<StoreTables>, entries: readonly DirectoryEntry[]): Promise<void> {
    const { readId, sourceId, organization, family } = this.#read;
    const stored = new Map<string, string>();
    if (family !== null) {
      const rows = await tx
        .selectFrom('sighting')
        .select(['user_id', 'entry'])
        .where('organization', '=', organization)
        .where('source_id', '=', sourceId)
        .where(
          'user_id',
          'in',
          entries.map(({ immutableId }) => `${family}/${immutableId}`),
        )
        .execute();
      for (const row of rows) {
        stored.set(row.user_id, row.entry);
      }
    }
    // A user that is handed over twice counts once, as it was last seen: one statement must not meet a key twice.
    const staged = new Map<string, { read_id: number; immutable_id: string; entry: string | null }>();
    for (const entry of entries) {
      const text = toJson(entry);
      const unchanged = stored.get(`${family}/${entry.immutableId}`) === text;
      staged.set(entry.immutableId, { read_id: readId, immutable_id: entry.immutableId, entry: unchanged ? null : text });
    }
    await tx
      .insertInto('staged_entry')
      .values([...staged.values()])
      .onConflict((conflict) => conflict.columns(['read_id', 'immutable_id']).doUpdateSet((eb) => ({ entry: eb.ref('excluded.entry') })))
      .execute();
  }

  async #assertRunning(tx: Transaction<StoreTables>): Promise<void> {
    const read = await tx.selectFrom('read').select('outcome').where('id', '=', this.#read.readId).executeTakeFirst();
    if (read?.outcome !== 'running') {
      throw new RollcallError('INTERNAL', 'A read that had ended already was to be continued.', { place: { read: this.#read.readId } });
    }
  }

  async #finish(
    tx: Transaction<StoreTables>,
    end: { outcome: ReadRecord['outcome']; proof: ReadProof | null; error: string | null; at: Moment },
  ): Promise<ReadRecord> {
    await tx.deleteFrom('staged_entry').where('read_id', '=', this.#read.readId).execute();
    await tx
      .updateTable('read')
      .set({ outcome: end.outcome, proof: end.proof === null ? null : toJson(end.proof), error: end.error, finished_at: end.at })
      .where('id', '=', this.#read.readId)
      .execute();
    return readRecord(await selectReads(tx).where('read.id', '=', this.#read.readId).executeTakeFirstOrThrow());
  }
}
