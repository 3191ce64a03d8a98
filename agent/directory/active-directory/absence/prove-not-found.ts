import type { Control } from 'ldapts';
import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { parentDn } from '../../../../core/active-directory/parent-dn.ts';
import type { Absentee } from '../../../../core/model/absence.ts';
import { mapInFlight } from '../map-in-flight.ts';
import type { DirectorySession } from '../session.ts';
import type { VendorSchema } from '../vendor-schema.ts';
import { lookAtOne, nameOf } from './look-at-one.ts';
import type { SeenUser, SeenUsers } from './seen-users.ts';

/** Others who must be found for a "no such object" to mean anything (C10). */
const canariesWanted = 5;
/** Containers above a lost one that are looked at, to tell where the tree ends that can be read. */
const mostAncestors = 20;

export interface ProofWords {
  readonly schema: VendorSchema;
  readonly controls: readonly Control[];
  readonly seen: SeenUsers;
}

/**
 * Says for each user of whom the directory says "no such object" why that proves nothing (`null`: it is proof). It is when the
 * container it was in can be read, another user directly in that container is found by the same kind of look, and so are some users of
 * all. A right that was lost hides users of one container while the container itself stays readable, so users elsewhere alone say
 * nothing about this one (C10). To be asked after the looks: what can be read now could be read then, or the proof fails.
 */
export async function whyNotProven(
  session: DirectorySession,
  absentees: readonly Absentee[],
  words: ProofWords,
): Promise<ReadonlyMap<string, string | null>> {
  if (absentees.length === 0) return new Map();
  const general = await doubtOfCanaries(session, words);
  const parents = new Map(absentees.map(({ dn }) => [keyOf(parentDn(dn) ?? ''), parentDn(dn) ?? '']));
  const doubts = general === null ? await doubtsOfParents(session, parents, words) : new Map<string, string | null>();
  return new Map(absentees.map(({ immutableId, dn }) => [immutableId, general ?? doubts.get(keyOf(parentDn(dn) ?? '')) ?? null]));
}

async function doubtOfCanaries(session: DirectorySession, words: ProofWords): Promise<string | null> {
  let found = 0;
  for (const canary of words.seen.canaries) {
    if (found === canariesWanted) return null;
    const state = await lookAtSeen(session, canary, words);
    if (state === 'lost') return 'users that were read a moment ago are not found either';
    if (state === 'found') found += 1;
  }
  return found === 0 ? 'no other user was read to compare with' : null;
}

async function doubtsOfParents(
  session: DirectorySession,
  parents: ReadonlyMap<string, string>,
  words: ProofWords,
): Promise<Map<string, string | null>> {
  const doubts = await mapInFlight(
    [...parents],
    async ([key, dn]): Promise<[string, string | null]> => [key, await doubtOfParent(session, dn, words)],
  );
  return new Map(doubts);
}

async function doubtOfParent(session: DirectorySession, dn: string, words: ProofWords): Promise<string | null> {
  if (dn === '') return 'where it was is not known';
  const look = await lookAtOne(session, dn, { ...words, controls: [] });
  if (look.kind === 'unclear') return `its container ${dn} cannot be read: ${look.why}`;
  if (look.kind === 'nothing') return `its container ${dn} is not there any more${await readableAbove(session, dn, words)}`;
  if (!look.object.isReadable) return `its container ${dn} cannot be read`;

  const siblings = words.seen.directlyIn(dn);
  for (const sibling of siblings) {
    const state = await lookAtSeen(session, sibling, words);
    if (state === 'found') return null;
    if (state === 'lost') return `others in ${dn} are not found either`;
  }
  return `no other user directly in ${dn} can be read, and a lost right would look the same`;
}

async function readableAbove(session: DirectorySession, dn: string, words: ProofWords): Promise<string> {
  let above = parentDn(dn);
  for (let steps = 0; above !== null && steps < mostAncestors; steps += 1, above = parentDn(above)) {
    const look = await lookAtOne(session, above, { ...words, controls: [] });
    if (look.kind === 'object') return `; it was renamed, moved or deleted, or may not be seen (${above} is there)`;
  }
  return '';
}

async function lookAtSeen(session: DirectorySession, user: SeenUser, words: ProofWords): Promise<'found' | 'deleted' | 'lost'> {
  const look = await lookAtOne(session, nameOf(user, words.schema), words);
  if (look.kind !== 'object' || look.object.immutableId !== user.immutableId) return 'lost';
  return look.object.isDeleted === false ? 'found' : 'deleted';
}

function keyOf(dn: string): string {
  return canonicalDn(dn) ?? dn;
}
