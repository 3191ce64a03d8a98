import { RollcallError } from '../../core/errors.ts';
import { type OrganizationId, runId } from '../../core/model/ids.ts';
import type { FieldChange } from '../../core/model/plan.ts';
import type { JournalEntry, RunRecord, Store } from '../../core/ports/store.ts';
import type { JournalEntryDocument, RunDetailDocument, RunDocument, RunsDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { RunsOptions } from '../cli/operations.ts';
import { storyOf } from './run-story.ts';
import { summarizeRuns } from './runs-summary.ts';
import type { Services } from './services.ts';

/** Runs that a summary looks at; a week of runs every five minutes for one organization. */
const mostSummarized = 2_000;

function dateText(moment: number): string {
  return new Date(moment).toISOString();
}

export function runDocument(run: RunRecord): RunDocument {
  return {
    run: run.id,
    organization: run.organization,
    command: run.command,
    startedAt: dateText(run.startedAt),
    finishedAt: run.finishedAt === null ? null : dateText(run.finishedAt),
    outcome: run.outcome,
    hash: run.planHash,
    counts: run.counts,
    error: run.error,
    trigger: run.trigger,
    failures: storyOf(run.detail)?.failures ?? {},
  };
}

/** The newest runs that meet the options; with `since`, also a summary of everything since then. */
export async function listRuns(
  services: Services,
  store: Store | null,
  options: RunsOptions & { readonly organization: OrganizationId | null },
): Promise<RunsDocument> {
  const { organization, since, outcome, limit } = options;
  if (store === null) return { formatVersion, summary: [], runs: [] };
  const among = { ...(organization === null ? {} : { organization }), ...(since === null ? {} : { since }) };
  const runs = await store.listRuns({ ...among, ...(outcome === null ? {} : { outcomes: [outcome] }), limit });
  const organizations = organization === null ? services.organizations : [organization];
  const summary = since === null ? [] : await Promise.all(organizations.map((each) => summaryOf(store, each, since)));
  return { formatVersion, summary, runs: runs.map(runDocument) };
}

async function summaryOf(store: Store, organization: OrganizationId, since: number): Promise<RunsDocument['summary'][number]> {
  const runs = await store.listRuns({ organization, since, limit: mostSummarized });
  const { name = null } = await store.organizationState(organization);
  const held = (await store.heldPlanSummary(organization)) !== null;
  return summarizeRuns(runs, { organization, organizationName: name, since, held });
}

/** Throws `RUN_NOT_FOUND`. */
export async function getRun(store: Store | null, words: string): Promise<RunRecord> {
  const run = store === null ? null : await store.getRun(runId(words));
  if (run === null) throw new RollcallError('RUN_NOT_FOUND', `There is no run "${words}" in the journal.`);
  return run;
}

/** A run with its story and its journal: every outside write, what was there before, and what became of it. */
export async function runDetail(store: Store, run: RunRecord): Promise<RunDetailDocument> {
  const journal = await store.journal(run.id);
  const { name = null } = await store.organizationState(run.organization);
  return { formatVersion, ...runDocument(run), organizationName: name, detail: storyOf(run.detail), journal: journal.map(entryDocument) };
}

function entryDocument(entry: JournalEntry): JournalEntryDocument {
  const change = partOf<{ readonly label: string; readonly fields: Readonly<Record<string, FieldChange>> }>(entry.request, 'change');
  const reason = partOf<string>(entry.result, 'reason') ?? partOf<string>(entry.result, 'settled') ?? partOf<string>(entry.result, 'code');
  const many = entry.changes.length > 1 ? `${entry.changes.length} records` : (entry.contactId ?? entry.record ?? '');
  return {
    id: entry.id,
    changes: entry.changes,
    operation: entry.operation,
    user: entry.user,
    contactId: entry.contactId,
    record: entry.record,
    label: change?.label ?? many,
    state: entry.state,
    fields: change?.fields ?? {},
    at: dateText(entry.intendedAt),
    settledAt: entry.settledAt === null ? null : dateText(entry.settledAt),
    reason: reason ?? null,
    undoneBy: entry.undoneBy,
  };
}

function partOf<Part>(value: unknown, name: string): Part | null {
  if (value === null || typeof value !== 'object' || !(name in value)) return null;
  return (value as Readonly<Record<string, Part>>)[name] ?? null;
}
