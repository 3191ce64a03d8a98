import { errorTable } from '../../../core/error-table.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { HubCollectorDocument, HubCollectorsDocument } from '../../cli/documents-hub.ts';
import type { ServiceView } from '../../service/service-facts.ts';
import { type Finding, knownCode, spanText } from './problem.ts';

const minuteMs = 60_000;
const silentAfterMs = 15 * minuteMs;
/** Whoever was invited may take a day to get to the machine. */
const invitedPatienceMs = 24 * 60 * minuteMs;
const mostNamed = 10;

/** A finding about a collector, or about a subnet that none stands for. */
export interface CollectorFinding {
  readonly organization: string;
  readonly finding: Finding;
}

export interface CollectorsQuestion {
  readonly view: ServiceView;
  readonly now: Moment;
  /** Whether what the collector saw still counts here: nobody misses one whose users were deleted or given to another. */
  readonly isMissed: (collector: HubCollectorDocument) => boolean;
}

type Known = Pick<HubCollectorsDocument, 'collectors' | 'invitations' | 'uncovered'>;

/** Collectors that are not heard or cannot read, and subnets that nobody reads (H3). */
export function judgeCollectors(known: Known, question: CollectorsQuestion): readonly CollectorFinding[] {
  return [
    ...known.collectors.flatMap((collector) => {
      const finding = silence(collector, question) ?? failure(collector, question.now);
      return finding === null ? [] : [{ organization: collector.organization, finding }];
    }),
    ...gaps(known, question),
  ];
}

/** Only while the hub itself listened can a collector have been silent. */
function silence(collector: HubCollectorDocument, { view, now }: CollectorsQuestion): Finding | null {
  if (collector.state !== 'silent' || view.state === 'none') return null;
  const { facts } = view;
  // Then nobody is heard, and that is the one problem to be told.
  if (facts.problems.some(({ code }) => code === 'HUB_UNAVAILABLE')) return null;
  const until = view.state === 'running' ? now : Date.parse(facts.stoppedAt ?? facts.at);
  const heardAt = Date.parse(collector.lastContactAt ?? collector.addedAt);
  if (until - Math.max(heardAt, Date.parse(facts.startedAt)) <= silentAfterMs) return null;
  const never = collector.lastContactAt === null ? ', where it has only joined' : '';
  const message = `Nothing was heard of collector ${collector.name} (${collector.subnets.join(', ')}) for ${spanText(now - heardAt)}${never}.`;
  return { code: 'HUB_COLLECTOR_SILENT', severity: 'degraded', message, since: heardAt, place: { collector: collector.name } };
}

function failure({ state, name, directories, clockAheadMs }: HubCollectorDocument, now: Moment): Finding | null {
  const failed = state === 'joined' ? directories.filter(({ error }) => error !== null) : [];
  const [first] = failed;
  if (first === undefined) return null;
  const each = failed.map(({ name: directory, error, lastReadAt }) => {
    const age = lastReadAt === null ? null : now - (Date.parse(lastReadAt) - (clockAheadMs ?? 0));
    return `${directory} (${error}; ${age === null ? 'no read was complete yet' : `last complete ${spanText(age)} ago`})`;
  });
  const hint = `On that machine: ${errorTable[knownCode(first.error, 'HUB_COLLECTOR_FAILING')].hint}`;
  const message = `Collector ${name} is heard, but its reads fail: ${each.join(', ')}.`;
  return { code: 'HUB_COLLECTOR_FAILING', severity: 'degraded', message, hint, since: null, place: { collector: name } };
}

/** Subnets of revoked collectors that are missed, and of invitations that nobody uses; a silent collector is told of by itself. */
function gaps({ collectors, invitations, uncovered }: Known, { now, isMissed }: CollectorsQuestion): readonly CollectorFinding[] {
  return uncovered.flatMap(({ organization, subnet, why }) => {
    const about = { organization, subnet };
    if (why === 'revoked') {
      const missed = collectors.find((each) => each.state === 'revoked' && standsFor(each, about) && isMissed(each));
      if (missed === undefined) return [];
      return [gap(about, `its collector ${missed.name} was revoked, and what that saw still counts`, momentOf(missed.revokedAt))];
    }
    const invited = why === 'invited' ? invitations.find((each) => standsFor(each, about)) : undefined;
    const since = momentOf(invited?.createdAt ?? null);
    if (since === null || now - since < invitedPatienceMs) return [];
    return [gap(about, 'the invitation for it was not used yet', since)];
  });
}

interface Subnet {
  readonly organization: string;
  readonly subnet: string;
}

function standsFor(one: { readonly organization: string; readonly subnets: readonly string[] }, { organization, subnet }: Subnet): boolean {
  return one.organization === organization && one.subnets.includes(subnet);
}

function gap({ organization, subnet }: Subnet, why: string, since: Moment | null): CollectorFinding {
  const message = `No collector stands for subnet ${subnet}: ${why}.`;
  return { organization, finding: { code: 'HUB_SUBNET_UNCOVERED', severity: 'degraded', message, since, place: { subnet } } };
}

function momentOf(date: string | null): Moment | null {
  return date === null ? null : Date.parse(date);
}

/** Sentences that name the collectors whose versions are too far from the hub's. */
export function skewNotices(collectors: readonly HubCollectorDocument[], hub: string): readonly string[] {
  return (['older', 'newer'] as const).flatMap((skew) => {
    const apart = collectors.filter((each) => each.versionSkew === skew && each.state !== 'revoked');
    if (apart.length === 0) return [];
    const named = apart
      .slice(0, mostNamed)
      .map(({ name, organization, version }) => `${name} of organization ${organization} (${version})`);
    const more = apart.length > mostNamed ? `, and ${apart.length - mostNamed} more` : '';
    const remedy = skew === 'older' ? 'update the collectors' : 'update the hub';
    return [`More than one minor release ${skew} than this hub (${hub}): ${named.join(', ')}${more}; ${remedy}.`];
  });
}
