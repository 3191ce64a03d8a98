import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { organizationId, type RunId, runId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { PruneCounts } from '../../core/ports/store.ts';
import type { StoreEngine } from './engine.ts';
import { openIntents } from './journal.ts';
import type { StoreTables } from './tables.ts';

/** Rows a transaction: some milliseconds, so that other calls get their turns in between. */
const prunedAtOnce = 500;

/** Forgets old runs with their journal, old reads and old backups (see the port). */
export async function prune(engine: StoreEngine, before: Moment): Promise<PruneCounts> {
  const { db } = engine;
  const { runs, entries } = await pruneRuns(db, before);
  const reads = await pruneReads(db, before);
  return { runs, entries, reads, backups: await engine.pruneBackups(before) };
}

/** Oldest runs first, so that an undo is deleted after the run that it undid. */
async function pruneRuns(db: Kysely<StoreTables>, before: Moment): Promise<Pick<PruneCounts, 'runs' | 'entries'>> {
  const kept = await runsWithOpenIntents(db);
  let runs = 0;
  let entries = 0;
  let after = 0;
  for (;;) {
    const old = await db
      .selectFrom('run')
      .select('id')
      .where('id', '>', after)
      .where('started_at', '<', before)
      .where('outcome', '!=', 'running')
      .orderBy('id')
      .limit(prunedAtOnce)
      .execute();
    const last = old.at(-1);
    if (last === undefined) return { runs, entries };
    const ids = old.map(({ id }) => id).filter((id) => !kept.has(runId(String(id))));
    entries += await pruneEntries(db, ids);
    runs += await pruneRunRows(db, ids);
    after = last.id;
    await setImmediate();
  }
}

/** The undos that such a run's entries name stay as well: an entry that was undone must not look as if it was not. */
async function runsWithOpenIntents(db: Kysely<StoreTables>): Promise<ReadonlySet<RunId>> {
  const organizations = await db.selectFrom('run').select('organization').distinct().execute();
  const kept = new Set<RunId>();
  for (const { organization } of organizations) {
    for (const entry of await openIntents(db, organizationId(organization))) kept.add(entry.run);
  }
  for (const run of kept) {
    const undone = await db
      .selectFrom('journal')
      .select('undone_by')
      .distinct()
      .where('run_id', '=', Number(run))
      .where('undone_by', 'is not', null)
      .execute();
    // What is added here is visited by this loop as well.
    for (const { undone_by } of undone) kept.add(runId(String(undone_by)));
  }
  return kept;
}

async function pruneEntries(db: Kysely<StoreTables>, runs: readonly number[]): Promise<number> {
  if (runs.length === 0) return 0;
  let deleted = 0;
  for (;;) {
    const some = await db.selectFrom('journal').select('id').where('run_id', 'in', runs).limit(prunedAtOnce).execute();
    if (some.length === 0) return deleted;
    const ids = some.map(({ id }) => id);
    await db.deleteFrom('journal').where('id', 'in', ids).execute();
    deleted += ids.length;
    await setImmediate();
  }
}

/** A run that an entry still names as its undo stays: the clock went back between the two. */
async function pruneRunRows(db: Kysely<StoreTables>, runs: readonly number[]): Promise<number> {
  if (runs.length === 0) return 0;
  const result = await db
    .deleteFrom('run')
    .where('id', 'in', runs)
    .where((eb) => eb.not(eb.exists(eb.selectFrom('journal').select('journal.id').whereRef('journal.undone_by', '=', 'run.id'))))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Reads that are neither among the newest of their source (at all, complete, of everything) nor the last that saw somebody. */
async function pruneReads(db: Kysely<StoreTables>, before: Moment): Promise<number> {
  let deleted = 0;
  for (;;) {
    const old = await db
      .selectFrom('read')
      .innerJoin('source', 'source.id', 'read.source_id')
      .select('read.id')
      .where('read.started_at', '<', before)
      .where('read.outcome', '!=', 'running')
      .where((eb) =>
        eb.and([
          eb.or([eb('source.latest_read_id', 'is', null), eb('source.latest_read_id', '!=', eb.ref('read.id'))]),
          eb.or([eb('source.latest_complete_read_id', 'is', null), eb('source.latest_complete_read_id', '!=', eb.ref('read.id'))]),
          eb.or([eb('source.latest_full_read_id', 'is', null), eb('source.latest_full_read_id', '!=', eb.ref('read.id'))]),
          eb.not(
            eb.exists(
              eb
                .selectFrom('sighting')
                .select('sighting.user_id')
                .whereRef('sighting.source_id', '=', 'read.source_id')
                .whereRef('sighting.last_read_id', '=', 'read.id'),
            ),
          ),
        ]),
      )
      .limit(prunedAtOnce)
      .execute();
    if (old.length === 0) return deleted;
    await db
      .deleteFrom('read')
      .where(
        'id',
        'in',
        old.map(({ id }) => id),
      )
      .execute();
    deleted += old.length;
    await setImmediate();
  }
}
