import type { OrganizationId } from '../../core/model/ids.ts';
import type { RunRecord } from '../../core/ports/store.ts';
import type { RunsSummaryDocument } from '../cli/documents-runs.ts';
import { storyOf } from './run-story.ts';

/** Runs that write to IT Glue or the PSA by a plan. */
export const syncCommands: readonly string[] = ['sync', 'approve'];
/** All that write to them. A run of the watch (P9) covers what changed, so that it says nothing about the sync before it. */
const writingCommands: readonly string[] = [...syncCommands, 'push', 'watch'];
/** Outcomes of a run that did what it was to do: a plan that is held waits for a person, single records that failed stop no other. */
export const successOutcomes = ['done', 'partly', 'held'] as const;

const notWritten: ReadonlySet<string> = new Set(['failed', 'skipped', 'match']);

/** Adds up the runs of one organization, which come newest first. */
export function summarizeRuns(
  runs: readonly RunRecord[],
  facts: {
    readonly organization: OrganizationId;
    readonly organizationName: string | null;
    readonly since: number;
    readonly held: boolean;
  },
): RunsSummaryDocument {
  const syncs = runs.filter((run) => syncCommands.includes(run.command));
  const writing = runs.filter((run) => writingCommands.includes(run.command) && isWritten(run));
  const reloads = runs.filter((run) => run.command === 'reload');
  const lastSuccess = syncs.find(({ outcome }) => isSuccess(outcome));
  return {
    organization: facts.organization,
    organizationName: facts.organizationName,
    since: new Date(facts.since).toISOString(),
    runs: runs.length,
    outcomes: addUp(syncs.map(({ outcome }) => ({ [outcome]: 1 }))),
    written: addUp(writing.map(({ counts }) => Object.fromEntries(Object.entries(counts).filter(([name]) => !notWritten.has(name))))),
    failures: addUp(runs.map(({ detail }) => storyOf(detail)?.failures ?? {})),
    errors: errorsOf(runs.filter(({ outcome, command }) => outcome === 'failed' && command !== 'reload')),
    reloads: {
      accepted: reloads.filter(({ outcome }) => outcome === 'done').length,
      refused: reloads.filter(({ outcome }) => outcome === 'failed').length,
    },
    held: facts.held,
    lastSuccessAt: lastSuccess === undefined ? null : new Date(lastSuccess.startedAt).toISOString(),
  };
}

export function isSuccess(outcome: RunRecord['outcome']): boolean {
  return successOutcomes.some((success) => success === outcome);
}

/** The counts of a held run are those of its plan. */
function isWritten({ outcome }: RunRecord): boolean {
  return outcome === 'done' || outcome === 'partly' || outcome === 'interrupted';
}

function errorsOf(failed: readonly RunRecord[]): RunsSummaryDocument['errors'] {
  const byCode = new Map<string, { readonly newest: RunRecord; count: number }>();
  for (const run of failed) {
    const code = run.error?.code ?? 'INTERNAL';
    const known = byCode.get(code);
    if (known === undefined) byCode.set(code, { newest: run, count: 1 });
    else known.count += 1;
  }
  return [...byCode].map(([code, { newest, count }]) => ({
    code,
    count,
    lastAt: new Date(newest.startedAt).toISOString(),
    run: newest.id,
  }));
}

function addUp(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(sums).filter(([, count]) => count > 0));
}
