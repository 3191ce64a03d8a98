import type { Absence } from '../model/absence.ts';
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
  /**
   * The latest complete read of everything of each. A collector that may not see deleted users proves by it alone that a user is there:
   * its reads of changes do not tell of a deletion. Not given: every read proves it.
   */
  readonly latestFullReads?: readonly ReadRecord[];
}

/**
 * Merges the sightings of one organization into its directory users, one an identity (D1, D2), in the order of their ids. The
 * sighting of the latest complete read wins whole, blanks included; the others add only a later Last Logon (D3). The order of the
 * input does not matter.
 *
 * A user is `present` when the latest complete read of at least one collector and directory brought it, unless another one has seen
 * its tombstone after that read. Else it is `gone` when a collector has seen its tombstone and nobody has seen it alive after that;
 * `missing` when one has found it so and no other has seen it since; `out` when it was found out of scope, or its directory is read no
 * more or with another scope than the one that last brought it; else `absent` (C10).
 */
export function mergeSightings(input: MergeInput): readonly DirectoryUser[] {
  const latest = newestBySource(input.latestReads.filter((read) => read.organization === input.organization));
  const latestFull = newestBySource((input.latestFullReads ?? []).filter((read) => read.organization === input.organization));
  const sightings = input.sightings.filter((sighting) => sighting.read.organization === input.organization);
  const own = ownAccounts(new Set([...latest.values(), ...sightings.map((sighting) => sighting.read)]));

  // The store hands them over in this order already; any other only costs time.
  sightings.sort((left, right) => compareText(left.userId, right.userId));
  const users: DirectoryUser[] = [];
  for (let start = 0, end = 0; start < sightings.length; start = end) {
    while (end < sightings.length && sightings[end]?.userId === sightings[start]?.userId) end++;
    users.push(mergeGroup(sightings.slice(start, end), { latest, latestFull, own }));
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

interface MergeContext {
  readonly latest: ReadonlyMap<string, ReadRecord>;
  readonly latestFull: ReadonlyMap<string, ReadRecord>;
  readonly own: ReadonlySet<string>;
}

function mergeGroup(group: readonly StoredSighting[], context: MergeContext): DirectoryUser {
  const { own } = context;
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
    ...presenceOf(winner, group, context),
    readComplete: isComplete(winner.read),
    groups: winner.entry.groups ?? none,
    groupsRead: winner.read.proof?.groups ?? none,
    isOwnAccount: own.size > 0 && own.has(winner.userId.toLowerCase()),
  };
}

const none: readonly string[] = Object.freeze([]);

type KnownPresence = Pick<DirectoryUser, 'presence' | 'absence'>;

const isPresent: KnownPresence = Object.freeze({ presence: 'present', absence: null });

function presenceOf(winner: StoredSighting, group: readonly StoredSighting[], context: MergeContext): KnownPresence {
  const isSeen = (sighting: StoredSighting): boolean =>
    sighting.absence === null && context.latest.get(sourceKey(sighting))?.id === sighting.read.id;
  // Nearly everybody: nobody misses the user.
  if (group.every(isSeen)) return isPresent;

  const gone = newestAbsence(group, 'gone', ({ checkedAt }) => checkedAt);
  const isAliveAgain = ({ checkedAt }: Absence): boolean => group.some((other) => aliveAt(other, context, 'gone') >= checkedAt);
  if (gone !== null && !isAliveAgain(gone)) return told('gone', gone);
  if (group.some(isSeen)) return isPresent;

  const missing = newestAbsence(group, 'missing', ({ since }) => since);
  const isSeenSince = ({ since }: Absence): boolean => group.some((other) => aliveAt(other, context, 'missing') > since);
  if (missing !== null && !isSeenSince(missing)) return told('missing', missing);

  const out = newestAbsence(group, 'out', ({ checkedAt }) => checkedAt);
  if (out !== null) return told('out', out);
  const newest = context.latest.get(sourceKey(winner));
  if (newest === undefined) return { presence: 'out', absence: { since: null, why: `the directory ${winner.directory} is read no more` } };
  if (newest.proof?.scopeKey !== winner.read.proof?.scopeKey) {
    return { presence: 'out', absence: { since: null, why: `the directory ${winner.directory} is read with another scope than before` } };
  }
  return winner.absence === null ? { presence: 'absent', absence: null } : told('absent', winner.absence);
}

function told(presence: Absence['grade'], { since, why }: Absence): KnownPresence {
  return { presence, absence: { since, why } };
}

/** The order of the sightings does not matter: of two from one moment, the one that says more of before. */
function newestAbsence(group: readonly StoredSighting[], grade: Absence['grade'], at: (absence: Absence) => Moment): Absence | null {
  const found = group.flatMap(({ absence }) => (absence?.grade === grade ? [absence] : []));
  found.sort((left, right) => at(right) - at(left) || left.since - right.since || compareText(left.why, right.why));
  return found[0] ?? null;
}

/** When a sighting last proved that the user is there; one that is itself of that grade contradicts it never, whatever its clock said. */
function aliveAt({ read, absence, ...source }: StoredSighting, { latestFull }: MergeContext, grade: Absence['grade']): Moment {
  if (absence?.grade === grade) return Number.NEGATIVE_INFINITY;
  if (absence?.grade === 'out') return absence.checkedAt;
  const full = latestFull.get(sourceKey(source));
  const hidesDeletions = read.proof?.kind === 'changes' && read.proof.tombstones !== 'visible';
  return hidesDeletions && full !== undefined ? Math.min(readAt(full), readAt(read)) : readAt(read);
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
