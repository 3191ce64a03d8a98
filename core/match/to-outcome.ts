import type { ContactId, UserId } from '../model/ids.ts';
import { bucketSize, type ContactIndex, contactAt } from './contact-index.ts';
import type { SharedClaims } from './decide-step.ts';
import type { Decision, MatchCase, Step } from './match-case.ts';
import type { MatchOutcome, MatchRule } from './match-outcome.ts';
import { reasonFor } from './reason.ts';
import type { Suggestions } from './suggest.ts';

/** So many rivals are listed: an address that everybody has must not cost user × user. */
const maxRivals = 20;

/** All that was decided, when everything is. */
export interface Decided {
  /** In the order of user id. */
  readonly cases: readonly MatchCase[];
  readonly index: ContactIndex;
  readonly owners: ReadonlyMap<ContactId, UserId>;
  readonly reserved: ReadonlyMap<ContactId, UserId>;
  readonly claims: Readonly<Record<Step, SharedClaims>>;
}

/** Puts what was decided about one user into its outcome, with the reason in words (M11). */
export function toOutcome(each: MatchCase, suggestions: Suggestions | undefined, decided: Decided): MatchOutcome {
  const decision = each.decision ?? undecided;
  const contactId = contactOf(decision, decided.index);
  const rivals = rivalsOf(each, decision, decided);
  return {
    userId: each.user.id,
    state: stateOf(decision),
    contactId,
    rule: ruleOf(decision, each),
    isNew: contactId !== null && isNewMatch(contactId, each.state),
    contactPlace: contactId === null ? null : placeOf(decision),
    reason: reasonFor(each, decision, rivals, decided),
    candidates: suggestions?.candidates ?? [],
    candidatesCut: suggestions?.cut ?? false,
    rivals: rivals.length > maxRivals ? rivals.slice(0, maxRivals) : rivals,
    rivalsCut: rivals.length > maxRivals,
    ambiguous: decision.kind === 'ambiguous',
    contested: decision.kind === 'contested',
    returned: contactId === null && each.returned,
    compared: {
      email: each.email,
      firstName: each.user.person.firstName,
      lastName: each.user.person.lastName,
      contactsWithEmail: bucketSize(each.byEmail),
      contactsWithName: bucketSize(each.byName),
    },
  };
}

/** Of a user who was ignored and restored, the contact that was applied last is a match that has to be applied again. */
function isNewMatch(contactId: ContactId, state: MatchCase['state']): boolean {
  return state?.appliedContactId !== contactId || state.state !== 'matched';
}

const undecided: Decision = { kind: 'none' };
const noRivals: readonly UserId[] = [];

/** The match of the decision; `null` without one. */
function contactOf(decision: Decision, index: ContactIndex): ContactId | null {
  if (decision.kind === 'kept') return decision.contactId;
  return decision.kind === 'matched' ? contactAt(index, decision.position).id : null;
}

function stateOf(decision: Decision): MatchOutcome['state'] {
  if (decision.kind === 'ignored') return 'ignored';
  return decision.kind === 'kept' || decision.kind === 'matched' ? 'matched' : 'unmatched';
}

function placeOf(decision: Decision): MatchOutcome['contactPlace'] {
  return decision.kind === 'kept' ? decision.place : 'listed';
}

function ruleOf(decision: Decision, each: MatchCase): MatchRule | null {
  switch (decision.kind) {
    case 'ignored':
      return 'M6';
    case 'kept':
      return matchingRules.find((rule) => rule === each.state?.rule) ?? null;
    case 'matched':
    case 'suggested':
      return decision.step;
    case 'ambiguous':
      return 'M3';
    case 'contested':
      return 'M4';
    case 'rejected':
      return 'M5';
    case 'absent':
    case 'out':
      return 'C10';
    case 'none':
      break;
  }
  return each.returned ? 'M7' : null;
}

const matchingRules: readonly MatchRule[] = ['M1', 'M2', 'M5', 'E3'];

/** Who has the contact first, then who else claims it at the step, in the order of their ids; one more than are listed. */
function rivalsOf(each: MatchCase, decision: Decision, decided: Decided): readonly UserId[] {
  if (decision.kind !== 'contested') return noRivals;
  const contact = contactAt(decided.index, decision.position).id;
  const owner = decided.owners.get(contact) ?? decided.reserved.get(contact);
  const claimants = decided.claims[decision.step].get(decision.position) ?? [each];
  const others = claimants.slice(0, maxRivals + 2).map((claimant) => claimant.user.id);
  const rivals = owner === undefined ? others : [owner, ...others.filter((id) => id !== owner)];
  return rivals.filter((id) => id !== each.user.id).slice(0, maxRivals + 1);
}
