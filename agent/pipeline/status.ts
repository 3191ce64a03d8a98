import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { RunRecord, Store } from '../../core/ports/store.ts';
import type { OrganizationStatusDocument, ProblemDocument, StatusDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { ServiceStatusDocument, WatchStatus } from '../cli/documents-status.ts';
import { nextSlots } from '../schedule/cron-slots.ts';
import type { ServiceView, WatchFacts } from '../service/service-facts.ts';
import { hubStatus } from './hub/hub-status.ts';
import { guardDocument } from './plan-documents.ts';
import { runDocument } from './runs.ts';
import type { Services } from './services.ts';
import { collectorsStatus } from './status/collectors-status.ts';
import { directoryDocuments } from './status/directory-documents.ts';
import { judgeDisk } from './status/judge-disk.ts';
import { judgeHeld } from './status/judge-held.ts';
import { judgeKey } from './status/judge-key.ts';
import { judgeAbsence, judgeReads, type ReadSource } from './status/judge-reads.ts';
import { judgeOpenWrites, judgeRuns } from './status/judge-runs.ts';
import { judgeService, judgeSuccess, serviceProblems } from './status/judge-service.ts';
import { isRefusedSignIn } from './status/judge-sign-in.ts';
import { judgeUpgrade } from './status/judge-upgrade.ts';
import { type OrganizationFacts, organizationFacts } from './status/organization-facts.ts';
import { dateText, type Finding, partOf, problemDocument, serviceToldCode } from './status/problem.ts';
import { widestGap } from './status/widest-gap.ts';
import { whyNoUsers } from './users-missing.ts';

/** What is to be answered, and for whom. */
interface Question {
  readonly services: Services;
  readonly view: ServiceView;
  readonly now: Moment;
}

/** Health of the organizations and of all that serves them, with reasons and remedies; from this machine alone, no server is asked. */
export async function statusOf(services: Services, organizations: readonly OrganizationId[]): Promise<StatusDocument> {
  const question: Question = { services, view: await services.service(), now: services.now() };
  const opened = await openForStatus(services);
  const facts = await Promise.all(organizations.map((organization) => factsOf(opened.store, organization, question.now)));
  const statuses = facts.map((known, index) =>
    organizationStatus(question, organizations[index] as OrganizationId, known, opened.error !== null),
  );
  const link = services.hub === null ? null : await hubStatus(services, services.hub, opened.store);
  const collectors = await collectorsStatus(services, {
    ...question,
    organizations: organizations.length === services.organizations.length ? null : organizations,
    hasSources: (organization, collector) => facts.some((each) => hasRead(each, organization, collector)),
  });
  const problems = [
    ...(opened.error === null ? [] : [problemDocument(opened.error, null)]),
    ...refusedProblems(services, question.view),
    ...serviceProblems(question.view).map((problem): ProblemDocument => ({ ...problem, part: partOf(problem.code), organization: null })),
    ...[
      ...judgeService(question.view),
      ...judgeKey(await keyLastUsedAt(services, opened.store), question.now),
      ...judgeDisk(await services.disk()),
      ...judgeUpgrade(await services.refusedRelease()),
      ...(link?.findings ?? []),
    ].map((finding) => problemDocument(finding, null)),
    ...(collectors?.problems ?? []),
    ...statuses.flatMap((status) => status.problems),
  ].toSorted((left, right) => Number(right.severity === 'failed') - Number(left.severity === 'failed'));
  return {
    formatVersion,
    health: healthOf(problems),
    problems,
    runs: statuses.flatMap((status) => status.runs.map(runDocument)),
    store: { kind: services.surroundings.store.kind, place: services.surroundings.store.words },
    service: serviceDocument(question.view),
    next: question.view.state === 'running' ? question.view.facts.next.map((next) => ({ organization: null, ...next })) : [],
    held: statuses.flatMap((status) => status.held),
    organizations: statuses.map((status) => status.document),
    directories: statuses.flatMap((status) => status.directories),
    notices: [...services.notices, ...(collectors?.notices ?? [])],
    // A machine is a hub or a collector of one.
    ...(link === null ? {} : { hub: link.document }),
    ...(collectors === null ? {} : { hub: collectors.document }),
  };
}

function hasRead(facts: OrganizationFacts | null, organization: string, collector: string): boolean {
  return facts !== null && facts.organization === organization && facts.reads.some(({ latest }) => latest.collector === collector);
}

/** A file that is not right; the running service tells it by itself. */
function refusedProblems({ refused }: Services, view: ServiceView): readonly ProblemDocument[] {
  if (refused === null || serviceToldCode(view, refused.code)) return [];
  const { code, message, hint, place } = refused;
  return [{ code, message, hint, place, severity: 'failed', part: 'configuration', organization: null, since: null }];
}

function healthOf(problems: readonly ProblemDocument[]): StatusDocument['health'] {
  if (problems.some((problem) => problem.severity === 'failed')) return 'failed';
  return problems.length > 0 ? 'degraded' : 'healthy';
}

/** A store that cannot be opened is a finding like any other: whoever asks for the status is to hear it. */
async function openForStatus(services: Services): Promise<{ readonly store: Store | null; readonly error: Finding | null }> {
  try {
    return { store: await services.readableStore(), error: null };
  } catch (error) {
    if (!(error instanceof RollcallError) || !error.code.startsWith('STORE_')) throw error;
    const { code, message, place } = error;
    return { store: null, error: { code, severity: 'failed', message, since: null, place } };
  }
}

async function factsOf(store: Store | null, organization: OrganizationId, now: Moment): Promise<OrganizationFacts | null> {
  return store === null ? null : organizationFacts(store, organization, now);
}

interface OrganizationStatus {
  readonly document: OrganizationStatusDocument;
  readonly directories: StatusDocument['directories'];
  readonly problems: readonly ProblemDocument[];
  readonly runs: readonly RunRecord[];
  readonly held: StatusDocument['held'];
}

function organizationStatus(
  question: Question,
  organization: OrganizationId,
  facts: OrganizationFacts | null,
  storeFailed: boolean,
): OrganizationStatus {
  const message = whyNoUsers(question.services.config, organization, facts?.reads ?? []);
  if (facts === null) {
    const never: Finding = { code: 'STORE_NOT_FOUND', severity: 'degraded', message: 'Nothing was read yet.', since: null };
    return {
      document: emptyDocument(organization, message),
      directories: [],
      problems: storeFailed ? [] : [problemDocument(never, organization)],
      runs: [],
      held: [],
    };
  }
  const { held, heldSince } = facts;
  const problems = findingsOf(question, facts).map((finding) => problemDocument(finding, organization));
  return {
    document: organizationDocument(facts, message),
    directories: directoryDocuments(facts.reads, (source) => isRead(question.services, organization, source), problems),
    problems,
    runs: facts.lastRuns,
    held:
      held === null || held.held === null
        ? []
        : [{ ...held.held, organization, since: dateText(heldSince ?? held.madeAt), guards: held.guards.map(guardDocument) }],
  };
}

function isTold(code: string, reads: readonly Finding[]): boolean {
  return reads.some((read) => read.code === code || (isRefusedSignIn(read.code) && isRefusedSignIn(code)));
}

/** Whether the configuration still names the directory; of the directories of other collectors it knows nothing. */
function isRead({ config }: Services, organization: OrganizationId, { collector, directory }: ReadSource): boolean {
  if (config.hub.listen !== '' && collector !== config.collector.name) return true;
  return config.directories.some(
    (item) => item.name === directory && (item.organization ?? config.collector.organization) === organization,
  );
}

function findingsOf({ services, view, now }: Question, facts: OrganizationFacts): readonly Finding[] {
  const reads = judgeReads(facts, now, (source) => isRead(services, facts.organization, source));
  // What a read failed with, the sync after it failed with as well.
  const runs = judgeRuns(facts).filter((finding) => !(finding.severity === 'failed' && isTold(finding.code, reads)));
  const { lastSuccess, lastRuns } = facts;
  const firstRunAt = lastRuns.length === 0 ? null : Math.min(...lastRuns.map(({ startedAt }) => startedAt));
  const last = { at: lastSuccess === null ? null : (lastSuccess.finishedAt ?? lastSuccess.startedAt), firstRunAt };
  return [
    ...reads,
    ...judgeAbsence(facts),
    ...runs,
    ...judgeOpenWrites(facts),
    ...judgeHeld(facts, now),
    // Why no sync comes to its end is told then.
    ...(reads.some(({ code }) => isRefusedSignIn(code)) ? [] : judgeSuccess(last, view, now, (schedule) => widestGap(schedule, nextSlots))),
  ];
}

function organizationDocument(facts: OrganizationFacts, message: string | null): OrganizationStatusDocument {
  const { organization, state, counts, reads, lastSuccess } = facts;
  const lastScanAt = Math.max(0, ...reads.map(({ latestComplete }) => latestComplete?.finishedAt ?? 0));
  const { users, matched, ignored, conflicts, psaHeld, notSeen } = counts;
  return {
    organization,
    organizationName: state.name ?? null,
    users,
    counts: { unmatched: users - matched - ignored, matched, ignored },
    conflicts,
    psaHeld,
    psa: state.psaMapping?.why ?? null,
    notSeen,
    onboarded: state.onboarded,
    lastScanAt: lastScanAt === 0 ? null : dateText(lastScanAt),
    lastSyncAt: dateText(state.lastAppliedAt),
    lastSuccessAt: dateText(lastSuccess === null ? null : (lastSuccess.finishedAt ?? lastSuccess.startedAt)),
    message: users === 0 ? message : null,
  };
}

function emptyDocument(organization: OrganizationId, message: string | null): OrganizationStatusDocument {
  return {
    organization,
    organizationName: null,
    users: 0,
    counts: { unmatched: 0, matched: 0, ignored: 0 },
    conflicts: 0,
    psaHeld: 0,
    psa: null,
    notSeen: 0,
    onboarded: false,
    lastScanAt: null,
    lastSyncAt: null,
    lastSuccessAt: null,
    message,
  };
}

/** The one key serves all organizations, whichever are asked about. */
async function keyLastUsedAt(services: Services, store: Store | null): Promise<Moment | null> {
  if (store === null) return null;
  const states = await Promise.all(services.organizations.map((organization) => store.organizationState(organization)));
  const uses = states.flatMap(({ lastPlanAt, lastAppliedAt }) => [lastPlanAt ?? 0, lastAppliedAt ?? 0]);
  const last = Math.max(0, ...uses);
  return last === 0 ? null : last;
}

function serviceDocument(view: ServiceView): ServiceStatusDocument {
  if (view.state === 'none') {
    return {
      state: 'none',
      version: null,
      pid: null,
      startedAt: null,
      stoppedAt: null,
      at: null,
      configLoadedAt: null,
      current: null,
      lastSuccessAt: null,
      watch: null,
    };
  }
  const { version, pid, startedAt, stoppedAt, at, configLoadedAt, lastSuccessAt } = view.facts;
  const now = view.state === 'running' ? view.facts : null;
  const known = { state: view.state, version, pid, startedAt, stoppedAt, at, configLoadedAt, lastSuccessAt };
  return { ...known, current: now?.current ?? null, watch: watchStatus(now?.watch ?? null) };
}

function watchStatus(watch: WatchFacts | null): WatchStatus | null {
  if (watch === null) return null;
  const { lastLookAt, lastGoodAt, seenTo, nextLookAt, failing } = watch;
  return { lastLookAt, lastGoodAt, seenTo, nextLookAt, failing };
}
