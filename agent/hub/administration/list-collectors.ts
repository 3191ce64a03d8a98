import { holds, parseNetwork } from '../../../core/active-directory/sites.ts';
import { versionSkew } from '../../../core/collectors/version-skew.ts';
import type { Moment } from '../../../core/model/time.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { HubCollectorDocument, HubCollectorsDocument } from '../../cli/documents-hub.ts';
import { version as ownVersion } from '../../version.ts';
import type { Inbox, WaitingUpload } from '../inbox/inbox.ts';
import type { EnrolledCollector, OpenInvitation, Registry } from '../registry/registry.ts';

/** After this long without a word a collector is silent. */
const silentAfterMs = 15 * 60_000;

interface ListContext {
  readonly registry: Pick<Registry, 'collectors' | 'openInvitations'>;
  readonly inbox: Pick<Inbox, 'waiting'>;
  readonly now: Moment;
}

/** What the hub knows of its collectors, and of subnets that have none. */
export async function listCollectors(organization: string | null, { registry, inbox, now }: ListContext): Promise<HubCollectorsDocument> {
  const waiting = await inbox.waiting();
  const records = await registry.collectors(organization);
  const open = await registry.openInvitations(organization, now);
  const collectors = records.map((record) => documentOf(record, waiting, now));
  return {
    formatVersion,
    collectors,
    invitations: open.map(({ createdAt, expiresAt, ...invitation }) => ({
      organization: invitation.organization,
      subnets: invitation.subnets,
      name: invitation.name,
      createdAt: dateText(createdAt),
      createdBy: invitation.createdBy,
      expiresAt: dateText(expiresAt),
    })),
    uncovered: uncovered(collectors, open),
  };
}

function documentOf(record: EnrolledCollector, waiting: readonly WaitingUpload[], now: Moment): HubCollectorDocument {
  const { id, organization, name, subnets, location, version, platform, clockAheadMs, heartbeat } = record;
  return {
    id,
    organization,
    name,
    state: stateOf(record, now),
    subnets,
    location,
    version,
    versionSkew: versionSkew(version, ownVersion),
    platform,
    addedAt: dateText(record.addedAt),
    revokedAt: dateOrNull(record.revokedAt),
    lastContactAt: dateOrNull(record.lastContactAt),
    lagMs: lagOf(record, waiting, now),
    clockAheadMs,
    keyMadeAt: dateOrNull(record.keyMadeAt),
    directories: (heartbeat?.facts.directories ?? []).map((directory) => ({
      name: directory.name,
      type: directory.type,
      lastReadAt: dateOrNull(directory.lastReadAt),
      error: directory.error,
    })),
    problems: [...new Set((heartbeat?.facts.problems ?? []).map(({ code }) => code))],
  };
}

function stateOf({ revokedAt, lastContactAt, addedAt }: EnrolledCollector, now: Moment): HubCollectorDocument['state'] {
  if (revokedAt !== null) return 'revoked';
  return now - (lastContactAt ?? addedAt) > silentAfterMs ? 'silent' : 'joined';
}

/** The longest of what the collector has not sent (its own clock tells both ends) and what has not landed here. */
function lagOf({ id, heartbeat }: EnrolledCollector, waiting: readonly WaitingUpload[], now: Moment): number | null {
  const here = waiting.filter(({ collectorId }) => collectorId === id).map(({ receivedAt }) => now - receivedAt);
  if (heartbeat === null) return here.length === 0 ? null : Math.max(...here);
  const { facts, at } = heartbeat;
  const there = facts.directories.flatMap(({ unsentSince }) => (unsentSince === null ? [] : [facts.clock - unsentSince + (now - at)]));
  return Math.max(0, ...here, ...there);
}

function uncovered(collectors: readonly HubCollectorDocument[], open: readonly OpenInvitation[]): HubCollectorsDocument['uncovered'] {
  const living = collectors.filter(({ state }) => state === 'joined');
  const wanted = [
    ...collectors.flatMap(({ organization, subnets, state }) =>
      state === 'joined' ? [] : subnets.map((subnet) => ({ organization, subnet, why: state })),
    ),
    ...open.flatMap(({ organization, subnets }) => subnets.map((subnet) => ({ organization, subnet, why: 'invited' as const }))),
  ];
  const missing = wanted.filter(
    ({ organization, subnet }) =>
      !living.some((each) => each.organization === organization && each.subnets.some((own) => isWithin(subnet, own))),
  );
  const seen = new Set<string>();
  return missing.filter(({ organization, subnet }) => {
    const key = `${organization} ${subnet}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function isWithin(inner: string, outer: string): boolean {
  const [small, large] = [parseNetwork(inner), parseNetwork(outer)];
  return small !== null && large !== null && holds(large, small);
}

function dateOrNull(moment: Moment | null): string | null {
  return moment === null ? null : dateText(moment);
}

function dateText(moment: Moment): string {
  return new Date(moment).toISOString();
}
