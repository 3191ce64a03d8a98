import type { ContactId, UserId } from '../model/ids.ts';
import type { UserState } from '../model/state.ts';
import { type ContactIndex, indexContacts } from './contact-index.ts';
import { type Claims, decideStep } from './decide-step.ts';
import { type Decision, type MatchCase, openCase, type Step } from './match-case.ts';
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

  const decisions = new Map<UserId, Decision>();
  for (const each of cases) {
    const decision = decidedBefore(each, input.lost, index, owners);
    if (decision !== null) decisions.set(each.user.id, decision);
  }
  const left = () => cases.filter((each) => !decisions.has(each.user.id));
  const claimsByEmail = decideStep({ step: 'M1', cases: left(), index, owners, decisions, matches: true });
  const claimsByName = decideStep({ step: 'M2', cases: left(), index, owners, decisions, matches: input.matchByName === 'auto' });
  for (const each of left()) decisions.set(each.user.id, { kind: 'none' });

  const claims: Readonly<Record<Step, Claims>> = { M1: claimsByEmail, M2: claimsByName };
  const suggestions = suggest({ cases, index, owners, decisions });
  const users = new Map(cases.map((each) => [each.user.id, each.user]));
  return { outcomes: cases.map((each) => toOutcome(each, { index, owners, decisions, claims, suggestions, users })), owners };
}

function openCases(input: MatchInput, index: ContactIndex, owners: ReadonlyMap<ContactId, UserId>): readonly MatchCase[] {
  const states = new Map<UserId, UserState>(input.states.map((state) => [state.userId, state]));
  const cases: MatchCase[] = [];
  for (const user of input.users.toSorted(byId)) {
    const state = states.get(user.id) ?? null;
    const matched = state !== null && isMatched(state) ? state.contactId : null;
    const isLost = matched !== null && isDeleted(matched, input.lost, index);
    const owner = matched === null || isLost ? undefined : owners.get(matched);
    cases.push({
      ...openCase(user, state, index),
      returned: isLost || (matched === null && state !== null && state.returned),
      lostTo: owner === undefined || owner === user.id ? null : owner,
    });
  }
  return cases;
}

/** What is settled before any rule is tried: `null` when nothing is. */
function decidedBefore(
  each: MatchCase,
  lost: MatchInput['lost'],
  index: ContactIndex,
  owners: ReadonlyMap<ContactId, UserId>,
): Decision | null {
  const { state, user } = each;
  if (state?.state === 'ignored') return { kind: 'ignored' };
  if (state !== null && isMatched(state) && owners.get(state.contactId) === user.id) {
    const whereElse = lost.get(state.contactId) === 'moved' ? 'moved' : 'unknown';
    return { kind: 'kept', contactId: state.contactId, place: index.byId.has(state.contactId) ? 'listed' : whereElse };
  }
  return user.presence === 'out' ? { kind: 'out' } : null;
}

function byId(left: { readonly id: UserId }, right: { readonly id: UserId }): number {
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
