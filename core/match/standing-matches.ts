import type { ContactId, UserId } from '../model/ids.ts';
import type { UserState } from '../model/state.ts';
import type { ContactIndex } from './contact-index.ts';
import type { MatchInput } from './match-outcome.ts';

interface MatchedState extends UserState {
  readonly contactId: ContactId;
}

/**
 * Gives each contact of an earlier match, or of one made by hand, to its user (M5, "a match lasts"), and leaves out those whose
 * contact was deleted (M7). A contact that moved, or that is missing without a proof, stays its user's (C11). Users that no
 * collector sees any more keep theirs too: a newcomer does not take it over (M9).
 */
export function standingOwners(input: Pick<MatchInput, 'states' | 'lost'>, index: ContactIndex): Map<ContactId, UserId> {
  const owners = new Map<ContactId, UserId>();
  const matched = input.states.filter(isMatched).filter((state) => !isDeleted(state.contactId, input.lost, index));
  // The store does not let two users have one contact; should it be damaged, the order makes the outcome the same each time.
  for (const state of matched.sort(strongestFirst)) if (!owners.has(state.contactId)) owners.set(state.contactId, state.userId);
  return owners;
}

/** Only a look-up proves a deletion, and a listed contact is not deleted whatever it said (C11). */
export function isDeleted(contact: ContactId, lost: MatchInput['lost'], index: ContactIndex): boolean {
  return lost.get(contact) === 'deleted' && !index.byId.has(contact);
}

export function isMatched(state: UserState): state is MatchedState {
  return state.state === 'matched' && state.contactId !== null;
}

function strongestFirst(left: MatchedState, right: MatchedState): number {
  const difference = strength(right) - strength(left);
  if (difference !== 0) return difference;
  return left.userId < right.userId ? -1 : 1;
}

function strength(state: MatchedState): number {
  return (state.rule === 'M5' ? 2 : 0) + (state.appliedContactId === state.contactId ? 1 : 0);
}
