import type { ContactId, UserId } from '../model/ids.ts';
import { type Bucket, type ContactIndex, contactAt } from './contact-index.ts';
import { type Decision, isRejected, type MatchCase, type Step } from './match-case.ts';

/** The users whose sole candidate at a step a contact is, by the contact's position. */
export type Claims = ReadonlyMap<number, readonly MatchCase[]>;

interface StepInput {
  readonly step: Step;
  readonly cases: readonly MatchCase[];
  readonly index: ContactIndex;
  /** Whose the taken contacts are; those that this step matches are added. */
  readonly owners: Map<ContactId, UserId>;
  readonly decisions: Map<UserId, Decision>;
  /** `false`: a sole candidate is suggested, not matched. */
  readonly matches: boolean;
}

/**
 * Carries out M1 or M2 for the users that are left, all at once so that their order does not matter, and gives back who claimed
 * what. Taken and rejected contacts count as candidates like all others (M3, M4), but one who was taken off a contact by hand
 * claims it no more.
 */
export function decideStep(input: StepInput): Claims {
  const claims = new Map<number, MatchCase[]>();
  for (const each of input.cases) {
    const bucket = candidatesAt(input.step, each);
    if (bucket === undefined) continue;
    if (typeof bucket !== 'number') decide(input, each, { kind: 'ambiguous', step: input.step, bucket });
    else if (isRejected(each.state, contactAt(input.index, bucket).id))
      decide(input, each, { kind: 'rejected', step: input.step, position: bucket });
    else addClaim(claims, bucket, each);
  }
  for (const [position, claimants] of claims) settleClaim(input, position, claimants);
  return claims;
}

function settleClaim(input: StepInput, position: number, claimants: readonly MatchCase[]): void {
  const { step } = input;
  const contact = contactAt(input.index, position).id;
  const [sole] = claimants;
  if (sole === undefined || claimants.length > 1 || input.owners.has(contact)) {
    for (const each of claimants) decide(input, each, { kind: 'contested', step, position });
  } else if (!input.matches) {
    decide(input, sole, { kind: 'suggested', step: 'M2', position });
  } else if (sole.user.presence !== 'present') {
    decide(input, sole, { kind: 'absent', step, position });
  } else {
    input.owners.set(contact, sole.user.id);
    decide(input, sole, { kind: 'matched', step, position });
  }
}

function candidatesAt(step: Step, each: MatchCase): Bucket | undefined {
  return step === 'M1' ? each.byEmail : each.byName;
}

function addClaim(claims: Map<number, MatchCase[]>, position: number, each: MatchCase): void {
  const claimants = claims.get(position);
  if (claimants === undefined) claims.set(position, [each]);
  else claimants.push(each);
}

function decide(input: StepInput, each: MatchCase, decision: Decision): void {
  input.decisions.set(each.user.id, decision);
}
