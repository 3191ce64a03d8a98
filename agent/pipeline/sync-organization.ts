import { companyProblemText } from '../../core/eligibility/psa-context.ts';
import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId, RunId } from '../../core/model/ids.ts';
import type { RunOutcome, Store } from '../../core/ports/store.ts';
import type { ErrorDocument, PlanDocument, SyncDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { DirectoryReadDocument, ScopeDocument } from '../cli/documents-reads.ts';
import { applyPlan } from './apply.ts';
import type { ApplyReport } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { collect } from './collect.ts';
import { companyContext } from './company/company-context.ts';
import { errorDocument } from './error-document.ts';
import { labelsOf, planDocument, syncDocument } from './plan-documents.ts';
import { directoryUsers, reconcileOrganization, settledState } from './reconcile-organization.ts';
import type { RunContext } from './run-context.ts';
import { StoryTeller, storyOfPlan, storyOfReads, storyOfReport } from './run-story.ts';
import type { Services } from './services.ts';
import { settingsOf } from './settings-of.ts';
import type { Snapshot } from './snapshot.ts';
import { whyNoUsers } from './users-missing.ts';
import { withLease } from './with-lease.ts';

interface RunEnd {
  readonly outcome: RunOutcome;
  readonly planHash: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

/** One run in the journal around a piece of work, in sole charge of the organization; a failure is recorded and thrown on. */
export function inRun<Value>(
  services: Services,
  store: Store,
  run: { readonly organization: OrganizationId; readonly command: string },
  work: (context: RunContext, story: StoryTeller) => Promise<{ readonly value: Value; readonly end: RunEnd }>,
): Promise<Value> {
  return withLease(services, store, run, async (signal) => {
    const id = await store.startRun({ ...run, trigger: services.trigger, at: services.now() });
    const story = new StoryTeller();
    try {
      const { value, end } = await work({ ...(await runContext(services, store, run.organization, id)), signal }, story);
      await store.finishRun(id, { ...end, error: null, detail: story.story, at: services.now() });
      return value;
    } catch (error) {
      const interrupted = error instanceof RollcallError && error.code === 'INTERRUPTED';
      const { code, message } = errorDocument(error);
      await store.finishRun(id, {
        outcome: interrupted ? 'interrupted' : 'failed',
        planHash: null,
        counts: {},
        error: { code, message: services.redact(message) },
        detail: story.story,
        at: services.now(),
      });
      throw error;
    }
  });
}

/** What the stages of one run work with. */
export async function runContext(services: Services, store: Store, organization: OrganizationId, run: RunId): Promise<RunContext> {
  return {
    organization,
    settings: await settingsOf(services, store, organization),
    run,
    store,
    documentation: services.documentation(organization),
    psa: services.psa(organization),
    companies: companyContext(services, store, organization),
    logger: services.logger.child({ run, organization }),
    progress: services.progress,
    signal: services.signal,
    now: () => services.now(),
    hash: services.hash,
    redact: services.redact,
  };
}

/** Reads the organization's directories into the store. */
export function scanOrganization(
  services: Services,
  store: Store,
  organization: OrganizationId,
  { full }: { readonly full: boolean },
): Promise<readonly DirectoryReadDocument[]> {
  const { collector, logger, progress, attended } = services;
  return collect(
    { organization, collector, store, logger, progress, full, attended, now: () => services.now() },
    services.directories(organization),
  );
}

/** Why the organization is held for the PSA, with what to do. */
export function psaProblemOf({ psa }: Pick<Snapshot, 'psa'>): string | null {
  return psa === null ? null : companyProblemText(psa);
}

/**
 * A directory that could not be read ends the run: nothing that depends on absence may be concluded (C1). Gives whom changed scopes take
 * in and leave out. That holds no run: who leaves keeps all, and for who comes in the guards of A3 count.
 */
function proveScanned(reads: readonly DirectoryReadDocument[], story: StoryTeller): readonly ScopeDocument[] {
  story.note(storyOfReads(reads));
  const failed = reads.find((read) => read.outcome === 'failed' || read.outcome === 'incomplete');
  if (failed?.error == null) return reads.flatMap(({ directory, rescoped }) => (rescoped === null ? [] : [{ directory, ...rescoped }]));
  throw new RollcallError(failed.error.code as 'DIRECTORY_INCOMPLETE', failed.error.message, {
    place: { ...failed.error.place, directory: failed.directory },
  });
}

export interface PlanRequest {
  readonly scan: boolean;
  /** Everything is read, not only what changed. */
  readonly full: boolean;
}

/** Plans one organization; writes nothing outside (A1). */
export function planOrganization(
  services: Services,
  store: Store,
  organization: OrganizationId,
  request: PlanRequest,
): Promise<PlanDocument> {
  return inRun(services, store, { organization, command: 'plan' }, async (context, story) => {
    const message = whyNoUsers(services.config, organization, await store.listReads(organization));
    if (message !== null)
      return { value: emptyPlanDocument(context, message, services.notices), end: { outcome: 'done', planHash: null, counts: {} } };
    const scope = request.scan ? proveScanned(await scanOrganization(services, store, organization, request), story) : [];
    const { plan, users, snapshot } = await reconcileOrganization(context);
    story.note(storyOfPlan(plan, psaProblemOf(snapshot)));
    const { notices } = services;
    const head = { organization, organizationName: snapshot.organization.name, run: context.run, message: null, scope, notices };
    return {
      value: planDocument(plan, head, labelsOf(users, snapshot.contacts)),
      end: { outcome: plan.held === null ? 'done' : 'held', planHash: plan.hash, counts: countKinds(plan.changes) },
    };
  });
}

/** Scans, plans and applies one organization, unless a guard holds the plan before its first write (A3). */
export function syncOrganization(
  services: Services,
  store: Store,
  organization: OrganizationId,
  request: PlanRequest,
): Promise<SyncDocument> {
  return inRun(services, store, { organization, command: 'sync' }, async (context, story) => {
    const message = whyNoUsers(services.config, organization, await store.listReads(organization));
    if (message !== null)
      return { value: emptySyncDocument(context, message, services.notices), end: { outcome: 'done', planHash: null, counts: {} } };
    const scope = request.scan ? proveScanned(await scanOrganization(services, store, organization, request), story) : [];
    const { plan, users, snapshot, state } = await reconcileOrganization(context);
    story.note(storyOfPlan(plan, psaProblemOf(snapshot)));
    const { notices } = services;
    const head = { organization, organizationName: snapshot.organization.name, run: context.run, message: null, scope, notices };
    const labels = labelsOf(users, snapshot.contacts);
    if (plan.held !== null) {
      return {
        value: syncDocument(plan, null, head, labels),
        end: { outcome: 'held', planHash: plan.hash, counts: countKinds(plan.changes) },
      };
    }
    const report = await applyPlan(state);
    story.note(storyOfReport(report, services.redact));
    return { value: syncDocument(plan, report, head, labels), end: endOf(state, report) };
  });
}

/** Applies a held plan as it was stored, item by item, each only if its record still is as the plan saw it (A3). */
export function approveOrganization(services: Services, store: Store, organization: OrganizationId, hash: string): Promise<SyncDocument> {
  return inRun(services, store, { organization, command: 'approve' }, async (context, story) => {
    const plan = await store.heldPlan(organization);
    if (plan === null || plan.hash !== hash)
      throw new RollcallError('PLAN_NOT_HELD', `No plan ${hash} is held for organization ${organization}.`);
    const users = await directoryUsers(context);
    const state = await settledState(context, users, plan);
    story.note(storyOfPlan({ ...plan, held: null }, psaProblemOf(state.snapshot)));
    const report = await applyPlan(state);
    story.note(storyOfReport(report, services.redact));
    const labels = labelsOf(users, state.snapshot.contacts);
    const head = {
      organization,
      organizationName: state.snapshot.organization.name,
      run: context.run,
      message: null,
      notices: services.notices,
    };
    return { value: syncDocument(plan, report, head, labels), end: endOf(state, report) };
  });
}

/** How a run that applied a plan ended. */
export function endOf(state: ApplyState, report: ApplyReport): RunEnd {
  const counts = {
    ...countKinds(report.applied.map(({ change }) => change)),
    failed: report.failed.length,
    skipped: report.skipped.length,
  };
  return { outcome: outcomeOf(report), planHash: state.plan.hash, counts };
}

function outcomeOf(report: ApplyReport): RunOutcome {
  if (report.interrupted) return 'interrupted';
  return report.failed.length > 0 ? 'partly' : 'done';
}

function countKinds(changes: readonly { readonly kind: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of changes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

interface EmptyHead {
  readonly organization: string;
  readonly run: string | null;
  readonly message: string | null;
  readonly notices: readonly string[];
  readonly error?: ErrorDocument;
}

export function emptyPlanDocument(
  { organization, run }: Pick<EmptyHead, 'organization' | 'run'>,
  message: string | null,
  notices: readonly string[],
  error: ErrorDocument | null = null,
): PlanDocument {
  return {
    formatVersion,
    organization,
    organizationName: null,
    run,
    message,
    hash: '',
    held: null,
    guards: [],
    scope: [],
    changes: [],
    conflicts: [],
    notices,
    error,
  };
}

export function emptySyncDocument(
  { organization, run }: Pick<EmptyHead, 'organization' | 'run'>,
  message: string | null,
  notices: readonly string[],
  error: ErrorDocument | null = null,
): SyncDocument {
  return {
    formatVersion,
    organization,
    organizationName: null,
    run,
    message,
    hash: null,
    scope: [],
    applied: [],
    failed: [],
    skipped: [],
    held: null,
    guards: [],
    conflicts: [],
    notices,
    interrupted: error?.code === 'INTERRUPTED',
    error,
  };
}
