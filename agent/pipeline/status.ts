import { type ErrorCode, errorTable } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { UserDecision } from '../../core/plan/decision.ts';
import type { RunRecord, Store } from '../../core/ports/store.ts';
import type { OrganizationStatusDocument, ProblemDocument, StatusDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import { listContacts } from './contacts.ts';
import { guardDocument } from './plan-documents.ts';
import { runDocument } from './runs.ts';
import type { Services } from './services.ts';

const runsLookedAt = 100;

interface OrganizationStatus {
  readonly document: OrganizationStatusDocument;
  readonly problems: readonly ProblemDocument[];
  readonly runs: readonly RunRecord[];
  readonly held: StatusDocument['held'];
}

/** What there is to say about all organizations, from the store alone: health, last runs, what is held and why. */
export async function statusOf(services: Services, store: Store | null, organizations: readonly OrganizationId[]): Promise<StatusDocument> {
  const statuses = await Promise.all(organizations.map((organization) => organizationStatus(services, store, organization)));
  const problems = statuses.flatMap((status) => status.problems);
  return {
    formatVersion,
    health: healthOf(problems),
    problems,
    runs: statuses.flatMap((status) => status.runs.map(runDocument)),
    next: [],
    held: statuses.flatMap((status) => status.held),
    organizations: statuses.map((status) => status.document),
    notices: services.notices,
  };
}

function healthOf(problems: readonly ProblemDocument[]): StatusDocument['health'] {
  if (problems.some((problem) => problem.severity === 'failed')) return 'failed';
  return problems.length > 0 ? 'degraded' : 'healthy';
}

function problem(
  organization: OrganizationId,
  code: ErrorCode,
  facts: Pick<ProblemDocument, 'message' | 'severity' | 'since'> & { readonly hint?: string },
): ProblemDocument {
  return { code, hint: errorTable[code].hint, place: { organization }, organization, ...facts };
}

async function organizationStatus(services: Services, store: Store | null, organization: OrganizationId): Promise<OrganizationStatus> {
  const contacts = await listContacts(services, store, organization, { organization, state: null, search: null, collector: null });
  const base = {
    organization,
    organizationName: null,
    users: contacts.contacts.length,
    counts: contacts.counts,
    message: contacts.message,
  };
  if (store === null) {
    const never = problem(organization, 'STORE_NOT_FOUND', { message: 'Nothing was read yet.', severity: 'degraded', since: null });
    return {
      document: { ...base, conflicts: 0, onboarded: false, lastScanAt: null, lastSyncAt: null },
      problems: [never],
      runs: [],
      held: [],
    };
  }
  const state = await store.organizationState(organization);
  const runs = await store.listRuns({ organization, limit: runsLookedAt });
  const reads = await store.listReads(organization);
  const plan = await store.heldPlan(organization);
  const decisions = await store.decisions(organization);
  const conflicts = decisions.reduce((sum, record) => sum + (record.body as UserDecision).conflicts.length, 0);
  const lastScanAt = Math.max(0, ...reads.map(({ latestComplete }) => latestComplete?.finishedAt ?? 0));
  const lastRuns = lastOfEachCommand(runs);
  const held: StatusDocument['held'] =
    plan?.held == null
      ? []
      : [{ ...plan.held, organization, since: new Date(plan.madeAt).toISOString(), guards: plan.guards.map(guardDocument) }];
  return {
    document: {
      ...base,
      conflicts,
      onboarded: state.onboarded,
      lastScanAt: lastScanAt === 0 ? null : new Date(lastScanAt).toISOString(),
      lastSyncAt: state.lastAppliedAt === null ? null : new Date(state.lastAppliedAt).toISOString(),
    },
    problems: [
      ...readProblems(organization, reads),
      ...runProblems(organization, lastRuns),
      ...(await openProblems(organization, store)),
      ...heldProblems(organization, held),
    ],
    runs: lastRuns,
    held,
  };
}

function lastOfEachCommand(runs: readonly RunRecord[]): readonly RunRecord[] {
  const last = new Map<string, RunRecord>();
  for (const run of runs) if (!last.has(run.command)) last.set(run.command, run);
  return [...last.values()];
}

function readProblems(organization: OrganizationId, reads: Awaited<ReturnType<Store['listReads']>>): readonly ProblemDocument[] {
  return reads.flatMap(({ latest }) => {
    if (latest.outcome === 'complete' && latest.proof?.users === 0) {
      const message = `The last read of directory ${latest.directory} showed no user.`;
      return [
        problem(organization, 'DIRECTORY_RIGHTS', { message, severity: 'degraded', since: new Date(latest.startedAt).toISOString() }),
      ];
    }
    if (latest.outcome !== 'failed' && latest.outcome !== 'incomplete') return [];
    const code = latest.error !== null && latest.error in errorTable ? (latest.error as ErrorCode) : 'DIRECTORY_INCOMPLETE';
    const message = `The last read of directory ${latest.directory} ${latest.outcome === 'failed' ? 'failed' : 'is not proven complete'}.`;
    return [problem(organization, code, { message, severity: 'failed', since: new Date(latest.startedAt).toISOString() })];
  });
}

function runProblems(organization: OrganizationId, runs: readonly RunRecord[]): readonly ProblemDocument[] {
  const writing = runs.filter((run) => run.command === 'sync' || run.command === 'approve').sort((a, b) => b.startedAt - a.startedAt);
  const [newest] = writing;
  if (newest === undefined) return [];
  const since = new Date(newest.startedAt).toISOString();
  if (newest.outcome === 'failed' && newest.error !== null) {
    const code = newest.error.code in errorTable ? (newest.error.code as ErrorCode) : 'INTERNAL';
    return [
      problem(organization, code, { message: `The last ${newest.command} failed: ${newest.error.message}`, severity: 'failed', since }),
    ];
  }
  if (newest.outcome === 'interrupted') {
    return [
      problem(organization, 'INTERRUPTED', {
        message: `The last ${newest.command} was stopped before its end.`,
        severity: 'degraded',
        since,
      }),
    ];
  }
  if (newest.outcome !== 'partly') return [];
  const message = `${newest.counts['failed'] ?? 0} records failed in the last ${newest.command}; "rollcall runs show ${newest.id}" tells which.`;
  return [problem(organization, 'ITGLUE_REFUSED', { message, severity: 'degraded', since })];
}

async function openProblems(organization: OrganizationId, store: Store): Promise<readonly ProblemDocument[]> {
  const open = await store.openIntents(organization);
  const [oldest] = open;
  if (oldest === undefined) return [];
  const message = `It is not known what became of ${open.length} writes; the next run looks before it writes again.`;
  return [problem(organization, 'ITGLUE_ANSWER_LOST', { message, severity: 'degraded', since: new Date(oldest.intendedAt).toISOString() })];
}

function heldProblems(organization: OrganizationId, held: StatusDocument['held']): readonly ProblemDocument[] {
  return held.map(({ reason, hash, since }) =>
    problem(organization, reason.includes('PSA_DOUBLE_PUSH') ? 'PSA_DOUBLE_PUSH' : 'PLAN_HELD', {
      message: `A plan is held (${reason}): nothing is written until it is approved or the limits change.`,
      severity: 'degraded',
      since,
      ...(reason.includes('PSA_DOUBLE_PUSH')
        ? {}
        : { hint: `Look at it with "rollcall plan --no-scan"; then "rollcall approve ${hash}" or "rollcall reject ${hash}".` }),
    }),
  );
}
