import type { ContactId, UserId } from '../model/ids.ts';
import { type Bucket, type ContactIndex, contactAt } from './contact-index.ts';
import { isRejected, type MatchCase, type Step } from './match-case.ts';

/** The users whose sole candidate at a step a contact is, by the contact's position; only where there are several. */
export type SharedClaims = ReadonlyMap<number, readonly MatchCase[]>;

interface StepInput {
  readonly step: Step;
  readonly cases: readonly MatchCase[];
  readonly index: ContactIndex;
  /** Whose the taken contacts are; those that this step matches are added. */
  readonly owners: Map<ContactId, UserId>;
  /**
   * Sole candidates of users that the latest complete read did not bring: they are not matched anew, but nobody else gets the
   * contact at a later step because of their absence (C10). Those of this step are added.
   */
  readonly reserved: Map<ContactId, UserId>;
  /** `false`: a sole candidate is suggested, not matched. */
  readonly matches: boolean;
}

/**
 * Carries out M1 or M2 for the users about whom nothing is decided, all at once so that their order does not matter, and gives
 * back who claimed the same contact. Taken and rejected contacts count as candidates like all others (M3, M4), but a user who was
 * taken off a contact by hand claims it no more.
 */
export function decideStep(input: StepInput): SharedClaims {
  const { step } = input;
  const claims = new Map<number, MatchCase>();
  const shared = new Map<number, MatchCase[]>();
  for (const each of input.cases) {
    const bucket = each.decision === null ? candidatesAt(step, each) : undefined;
    if (bucket === undefined) continue;
    if (typeof bucket !== 'number') each.decision = { kind: 'ambiguous', step, bucket };
    else if (isRejected(each.state, contactAt(input.index, bucket).id)) each.decision = { kind: 'rejected', step, position: bucket };
    else addClaim(claims, shared, bucket, each);
  }
  for (const [position, claimant] of claims) {
    const claimants = shared.get(position);
    if (claimants === undefined) settleSoleClaim(input, position, claimant);
    else for (const each of claimants) each.decision = { kind: 'contested', step, position };
  }
  return shared;
}

function settleSoleClaim(input: StepInput, position: number, claimant: MatchCase): void {
  const { step } = input;
  const { id } = contactAt(input.index, position);
  if (input.owners.has(id) || input.reserved.has(id)) claimant.decision = { kind: 'contested', step, position };
  else if (!input.matches) claimant.decision = { kind: 'suggested', step: 'M2', position };
  else if (claimant.user.presence !== 'present') {
    input.reserved.set(id, claimant.user.id);
    claimant.decision = { kind: 'absent', step, position };
  } else {
    input.owners.set(id, claimant.user.id);
    claimant.decision = { kind: 'matched', step, position };
  }
}

function candidatesAt(step: Step, each: MatchCase): Bucket | undefined {
  return step === 'M1' ? each.byEmail : each.byName;
}

function addClaim(claims: Map<number, MatchCase>, shared: Map<number, MatchCase[]>, position: number, each: MatchCase): void {
  const first = claims.get(position);
  const claimants = shared.get(position);
  if (first === undefined) claims.set(position, each);
  else if (claimants === undefined) shared.set(position, [first, each]);
  else claimants.push(each);
}
