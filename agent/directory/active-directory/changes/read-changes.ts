import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import type { AbsenceEvidence } from '../../../../core/model/absence.ts';
import type { DirectoryEntry } from '../../../../core/model/directory-user.ts';
import type { DirectoryRead } from '../../../../core/ports/directory-source.ts';
import { filterAttributes, hindersChanges } from '../../filter/filter-attributes.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { ReadTally } from '../../read-tally.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import { readGroupMembers } from '../group-members.ts';
import { peopleScope, scopeKeyOf, searchBasesOf } from '../read-scope.ts';
import { judgeReference } from '../references.ts';
import { type RootEntry, readRootEntry } from '../root-entry.ts';
import type { DirectorySession } from '../session.ts';
import { UserPage } from '../user-page.ts';
import { vendorSchemas } from '../vendor-schema.ts';
import type { ChangedObject } from './changed-object.ts';
import { type Checkpoint, madeOf } from './checkpoint.ts';
import { searchDirSync } from './dir-sync-search.ts';
import { explainUnseen } from './explain-unseen.ts';
import { judgeStructure } from './judge-structure.ts';
import { numbersVisible } from './numbers-visible.ts';
import { rereadUsers } from './reread-users.ts';
import { sortPeople } from './sort-people.ts';
import { readDomainPolicy, readInvocationId } from './starting-point.ts';
import { searchByUsn } from './usn-search.ts';
import { changedPeople, changedStructure, peopleAttributes, structureAttributes, structureByNumber } from './watched-changes.ts';

export interface ChangesRead {
  readonly config: ActiveDirectoryConfig;
  /** The operator's. */
  readonly filter: LdapFilter | null;
  readonly onPage: (entries: readonly DirectoryEntry[]) => Promise<void>;
  readonly checkpoint: Checkpoint;
  /** Ids of users to bring although nothing of them changed. */
  readonly recheck: readonly string[];
}

/** The read, or why everything has to be read instead. */
export type ChangesOutcome = { readonly read: DirectoryRead } | { readonly full: string };

/** A policy that cannot be seen may have changed unseen: then the computed attributes of all are read once in this time. */
const policyPatienceMs = 24 * 60 * 60_000;
/**
 * Deletions and rights that come and go are not all told as changes, and tombstones are kept for 60 days at least: without a schedule of
 * its own (cron, a machine that was off, a store from a backup) everything is read again after this time.
 */
const fullPatienceMs = 32 * 24 * 60 * 60_000;
const clockPatienceMs = 60 * 60_000;
/** When more than this share of the users changed, reading all of them costs no more. */
const worthwhileShare = 0.25;
const worthwhileAnyway = 1000;

/** Why changes cannot be asked for, as far as it is known before the server is asked; `null`: they can. */
export function hindrance(read: Pick<ChangesRead, 'config' | 'filter' | 'checkpoint'> & { readonly now: number }): string | null {
  const { config, filter, checkpoint, now } = read;
  const bases = searchBasesOf(config, checkpoint.domainRoot);
  if (scopeKeyOf(config, bases) !== checkpoint.scopeKey) return 'who is read has been changed';
  const watched = [...new Set((config.watchedGroups ?? []).map((group) => canonicalDn(group) ?? group.trim().toLowerCase()))].sort();
  if (watched.some((group) => !checkpoint.watched.includes(group) && isOfDomain(group, checkpoint.domainRoot))) {
    return 'contacts.contactTypeRules name a group that was not asked for before';
  }
  if (madeOf(config) !== checkpoint.madeOf) return 'the records of users are made another way than before';
  const aged = now - checkpoint.fullAt;
  if (aged >= fullPatienceMs || aged < -clockPatienceMs) return 'everything was read last more than a month ago, or at a time yet to come';
  if (checkpoint.policies === 'hidden' && (aged >= policyPatienceMs || aged < 0)) {
    return 'fine-grained password policies may not be read, so all users are read once a day';
  }
  return filter === null ? null : hindersChanges(filter);
}

function isOfDomain(group: string, domainRoot: string): boolean {
  const root = canonicalDn(domainRoot);
  return root !== null && group.endsWith(root) && !group.slice(0, group.length - root.length).includes('dc=');
}

/**
 * Reads what changed since the checkpoint: with DirSync's marks in one exchange when nothing did. Users that changed are read again whole.
 * Nothing is concluded from what is not told; any doubt is a reason to read everything. Throws as a full read does.
 */
export async function readChanges(session: DirectorySession, read: ChangesRead): Promise<ChangesOutcome> {
  const asked =
    read.checkpoint.cookies === null ? await askByNumber(session, read) : await askByDirSync(session, read, read.checkpoint.cookies);
  if ('full' in asked) return asked;
  const { people, root, checkpoint } = asked;
  const limit = Math.max(worthwhileAnyway, checkpoint.users * worthwhileShare);
  if (people.length > limit) return { full: `${people.length} users changed, so that reading all costs no more` };
  const tally = new ReadTally();
  const { evidence, gap } = await bring(session, read, { people, tally });
  tally.gap(gap);
  return {
    read: {
      proof: {
        ...tally.summary(),
        kind: 'changes',
        containers: checkpoint.containers,
        server: session.server,
        family: root.family,
        ownAccountId: checkpoint.ownAccountId,
        scopeKey: checkpoint.scopeKey,
        ...(checkpoint.watched.length === 0 ? {} : { groups: checkpoint.watched }),
        ...(root.site === null ? {} : { site: root.site }),
        ...(checkpoint.tombstones === null ? {} : { tombstones: checkpoint.tombstones }),
      },
      checkpoint,
      evidence,
    },
  };
}

interface Asked {
  readonly people: readonly ChangedObject[];
  readonly root: RootEntry;
  /** For the next read. */
  readonly checkpoint: Checkpoint;
}

function wordsOf({ filter, checkpoint }: ChangesRead) {
  const base = checkpoint.domainRoot;
  const groups = checkpoint.groupIds.length > 0 || checkpoint.anyGroup;
  return {
    people: { base, filter: changedPeople, attributes: peopleAttributes(filter === null ? [] : filterAttributes(filter)) },
    structure: { base, filter: changedStructure({ groups, domain: checkpoint.cookies !== null }), attributes: structureAttributes },
  };
}

async function askByDirSync(
  session: DirectorySession,
  read: ChangesRead,
  cookies: NonNullable<Checkpoint['cookies']>,
): Promise<Asked | { readonly full: string }> {
  const { config, checkpoint } = read;
  const words = wordsOf(read);
  const [root, invocationId, people, structure] = await Promise.all([
    readRootEntry(session, vendorSchemas['active-directory'], config.domain),
    readInvocationId(session, checkpoint.dsServiceName),
    searchDirSync(session, words.people, Buffer.from(cookies.people, 'base64')),
    searchDirSync(session, words.structure, Buffer.from(cookies.structure, 'base64')),
    session.confirm(),
  ]);
  const doubt = doubtOf(root, invocationId, checkpoint);
  if (doubt !== null) return { full: doubt };
  if (!people.ok) return { full: people.because };
  if (!structure.ok) return { full: structure.because };
  const isSame = root.dsServiceName === checkpoint.dsServiceName;
  // Another controller may tell from the beginning: then all that it tells looks new.
  const reason = firstReason(structure.objects, checkpoint, (object) => isSame && object.attributes.has('objectclass'));
  if (reason !== null) return { full: reason };
  const dsServiceName = root.dsServiceName ?? checkpoint.dsServiceName;
  // Its marks hold on any controller of the domain; the next one knows this one again.
  const life = isSame ? checkpoint.invocationId : await readInvocationId(session, dsServiceName);
  if (life === null) return { full: 'the server does not tell which copy of the directory it has' };
  return {
    people: people.objects,
    root,
    checkpoint: {
      ...checkpoint,
      server: session.server,
      dsServiceName,
      invocationId: life,
      highestUsn: root.highestUsn ?? checkpoint.highestUsn,
      cookies: { people: people.cookie.toString('base64'), structure: structure.cookie.toString('base64') },
    },
  };
}

async function askByNumber(session: DirectorySession, read: ChangesRead): Promise<Asked | { readonly full: string }> {
  const { config, checkpoint } = read;
  const [root, invocationId, policy, isVisible] = await Promise.all([
    readRootEntry(session, vendorSchemas['active-directory'], config.domain),
    readInvocationId(session, checkpoint.dsServiceName),
    readDomainPolicy(session, checkpoint.domainRoot),
    numbersVisible(session, searchBasesOf(config, checkpoint.domainRoot)),
    session.confirm(),
  ]);
  if (root.dsServiceName !== checkpoint.dsServiceName)
    return { full: 'another domain controller answers than the one that was read before' };
  const doubt = doubtOf(root, invocationId, checkpoint);
  if (doubt !== null) return { full: doubt };
  if (!isVisible) return { full: 'uSNChanged of users, by which changes are told, cannot be read' };
  if (policy !== checkpoint.policy) return { full: "the domain's password policy has changed" };
  const since = BigInt(checkpoint.highestUsn);
  const words = wordsOf(read);
  const { supportedControls } = root;
  const [people, structure] = await Promise.all([
    searchByUsn(
      session,
      { ...words.people, attributes: ['objectGUID', 'isDeleted', 'lastKnownParent'], supportedControls, what: 'the users that changed' },
      since,
    ),
    searchByUsn(
      session,
      { ...words.structure, attributes: structureByNumber, supportedControls, what: 'the organizational units that changed' },
      since,
    ),
  ]);
  if (!people.ok) return { full: people.because };
  if (!structure.ok) return { full: structure.because };
  const reason = firstReason(structure.objects, checkpoint, ({ createdUsn }) => createdUsn !== null && BigInt(createdUsn) > since);
  if (reason !== null) return { full: reason };
  return {
    people: people.objects,
    root,
    checkpoint: { ...checkpoint, server: session.server, highestUsn: root.highestUsn ?? checkpoint.highestUsn },
  };
}

/** What makes it doubtful that the server's answer builds on the read before. */
function doubtOf(root: RootEntry, invocationId: string | null, checkpoint: Checkpoint): string | null {
  if (
    root.defaultBase === null ||
    canonicalDn(root.defaultBase) !== canonicalDn(checkpoint.domainRoot) ||
    root.family !== checkpoint.family
  ) {
    return 'the server holds another domain than the one that was read before';
  }
  if (root.dsServiceName !== checkpoint.dsServiceName) return null;
  if (invocationId !== checkpoint.invocationId) return 'the domain controller was restored';
  if (root.highestUsn === null || !/^\d{1,20}$/.test(root.highestUsn) || BigInt(root.highestUsn) < BigInt(checkpoint.highestUsn)) {
    return 'the domain controller has gone back to an earlier state';
  }
  return null;
}

function firstReason(objects: readonly ChangedObject[], checkpoint: Checkpoint, isNew: (object: ChangedObject) => boolean): string | null {
  for (const object of objects) {
    const reason = judgeStructure(object, checkpoint, { isNew: isNew(object) });
    if (reason !== null) return reason;
  }
  return null;
}

/** Reads the users that changed, hands them over, and finds out about those that the scope does not bring. */
async function bring(
  session: DirectorySession,
  read: ChangesRead,
  { people, tally }: { readonly people: readonly ChangedObject[]; readonly tally: ReadTally },
): Promise<{ readonly evidence: readonly AbsenceEvidence[]; readonly gap: string | null }> {
  const { config, filter, checkpoint, onPage, recheck } = read;
  const { evidence, wanted } = sortPeople(people);
  const changed = [...wanted];
  for (const id of recheck) if (!evidence.has(id)) wanted.add(id);
  if (wanted.size === 0) return { evidence: [...evidence.values()], gap: null };

  const schema = vendorSchemas['active-directory'];
  const bases = searchBasesOf(config, checkpoint.domainRoot);
  const { domainRoot } = checkpoint;
  const scope = await peopleScope({ session, config, schema, filter, domainRoot, tally });
  const onGap = (gap: string | null): void => tally.gap(gap);
  const members = await readGroupMembers(session, { groups: config.watchedGroups ?? [], schema, domainRoot, bases, onGap });
  const known = new Set<string>();
  const page = new UserPage({
    session,
    config,
    schema,
    tally,
    members,
    onUnused: (id, { by, reason }) => {
      known.add(id);
      const found = by === 'scope' ? 'out-of-scope' : 'unproven';
      evidence.set(id, { immutableId: id, found, why: reason });
    },
  });
  const gap = await rereadUsers(session, { config, bases, people: scope.filter, attributes: schema.attributes }, [...wanted], {
    onEntry: (reader) => page.add(reader),
    onReference: (urls) => {
      for (const url of urls.slice(0, 1)) judgeReference(url, tally);
    },
    onPage: async () => {
      const { entries, fresh } = await page.finish();
      for (const { immutableId } of entries) known.add(immutableId);
      if (entries.length > 0) await onPage(entries);
      return fresh;
    },
  });
  const unseen = changed.filter((id) => !known.has(id));
  if (gap !== null || unseen.length === 0) return { evidence: [...evidence.values()], gap };
  const unseenWhy = await explainUnseen(session, { ids: unseen, bases, people: scope.filter, domainRoot });
  for (const item of unseenWhy.evidence) evidence.set(item.immutableId, item);
  return { evidence: [...evidence.values()], gap: unseenWhy.gap };
}
