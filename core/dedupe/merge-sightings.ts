import type { AccountFacts, DirectoryUser } from '../model/directory-user.ts';
import { type OrganizationId, userId } from '../model/ids.ts';
import type { Moment } from '../model/time.ts';
import type { ReadRecord, StoredSighting } from '../ports/store.ts';

export interface MergeInput {
  readonly organization: OrganizationId;
  /** Those of other organizations are left out (D4). */
  readonly sightings: readonly StoredSighting[];
  /** The latest complete read of each collector and directory that is configured. */
  readonly latestReads: readonly ReadRecord[];
}

/**
 * Merges the sightings of one organization into its directory users, one an identity (D1, D2), in the order of their ids. The
 * sighting of the latest complete read wins whole, blanks included; the others add only a later Last Logon (D3). The order of the
 * input does not matter.
 *
 * A user is `present` when the latest complete read of at least one collector and directory brought it. Otherwise it is `out`
 * when its directory is read no more, or is read with another scope than the one that last brought it; else it is `absent`.
 */
export function mergeSightings(input: MergeInput): readonly DirectoryUser[] {
  const latest = newestBySource(input.latestReads.filter((read) => read.organization === input.organization));
  const sightings = input.sightings.filter((sighting) => sighting.read.organization === input.organization);
  const own = ownAccounts(new Set([...latest.values(), ...sightings.map((sighting) => sighting.read)]));

  // The store hands them over in this order already; any other only costs time.
  sightings.sort((left, right) => compareText(left.userId, right.userId));
  const users: DirectoryUser[] = [];
  for (let start = 0, end = 0; start < sightings.length; start = end) {
    while (end < sightings.length && sightings[end]?.userId === sightings[start]?.userId) end++;
    users.push(mergeGroup(sightings.slice(start, end), latest, own));
  }
  return users;
}

function newestBySource(reads: readonly ReadRecord[]): ReadonlyMap<string, ReadRecord> {
  const newest = new Map<string, ReadRecord>();
  for (const read of reads) {
    const known = newest.get(sourceKey(read));
    if (known === undefined || isNewer(read, known)) newest.set(sourceKey(read), read);
  }
  return newest;
}

function mergeGroup(group: readonly StoredSighting[], latest: ReadonlyMap<string, ReadRecord>, own: ReadonlySet<string>): DirectoryUser {
  const winner = group.reduce((best, sighting) => (isNewer(sighting.read, best.read) ? sighting : best));
  const first = group.reduce((best, sighting) => (wasSeenEarlier(sighting, best) ? sighting : best));
  return {
    id: winner.userId,
    immutableId: winner.entry.immutableId,
    sourceType: winner.sourceType,
    directory: winner.directory,
    dn: winner.entry.dn,
    person: winner.entry.person,
    account: group.length === 1 ? winner.entry.account : withLatestLogon(winner.entry.account, group),
    collectors: group.length === 1 ? [winner.collector] : [...new Set(group.map((sighting) => sighting.collector))].sort(compareText),
    firstCollector: first.collector,
    presence: presenceOf(winner, group, latest),
    readComplete: isComplete(winner.read),
    groups: winner.entry.groups ?? none,
    groupsRead: winner.read.proof?.groups ?? none,
    isOwnAccount: own.size > 0 && own.has(winner.userId.toLowerCase()),
  };
}

const none: readonly string[] = Object.freeze([]);

function presenceOf(
  winner: StoredSighting,
  group: readonly StoredSighting[],
  latest: ReadonlyMap<string, ReadRecord>,
): DirectoryUser['presence'] {
  if (group.some((sighting) => latest.get(sourceKey(sighting))?.id === sighting.read.id)) return 'present';
  const newest = latest.get(sourceKey(winner));
  return newest === undefined || newest.proof?.scopeKey !== winner.read.proof?.scopeKey ? 'out' : 'absent';
}

/** The latest logon that any sighting knows, with the accuracy of the one that knows it (C4). */
function withLatestLogon(account: AccountFacts, group: readonly StoredSighting[]): AccountFacts {
  let latest = account;
  for (const { entry } of group) if (isLaterLogon(entry.account, latest)) latest = entry.account;
  return latest === account ? account : { ...account, lastLogon: latest.lastLogon, lastLogonAccuracy: latest.lastLogonAccuracy };
}

function isLaterLogon(left: AccountFacts, right: AccountFacts): boolean {
  const difference = logonOrder(left) - logonOrder(right);
  return difference > 0 || (difference === 0 && left.lastLogonAccuracy === 'exact' && right.lastLogonAccuracy !== 'exact');
}

/** Unknown comes before never, never before any moment. */
function logonOrder({ lastLogon }: AccountFacts): number {
  if (lastLogon === null) return -2;
  return lastLogon === 'never' ? -1 : lastLogon;
}

/** By the hub's clock, which wrote when the read ended; what one clock tick holds, by the order in which it was stored. */
function isNewer(left: ReadRecord, right: ReadRecord): boolean {
  if (isComplete(left) !== isComplete(right)) return isComplete(left);
  const difference = readAt(left) - readAt(right);
  return difference > 0 || (difference === 0 && left.id > right.id);
}

function isComplete(read: ReadRecord): boolean {
  return read.outcome === 'complete' && read.proof !== null && read.proof.complete;
}

function readAt(read: ReadRecord): Moment {
  return read.finishedAt ?? read.startedAt;
}

function wasSeenEarlier(left: StoredSighting, right: StoredSighting): boolean {
  if (left.firstSeenAt !== right.firstSeenAt) return left.firstSeenAt < right.firstSeenAt;
  return left.collector < right.collector;
}

function ownAccounts(reads: Iterable<ReadRecord>): ReadonlySet<string> {
  const own = new Set<string>();
  for (const { proof } of reads) {
    if (proof !== null && proof.ownAccountId !== null) own.add(userId(proof.family, proof.ownAccountId).toLowerCase());
  }
  return own;
}

function sourceKey({ collector, directory }: { readonly collector: string; readonly directory: string }): string {
  return `${collector.length}:${collector} ${directory}`;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
