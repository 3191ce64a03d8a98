import { type RefusedSignIn, refusedSignIn } from '../../../core/collect/sign-in-patience.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { OrganizationState } from '../../../core/model/state.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { HeldPlanSummary, OrganizationCounts, RunRecord, Store } from '../../../core/ports/store.ts';
import { isSuccess, successOutcomes, syncCommands } from '../runs-summary.ts';
import { isPsaWrite } from '../settlement.ts';
import { vanishedWithinMs } from './judge-reads.ts';
import { isRefusedSignIn } from './judge-sign-in.ts';

const runsLookedAt = 100;
const lastingCommands: readonly string[] = [...syncCommands, 'push', 'plan', 'scan', 'reload', 'undo'];

type Reads = Awaited<ReturnType<Store['listReads']>>;

/** All that the store says of one organization's health; small, whatever the number of its users. */
export interface OrganizationFacts {
  readonly organization: OrganizationId;
  readonly state: OrganizationState;
  readonly counts: OrganizationCounts;
  readonly reads: Reads;
  /** Sign-ins that the directory refused and has not accepted since, by the id of the source's newest read. */
  readonly refused: ReadonlyMap<number, RefusedSignIn>;
  readonly held: HeldPlanSummary | null;
  /** Since when plans are held without one in between that was let through. */
  readonly heldSince: Moment | null;
  /** Writes that nobody knows the end of. */
  readonly open: readonly { readonly system: 'it-glue' | 'psa'; readonly at: Moment }[];
  /** The newest run of each command, without pushes that were not begun. */
  readonly lastRuns: readonly RunRecord[];
  /** The newest sync or approval that did not fail. */
  readonly lastSuccess: RunRecord | null;
}

export async function organizationFacts(store: Store, organization: OrganizationId, now: Moment): Promise<OrganizationFacts> {
  const runs = await recentRuns(store, organization);
  const reads = await store.listReads(organization);
  const held = await store.heldPlanSummary(organization);
  const open = await store.openIntents(organization);
  return {
    organization,
    state: await store.organizationState(organization),
    counts: await store.organizationCounts(organization, now - vanishedWithinMs),
    reads,
    refused: await refusedSignIns(store, reads),
    held,
    heldSince: held === null ? null : heldSince(runs, held.madeAt),
    open: open.map((entry) => ({ system: isPsaWrite(entry) ? 'psa' : 'it-glue', at: entry.intendedAt })),
    lastRuns: lastOfEachCommand(runs),
    lastSuccess: await lastSuccessOf(store, organization, runs),
  };
}

/**
 * The newest runs, newest first. The watch may make one a minute: those of everything else, which stay true until the next of their kind,
 * are then asked for besides.
 */
async function recentRuns(store: Store, organization: OrganizationId): Promise<readonly RunRecord[]> {
  const runs = await store.listRuns({ organization, limit: runsLookedAt });
  if (runs.length < runsLookedAt || !runs.some(({ command }) => command === 'watch')) return runs;
  const others = await store.listRuns({ organization, commands: lastingCommands, limit: runsLookedAt });
  const known = new Set(runs.map(({ id }) => id));
  return [...runs, ...others.filter(({ id }) => !known.has(id))];
}

async function refusedSignIns(store: Store, reads: Reads): Promise<ReadonlyMap<number, RefusedSignIn>> {
  const refused = new Map<number, RefusedSignIn>();
  for (const { latest } of reads) {
    const known = isRefusedSignIn(latest.error) ? refusedSignIn(await store.sourceMemory(latest)) : null;
    if (known !== null) refused.set(latest.id, known);
  }
  return refused;
}

/** A push that was not begun, for nobody could be asked or a contact was named that is none: nothing is wrong with the installation. */
function isSlip({ command, outcome, error }: RunRecord): boolean {
  return command === 'push' && outcome === 'failed' && (error?.code === 'CONFIRMATION_NEEDED' || error?.code === 'CONTACT_NOT_FOUND');
}

/** Runs come newest first. */
function lastOfEachCommand(runs: readonly RunRecord[]): readonly RunRecord[] {
  const last = new Map<string, RunRecord>();
  for (const run of runs) if (!last.has(run.command) && !isSlip(run)) last.set(run.command, run);
  return [...last.values()];
}

/** A plan that is made anew and held again waits since it was first held; a run that failed in between let nothing through. */
export function heldSince(runs: readonly RunRecord[], madeAt: Moment): Moment {
  let since = madeAt;
  for (const run of runs) {
    if (run.command !== 'sync' && run.command !== 'plan' && run.command !== 'approve') continue;
    if (run.outcome === 'held') since = Math.min(since, run.startedAt);
    else if (run.outcome === 'done' || run.outcome === 'partly') return since;
  }
  return since;
}

async function lastSuccessOf(store: Store, organization: OrganizationId, runs: readonly RunRecord[]): Promise<RunRecord | null> {
  const known = runs.find((run) => syncCommands.includes(run.command) && isSuccess(run.outcome));
  if (known !== undefined || runs.length < runsLookedAt) return known ?? null;
  const [older = null] = await store.listRuns({ organization, commands: syncCommands, outcomes: successOutcomes, limit: 1 });
  return older;
}
