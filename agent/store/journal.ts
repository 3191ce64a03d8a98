import type { Kysely, Selectable, Transaction } from 'kysely';
import { RollcallError } from '../../core/errors.ts';
import { contactId, type OrganizationId, organizationId, type RunId, runId, type UserId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { JournalEntry, NewJournalEntry, RunQuery, RunRecord, Store } from '../../core/ports/store.ts';
import { chunks } from './chunks.ts';
import type { StoreEngine } from './engine.ts';
import { fromJson, fromNullableJson, toJson } from './json.ts';
import { saveContactBases, saveContactStates, saveOrganizationState, saveUserStates } from './states.ts';
import type { StoreTables } from './tables.ts';
import { write } from './write.ts';

type Database = Kysely<StoreTables>;

export async function startRun({ db, writer }: StoreEngine, run: Parameters<Store['startRun']>[0]): Promise<RunId> {
  const { id } = await db
    .insertInto('run')
    .values({
      organization: run.organization,
      command: run.command,
      started_at: run.at,
      finished_at: null,
      outcome: 'running',
      plan_hash: null,
      counts: '{}',
      error: null,
      trigger: run.trigger ?? 'by hand',
      detail: null,
      writer_id: writer,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return runId(String(id));
}

export async function finishRun(db: Database, run: RunId, end: Parameters<Store['finishRun']>[1]): Promise<void> {
  const finished = await db
    .updateTable('run')
    .set({
      outcome: end.outcome,
      plan_hash: end.planHash,
      counts: toJson(end.counts),
      error: end.error === null ? null : toJson(end.error),
      detail: end.detail == null ? null : toJson(end.detail),
      finished_at: end.at,
    })
    .where('id', '=', runNumber(run) ?? -1)
    .where('outcome', '=', 'running')
    .executeTakeFirst();
  if (finished.numUpdatedRows === 1n) return;
  const known = await getRun(db, run);
  if (known === null) throw new RollcallError('INTERNAL', 'The store has no such run.', { place: { run } });
  throw new RollcallError('STORE_LEASE_LOST', `Run ${run} was ended by another process, which has taken over its organization.`, {
    place: { run, organization: known.organization },
  });
}

/** Which running runs are over: those that meet all that is given. */
interface Interrupted {
  /** `null`: of no writer. */
  readonly writer?: number | null;
  readonly notWriter?: number;
  readonly organization?: OrganizationId;
}

/** Runs whose process ended without finishing them, or may not go on with them. */
export async function interruptRuns(tx: Transaction<StoreTables>, at: Moment, of: Interrupted): Promise<void> {
  let running = tx
    .updateTable('run')
    .set({
      outcome: 'interrupted',
      finished_at: at,
      error: toJson({ code: 'INTERRUPTED', message: 'The process ended in mid-run; found by the next one.' }),
    })
    .where('outcome', '=', 'running');
  if (of.writer !== undefined) running = running.where('writer_id', 'is not distinct from', of.writer);
  if (of.notWriter !== undefined) running = running.where('writer_id', 'is distinct from', of.notWriter);
  if (of.organization !== undefined) running = running.where('organization', '=', of.organization);
  await running.execute();
}

export async function listRuns(db: Database, { organization, since, outcomes, commands, limit }: RunQuery): Promise<readonly RunRecord[]> {
  // PostgreSQL takes no empty list.
  if (outcomes?.length === 0 || commands?.length === 0) return [];
  let query = db.selectFrom('run').selectAll().orderBy('id', 'desc').limit(limit);
  if (organization !== undefined) query = query.where('organization', '=', organization);
  if (since !== undefined) query = query.where('started_at', '>=', since);
  if (outcomes !== undefined) query = query.where('outcome', 'in', outcomes);
  if (commands !== undefined) query = query.where('command', 'in', commands);
  return (await query.execute()).map(runRecord);
}

export async function getRun(db: Database, run: RunId): Promise<RunRecord | null> {
  const id = runNumber(run);
  const row = id === null ? undefined : await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : runRecord(row);
}

function runRecord(row: Selectable<StoreTables['run']>): Required<RunRecord> {
  return {
    id: runId(String(row.id)),
    organization: organizationId(row.organization),
    command: row.command,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    planHash: row.plan_hash,
    counts: fromJson(row.counts, 'run.counts') as RunRecord['counts'],
    error: fromNullableJson(row.error, 'run.error') as NonNullable<RunRecord['error']> | null,
    trigger: row.trigger,
    detail: fromNullableJson(row.detail, 'run.detail'),
  };
}

export async function recordIntent(tx: Transaction<StoreTables>, entry: NewJournalEntry, at: Moment): Promise<number> {
  const { id } = await tx
    .insertInto('journal')
    .values({
      run_id: existingRunNumber(entry.run),
      organization: entry.organization,
      changes: toJson(entry.changes),
      operation: entry.operation,
      user_id: entry.user,
      contact_id: entry.contactId,
      record: entry.record,
      request: toJson(entry.request),
      before: toJson(entry.before),
      state: 'intended',
      result: 'null',
      intended_at: at,
      settled_at: null,
      undone_by: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function recordResult(
  { db, fence }: StoreEngine,
  ...[id, outcome, remember, at]: Parameters<Store['recordResult']>
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const updated = await tx
      .updateTable('journal')
      .set({
        state: outcome.state,
        result: toJson(outcome.result),
        settled_at: outcome.state === 'unknown' ? null : at,
        ...(outcome.record === undefined ? {} : { record: outcome.record }),
        ...(outcome.contactId === undefined ? {} : { contact_id: outcome.contactId }),
      })
      .where('id', '=', id)
      .where('state', 'in', ['intended', 'unknown'])
      .returning('organization')
      .executeTakeFirst();
    if (updated === undefined) {
      throw new RollcallError('INTERNAL', 'A result came for a journal entry that is not open.', { place: { entry: id } });
    }
    const organization = organizationId(updated.organization);
    await fence(tx, organization);
    await saveUserStates(tx, organization, remember.users ?? []);
    await saveContactBases(tx, organization, remember.bases ?? []);
    await saveContactStates(tx, organization, remember.contacts ?? []);
    if (remember.organization !== undefined) {
      await saveOrganizationState(tx, organization, remember.organization);
    }
  });
}

export async function openIntents(db: Database, organization: OrganizationId): Promise<readonly JournalEntry[]> {
  const rows = await db
    .selectFrom('journal')
    .selectAll()
    .where('organization', '=', organization)
    .where('state', 'in', ['intended', 'unknown'])
    .orderBy('id')
    .execute();
  return rows.map(journalEntry);
}

export async function journal(db: Database, run: RunId): Promise<readonly JournalEntry[]> {
  const rows = await db
    .selectFrom('journal')
    .selectAll()
    .where('run_id', '=', runNumber(run) ?? -1)
    .orderBy('id')
    .execute();
  return rows.map(journalEntry);
}

export async function markUndone(engine: StoreEngine, ids: readonly number[], by: RunId): Promise<void> {
  const undoneBy = existingRunNumber(by);
  const run = await getRun(engine.db, by);
  if (run === null) throw new RollcallError('INTERNAL', 'The store has no such run.', { place: { run: by } });
  await write(engine, run.organization, async (tx) => {
    for (const chunk of chunks(ids)) {
      await tx.updateTable('journal').set({ undone_by: undoneBy }).where('id', 'in', chunk).execute();
    }
  });
}

function journalEntry(row: Selectable<StoreTables['journal']>): Required<JournalEntry> {
  return {
    id: row.id,
    run: runId(String(row.run_id)),
    organization: organizationId(row.organization),
    changes: fromJson(row.changes, 'journal.changes') as readonly string[],
    operation: row.operation,
    user: row.user_id as UserId | null,
    contactId: row.contact_id === null ? null : contactId(row.contact_id),
    record: row.record,
    request: fromJson(row.request, 'journal.request'),
    before: fromJson(row.before, 'journal.before'),
    state: row.state,
    result: fromJson(row.result, 'journal.result'),
    intendedAt: row.intended_at,
    settledAt: row.settled_at,
    undoneBy: row.undone_by === null ? null : runId(String(row.undone_by)),
  };
}

/** Run ids are short decimal numbers: people type them. Anything else names no run. */
function runNumber(run: RunId): number | null {
  return /^[1-9]\d{0,14}$/.test(run) ? Number(run) : null;
}

function existingRunNumber(run: RunId): number {
  const id = runNumber(run);
  if (id === null) {
    throw new RollcallError('INTERNAL', 'A journal entry names a run that does not exist.', { place: { run } });
  }
  return id;
}
