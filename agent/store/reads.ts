import type { Kysely, Transaction } from 'kysely';
import { RollcallError } from '../../core/errors.ts';
import type { Absentee } from '../../core/model/absence.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { ReadProof } from '../../core/ports/directory-source.ts';
import type { Landing, ReadRecord, ReadSink, Store } from '../../core/ports/store.ts';
import { chunks } from './chunks.ts';
import type { StoreEngine } from './engine.ts';
import { toJson } from './json.ts';
import { landFirst, landRead, type PendingEntry, type ReadInProgress } from './land-read.ts';
import { readRecord, selectReads } from './read-records.ts';
import { ensureSource } from './sources.ts';
import { absentees, absenteesAmong, newcomers } from './staged-users.ts';
import type { StoreTables } from './tables.ts';
import { write } from './write.ts';

/** Entries kept back before they go to the staging table together: bounds memory, and spares small transactions. */
const stagedAtOnce = 2_000;

/** Begins a read. An earlier read of the same source that still runs is over: its sink takes nothing any more. */
export async function beginRead(engine: StoreEngine, read: Parameters<Store['beginRead']>[0]): Promise<ReadSink> {
  const begun = await write(engine, read.organization, async (tx): Promise<ReadInProgress> => {
    const source = await ensureSource(tx, read);
    await interruptReads(tx, read.at, { source: source.id });
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
        writer_id: engine.writer,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.updateTable('source').set({ latest_read_id: id }).where('id', '=', source.id).execute();
    return {
      readId: id,
      sourceId: source.id,
      organization: read.organization,
      family: source.family,
      latestCompleteReadId: source.latest_complete_read_id,
    };
  });
  return new StagingReadSink(engine, begun);
}

/** Ends reads that still run, those that meet all that is given: their process is gone or may not go on, or a newer read took their place. */
export async function interruptReads(
  tx: Transaction<StoreTables>,
  at: Moment,
  of: { readonly source?: number; readonly writer?: number | null; readonly notWriter?: number; readonly organization?: OrganizationId },
): Promise<void> {
  let running = tx.selectFrom('read').select('id').where('outcome', '=', 'running');
  if (of.source !== undefined) running = running.where('source_id', '=', of.source);
  if (of.writer !== undefined) running = running.where('writer_id', 'is not distinct from', of.writer);
  if (of.notWriter !== undefined) running = running.where('writer_id', 'is distinct from', of.notWriter);
  if (of.organization !== undefined) {
    running = running.where('source_id', 'in', tx.selectFrom('source').select('source.id').where('organization', '=', of.organization));
  }
  const ids = (await running.execute()).map(({ id }) => id);
  if (ids.length === 0) {
    return;
  }
  await tx.deleteFrom('staging.entry').where('read_id', 'in', ids).execute();
  await tx.updateTable('read').set({ outcome: 'failed', error: 'INTERRUPTED', finished_at: at }).where('id', 'in', ids).execute();
}

class StagingReadSink implements ReadSink {
  readonly #engine: StoreEngine;
  readonly #read: ReadInProgress;
  #pending: PendingEntry[] = [];
  #added = 0;
  #hasStaged = false;

  constructor(engine: StoreEngine, read: ReadInProgress) {
    this.#engine = engine;
    this.#read = read;
  }

  async add(entries: readonly DirectoryEntry[]): Promise<void> {
    await this.#assertRunning(this.#engine.db);
    for (const entry of entries) {
      this.#pending.push({ immutableId: entry.immutableId, text: toJson(entry) });
    }
    this.#added += entries.length;
    if (this.#pending.length >= stagedAtOnce) {
      await this.#withAllStaged(async () => undefined);
    }
  }

  async restart(): Promise<void> {
    this.#pending = [];
    this.#added = 0;
    await this.#engine.db.transaction().execute(async (tx) => {
      await this.#takeRunning(tx);
      await this.#dropStaged(tx);
    });
  }

  async absentees(among: readonly string[] | null = null): Promise<readonly Absentee[]> {
    if (this.#read.family === null) {
      await this.#assertRunning(this.#engine.db);
      return [];
    }
    return this.#withAllStaged((tx) => (among === null ? absentees(tx, this.#read) : absenteesAmong(tx, this.#read, among)));
  }

  newcomers(mostNames: number): ReturnType<ReadSink['newcomers']> {
    return this.#withAllStaged((tx) => newcomers(tx, this.#read, mostNames));
  }

  async complete({ proof, checkpoint, absences }: Landing, at: Moment): Promise<ReadRecord> {
    const kind = proof.kind ?? 'full';
    this.#assertMayLand(proof);
    // What is all in memory, and has nothing to be compared with, need not be staged.
    const isFirst = !this.#hasStaged && this.#read.latestCompleteReadId === null;
    return this.#withAllTaken(async (tx, taken) => {
      if (isFirst) await landFirst(tx, this.#read, { family: proof.family, entries: latestOf(taken), at });
      else {
        await this.#stageAll(tx, taken);
        await landRead(tx, this.#read, { kind, family: proof.family, brought: this.#added > 0, absences, at });
      }
      await tx
        .updateTable('source')
        .set({
          latest_complete_read_id: this.#read.readId,
          family: proof.family,
          deleted_at: null,
          checkpoint: checkpoint === null ? null : toJson(checkpoint),
          ...(kind === 'full' ? { latest_full_read_id: this.#read.readId } : {}),
        })
        .where('id', '=', this.#read.sourceId)
        .execute();
      return this.#finish(tx, { outcome: 'complete', proof, error: null, at });
    });
  }

  async abandon(outcome: 'incomplete' | 'failed', error: string, proof: ReadProof | null, at: Moment): Promise<ReadRecord> {
    return this.#engine.db.transaction().execute(async (tx) => {
      await this.#takeRunning(tx);
      return this.#finish(tx, { outcome, proof, error, at });
    });
  }

  #assertMayLand(proof: ReadProof): void {
    if (!proof.complete) {
      throw new RollcallError('INTERNAL', 'A read that is not proven complete was to be landed; nothing was stored (C1).');
    }
    if (proof.users !== this.#added) {
      throw new RollcallError('INTERNAL', 'A read handed over another number of users than it says; nothing was stored (C1).', {
        place: { users: proof.users, added: this.#added },
      });
    }
    const { family, latestCompleteReadId } = this.#read;
    if (proof.kind === 'changes' && (latestCompleteReadId === null || proof.family !== family)) {
      throw new RollcallError('INTERNAL', 'A read of changes was to be landed on nothing that it builds on; nothing was stored (C9).', {
        place: { family: proof.family, before: family },
      });
    }
  }

  async #withAllStaged<Answer>(work: (tx: Transaction<StoreTables>) => Promise<Answer>): Promise<Answer> {
    return this.#withAllTaken(async (tx, taken) => {
      await this.#stageAll(tx, taken);
      return work(tx);
    });
  }

  /** What the transaction takes from memory is put back when it fails. */
  async #withAllTaken<Answer>(work: (tx: Transaction<StoreTables>, taken: readonly PendingEntry[]) => Promise<Answer>): Promise<Answer> {
    let taken: PendingEntry[] = [];
    try {
      return await this.#engine.db.transaction().execute(async (tx) => {
        await this.#takeRunning(tx);
        taken = this.#pending;
        this.#pending = [];
        return work(tx, taken);
      });
    } catch (error) {
      this.#pending = [...taken, ...this.#pending];
      throw error;
    }
  }

  async #stageAll(tx: Transaction<StoreTables>, pending: readonly PendingEntry[]): Promise<void> {
    for (const chunk of chunks(latestOf(pending))) {
      this.#hasStaged = true;
      await this.#stage(tx, chunk);
    }
  }

  /** Entries that are as they are stored are staged by their id alone. */
  async #stage(tx: Transaction<StoreTables>, entries: readonly PendingEntry[]): Promise<void> {
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
    const rows = entries.map(({ immutableId, text }) => ({
      read_id: readId,
      immutable_id: immutableId,
      entry: stored.get(`${family}/${immutableId}`) === text ? null : text,
    }));
    await tx
      .insertInto('staging.entry')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['read_id', 'immutable_id']).doUpdateSet((eb) => ({ entry: eb.ref('excluded.entry') })))
      .execute();
  }

  /** Without a condition when no other read is staged: the database then drops the table's content as a whole. */
  async #dropStaged(tx: Transaction<StoreTables>): Promise<void> {
    const { readId } = this.#read;
    const own = tx.deleteFrom('staging.entry').where('read_id', '=', readId);
    if (this.#engine.isShared) {
      await own.execute();
      return;
    }
    const other = await tx
      .selectFrom('staging.entry')
      .select('read_id')
      .where((eb) => eb.or([eb('read_id', '<', readId), eb('read_id', '>', readId)]))
      .limit(1)
      .executeTakeFirst();
    await (other === undefined ? tx.deleteFrom('staging.entry') : own).execute();
  }

  /** The read stays what it is until the transaction ends: whoever wants to end it needs the row of its source first. */
  async #takeRunning(tx: Transaction<StoreTables>): Promise<void> {
    await this.#engine.fence(tx, this.#read.organization);
    if (this.#engine.isShared) await tx.selectFrom('source').select('id').where('id', '=', this.#read.sourceId).forNoKeyUpdate().execute();
    await this.#assertRunning(tx);
  }

  async #assertRunning(tx: Kysely<StoreTables>): Promise<void> {
    const read = await tx.selectFrom('read').select('outcome').where('id', '=', this.#read.readId).executeTakeFirst();
    if (read?.outcome !== 'running') {
      throw new RollcallError('INTERNAL', 'A read that had ended already was to be continued.', { place: { read: this.#read.readId } });
    }
  }

  async #finish(
    tx: Transaction<StoreTables>,
    end: { outcome: ReadRecord['outcome']; proof: ReadProof | null; error: string | null; at: Moment },
  ): Promise<ReadRecord> {
    await this.#dropStaged(tx);
    await tx
      .updateTable('read')
      .set({ outcome: end.outcome, proof: end.proof === null ? null : toJson(end.proof), error: end.error, finished_at: end.at })
      .where('id', '=', this.#read.readId)
      .execute();
    return readRecord(await selectReads(tx).where('read.id', '=', this.#read.readId).executeTakeFirstOrThrow());
  }
}

/** A user that is handed over twice counts once, as it was last seen: one statement must not meet a key twice. */
function latestOf(pending: readonly PendingEntry[]): readonly PendingEntry[] {
  return [...new Map(pending.map((entry) => [entry.immutableId, entry])).values()];
}
