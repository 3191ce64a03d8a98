import type { DirectoryUser } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { UserState } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { personNameKey } from '../normalize/person-name.ts';
import { type ContactIndex, indexContacts } from './contact-index.ts';
import { decideStep } from './decide-step.ts';
import type { Decision, MatchCase } from './match-case.ts';
import type { MatchInput, MatchResult } from './match-outcome.ts';
import { isDeleted, isMatched, standingOwners } from './standing-matches.ts';
import { suggest } from './suggest.ts';
import { toOutcome } from './to-outcome.ts';

/**
 * Matches the directory users of one organization to its contacts (M1-M7, M9-M11): manual and earlier matches stand, then M1 for
 * all users, then M2 for those left. Each user gets one outcome. The order of the input does not matter, no contact is matched
 * twice, and matching again after the outcomes were recorded changes nothing.
 */
export function matchUsers(input: MatchInput): MatchResult {
  const index = indexContacts(input.contacts);
  const owners = standingOwners(input, index);
  const cases = openCases(input, index, owners);

  const reserved = new Map<ContactId, UserId>();
  const claimsByEmail = decideStep({ step: 'M1', cases, index, owners, reserved, matches: true });
  const claimsByName = decideStep({ step: 'M2', cases, index, owners, reserved, matches: input.matchByName === 'auto' });

  const suggestions = suggest({ cases, index, owners });
  const decided = { cases, index, owners, reserved, claims: { M1: claimsByEmail, M2: claimsByName } };
  return { outcomes: cases.map((each, position) => toOutcome(each, suggestions[position], decided)), owners };
}

function openCases(input: MatchInput, index: ContactIndex, owners: ReadonlyMap<ContactId, UserId>): readonly MatchCase[] {
  const states = new Map<UserId, UserState>(input.states.map((state) => [state.userId, state]));
  const cases: MatchCase[] = [];
  for (const user of input.users.toSorted(byId)) {
    const state = states.get(user.id) ?? null;
    const matched = state !== null && isMatched(state) ? state.contactId : null;
    const isLost = matched !== null && isDeleted(matched, input.lost, index);
    const owner = matched === null || isLost ? undefined : owners.get(matched);
    const email = emailKey(user.person.email);
    const name = personNameKey(user.person.firstName, user.person.lastName);
    cases.push({
      user,
      state,
      email,
      byEmail: email === null ? undefined : index.byEmail.get(email),
      byName: name === null ? undefined : index.byName.get(name),
      returned: isLost || (matched === null && state !== null && state.returned),
      lostTo: owner === undefined || owner === user.id ? null : owner,
      decision: matched !== null && owner === user.id ? keep(matched, input.lost, index) : settledBefore(user, state),
    });
  }
  return cases;
}

function keep(contactId: ContactId, lost: MatchInput['lost'], index: ContactIndex): Decision {
  const whereElse = lost.get(contactId) === 'moved' ? 'moved' : 'unknown';
  return { kind: 'kept', contactId, place: index.byId.has(contactId) ? 'listed' : whereElse };
}

/** What is settled before any rule is tried: `null` when nothing is. */
function settledBefore(user: DirectoryUser, state: UserState | null): Decision | null {
  if (state?.state === 'ignored') return { kind: 'ignored' };
  return user.presence === 'out' ? { kind: 'out' } : null;
}

function byId(left: { readonly id: UserId }, right: { readonly id: UserId }): number {
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
