import type { Control } from 'ldapts';
import { createSubtreeTest } from '../../../../core/active-directory/distinguished-name.ts';
import { notAPerson } from '../../../../core/active-directory/map-entry.ts';
import { parentDn } from '../../../../core/active-directory/parent-dn.ts';
import { emptyRawUser } from '../../../../core/active-directory/user-attributes.ts';
import type { AbsenceEvidence, Absentee } from '../../../../core/model/absence.ts';
import type { ReadProof } from '../../../../core/ports/directory-source.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { mapInFlight } from '../map-in-flight.ts';
import type { DirectorySession } from '../session.ts';
import type { VendorSchema } from '../vendor-schema.ts';
import { showDeletedWhere } from './deleted-objects.ts';
import { findObjects } from './find-objects.ts';
import type { FoundObject } from './found-object.ts';
import { lookAtOne, nameOf } from './look-at-one.ts';
import { whyNotProven } from './prove-not-found.ts';
import type { SeenUsers } from './seen-users.ts';

/** Users whom the search did not find and who are then looked at one by one, in one read. */
const mostSingleLooks = 2_000;

export interface LookWords {
  readonly absentees: readonly Absentee[];
  readonly schema: VendorSchema;
  readonly root: { readonly defaultBase: string | null; readonly supportedControls: ReadonlySet<string> };
  readonly bases: readonly string[];
  readonly excludeOus: readonly string[];
  /** Selects the people in scope, as the read asked for them. */
  readonly people: LdapFilter;
  /** Of the users that the read brought, those who show that others are still readable. */
  readonly seen: SeenUsers;
  /** Whether the account sees deleted users; it makes the words clearer, and decides nothing. */
  readonly tombstones: NonNullable<ReadProof['tombstones']>;
  /** Is told of users that are there and in scope, so that the read should have brought them. */
  readonly onUnbrought: (immutableId: string) => void;
}

/**
 * Looks for users that a read did not bring, by their ids, wherever in the domain they are, and says what that shows (C10). It
 * concludes nothing from what may not be read: a refusal, a referral, an object that hides, or lost neighbours are `unproven`, with the
 * reason. Throws when the connection fails.
 */
export async function lookForUsers(session: DirectorySession, words: LookWords): Promise<readonly AbsenceEvidence[]> {
  const { absentees, schema, root, bases } = words;
  if (absentees.length === 0) return [];
  const controls = showDeletedWhere(schema, root.supportedControls);
  const everywhere = root.defaultBase === null ? bases : [root.defaultBase];
  const ids = absentees.map(({ immutableId }) => immutableId);
  const { found, failed } = await findObjects(session, ids, { schema, bases: everywhere, filter: null, controls });

  const alive = [...found.values()].filter(({ isDeleted }) => isDeleted === false);
  const inScope = await whoIsInScope(session, alive, words);
  const evidence = new Map<string, AbsenceEvidence>();
  for (const absentee of absentees) {
    const { immutableId } = absentee;
    const object = found.get(immutableId);
    const why = failed.get(immutableId);
    if (object !== undefined) evidence.set(immutableId, judgeFound(absentee, object, { ...words, inScope }));
    else if (why !== undefined) evidence.set(immutableId, unproven(immutableId, why));
  }

  const unfound = absentees.filter(({ immutableId }) => !evidence.has(immutableId));
  for (const item of await lookOneByOne(session, unfound, { ...words, controls })) evidence.set(item.immutableId, item);
  return absentees.flatMap(({ immutableId }) => evidence.get(immutableId) ?? []);
}

type InScope = ReadonlyMap<string, string | null>;

/** Who of the living the read should have brought: ids with `null`; with a reason, of whom that could not be asked. */
async function whoIsInScope(session: DirectorySession, alive: readonly FoundObject[], words: LookWords): Promise<InScope> {
  const ids = alive.flatMap(({ immutableId }) => immutableId ?? []);
  const { found, failed } = await findObjects(session, ids, {
    schema: words.schema,
    bases: words.bases,
    filter: words.people,
    controls: [],
  });
  return new Map<string, string | null>([...[...found.keys()].map((id): [string, null] => [id, null]), ...failed]);
}

function judgeFound(absentee: Absentee, object: FoundObject, words: LookWords & { readonly inScope: InScope }): AbsenceEvidence {
  const { immutableId } = absentee;
  const { dn } = object;
  if (object.isDeleted === null) return unproven(immutableId, 'an object with its id looks deleted, but isDeleted cannot be read');
  if (object.isDeleted) {
    const from = object.lastKnownParent ?? parentDn(absentee.dn);
    const facts = [from === null ? null : `it was in ${from}`, object.changedOn === null ? null : `last changed on ${object.changedOn}`];
    const more = facts.filter((fact) => fact !== null).join(', ');
    return { immutableId, found: 'deleted', why: `its tombstone is there${more === '' ? '' : ` (${more})`}` };
  }
  const place = parentDn(dn) ?? dn;
  if (!words.bases.some((base) => createSubtreeTest(base)(dn)))
    return outOfScope(immutableId, `it is in ${place} now, outside the search bases`);
  const excluded = words.excludeOus.find((ou) => createSubtreeTest(ou)(dn));
  if (excluded !== undefined) return outOfScope(immutableId, `it is in ${place} now, which excludeOus leaves out (${excluded})`);
  const { userAccountControl, isCriticalSystemObject } = object;
  const kind = notAPerson({ ...emptyRawUser(dn), userAccountControl, isCriticalSystemObject });
  if (kind !== null) return outOfScope(immutableId, `it is a ${kind} now`);
  const inScope = words.inScope.get(immutableId);
  if (inScope === undefined) return outOfScope(immutableId, `it is in ${place}, and the filter or the groups of the scope leave it out`);
  if (inScope === null) words.onUnbrought(immutableId);
  const moment = 'it is there and in scope, but the read did not bring it: it was changed meanwhile, or its record cannot be used';
  return unproven(immutableId, inScope ?? moment);
}

/** Looks at those whom the search did not find. Of a tombstone that was seen before, nothing more is to be learnt. */
async function lookOneByOne(
  session: DirectorySession,
  unfound: readonly Absentee[],
  words: LookWords & { readonly controls: readonly Control[] },
): Promise<readonly AbsenceEvidence[]> {
  const wasGone = unfound.filter(({ absence }) => absence?.grade === 'gone');
  // What was proven is proven again first, then who was missed for longest.
  const others = unfound.filter(({ absence }) => absence?.grade !== 'gone').toSorted(byNeed);
  const looks = await mapInFlight(others.slice(0, mostSingleLooks), async (absentee): Promise<[Absentee, AbsenceEvidence | null]> => {
    const look = await lookAtOne(session, nameOf(absentee, words.schema), words);
    return [absentee, judgeLook(absentee, look)];
  });
  const notThere = looks.flatMap(([absentee, judged]) => (judged === null ? [absentee] : []));
  const doubts = await whyNotProven(session, notThere, words);
  return [
    ...wasGone.map(({ immutableId }) => unproven(immutableId, 'its tombstone is not seen any more')),
    ...looks.flatMap(([, judged]) => judged ?? []),
    ...notThere.map(({ immutableId }) => judgeDoubt(immutableId, doubts.get(immutableId) ?? null, words)),
    ...others
      .slice(mostSingleLooks)
      .map(({ immutableId }) => unproven(immutableId, `too many users are absent to look for all: ${mostSingleLooks} were looked for`)),
  ];
}

/** `null`: the directory says that there is no such object. */
function judgeLook({ immutableId }: Absentee, look: Awaited<ReturnType<typeof lookAtOne>>): AbsenceEvidence | null {
  if (look.kind === 'unclear') return unproven(immutableId, look.why);
  // By its old name another one may answer.
  if (look.kind === 'nothing' || look.object.immutableId !== immutableId) return null;
  if (look.object.isDeleted === true) return { immutableId, found: 'deleted', why: 'its tombstone is there' };
  return unproven(immutableId, `it is there (${parentDn(look.object.dn) ?? look.object.dn}), but a search does not show it`);
}

function judgeDoubt(immutableId: string, doubt: string | null, { tombstones }: LookWords): AbsenceEvidence {
  if (doubt !== null) return unproven(immutableId, `the directory says that there is no such object, which proves nothing: ${doubt}`);
  const deleted =
    tombstones === 'visible'
      ? 'it has no tombstone, so it was moved to where the account cannot look, or deleted long ago'
      : 'whether it was deleted the account cannot see';
  return {
    immutableId,
    found: 'not-found',
    why: `the directory says that there is no such object, while others in its container are found; ${deleted}`,
  };
}

function byNeed(left: Absentee, right: Absentee): number {
  const isMissing = ({ absence }: Absentee): number => (absence?.grade === 'missing' ? 0 : 1);
  const since = ({ absence }: Absentee): number => absence?.since ?? Number.MAX_SAFE_INTEGER;
  return isMissing(left) - isMissing(right) || since(left) - since(right);
}

function outOfScope(immutableId: string, why: string): AbsenceEvidence {
  return { immutableId, found: 'out-of-scope', why };
}

function unproven(immutableId: string, why: string): AbsenceEvidence {
  return { immutableId, found: 'unproven', why };
}
