import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { filterAttributes } from '../../filter/filter-attributes.ts';
import { searchBasesOf } from '../read-scope.ts';
import { type RootEntry, readRootEntry } from '../root-entry.ts';
import type { DirectorySession } from '../session.ts';
import { vendorSchemas } from '../vendor-schema.ts';
import type { ChangedObject } from './changed-object.ts';
import type { ChangesRead } from './changes-read.ts';
import type { Checkpoint } from './checkpoint.ts';
import { searchDirSync } from './dir-sync-search.ts';
import { judgeStructure } from './judge-structure.ts';
import { numbersVisible } from './numbers-visible.ts';
import { readDomainPolicy, readInvocationId } from './starting-point.ts';
import { searchByUsn } from './usn-search.ts';
import { changedPeople, changedStructure, peopleAttributes, structureAttributes, structureByNumber } from './watched-changes.ts';

/** Which users changed, or why everything has to be read instead. */
export type Answered = Asked | { readonly full: string };

/** Asks which objects changed since the checkpoint, and judges whether the answer can be built on. Throws as a full read does. */
export async function askChanges(session: DirectorySession, read: ChangesRead): Promise<Answered> {
  const { cookies } = read.checkpoint;
  return cookies === null ? await askByNumber(session, read) : await askByDirSync(session, read, cookies);
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

async function askByDirSync(session: DirectorySession, read: ChangesRead, cookies: NonNullable<Checkpoint['cookies']>): Promise<Answered> {
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

async function askByNumber(session: DirectorySession, read: ChangesRead): Promise<Answered> {
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
