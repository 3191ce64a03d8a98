import type { DirectoryUser } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { UserState } from '../model/state.ts';
import type { Bucket } from './contact-index.ts';
import type { MatchOutcome } from './match-outcome.ts';

export type Step = 'M1' | 'M2';

/** What was decided about one user, before it is put in words. */
export type Decision =
  | { readonly kind: 'ignored' }
  /** An earlier match, or one made by hand, that stands. */
  | { readonly kind: 'kept'; readonly contactId: ContactId; readonly place: NonNullable<MatchOutcome['contactPlace']> }
  | { readonly kind: 'matched'; readonly step: Step; readonly position: number }
  | { readonly kind: 'ambiguous'; readonly step: Step; readonly bucket: readonly number[] }
  /** The sole candidate is taken or has other claimants. */
  | { readonly kind: 'contested'; readonly step: Step; readonly position: number }
  /** The sole candidate was taken off by hand. */
  | { readonly kind: 'rejected'; readonly step: Step; readonly position: number }
  /** The sole candidate at M2, where names only suggest. */
  | { readonly kind: 'suggested'; readonly step: 'M2'; readonly position: number }
  /** The sole candidate of a user that the latest complete read did not bring. */
  | { readonly kind: 'absent'; readonly step: Step; readonly position: number }
  /** Out of the configured scope and not matched. */
  | { readonly kind: 'out' }
  | { readonly kind: 'none' };

/** One user on its way through the rules. */
export interface MatchCase {
  readonly user: DirectoryUser;
  readonly state: UserState | null;
  /** What M1 and M2 compare, looked up once. */
  readonly email: string | null;
  readonly byEmail: Bucket | undefined;
  readonly byName: Bucket | undefined;
  /** M7: the match that it had is gone, now or in an earlier run. */
  readonly returned: boolean;
  /** Another user holds the contact that its state names; only a damaged store says so. */
  readonly lostTo: UserId | null;
  /** `null` until a rule decided; no later rule changes it. */
  decision: Decision | null;
}

/** Tells whether a person took the user off this contact: no rule matches the two again. */
export function isRejected(state: UserState | null, contactId: ContactId): boolean {
  return state !== null && state.rejectedContactIds.length > 0 && state.rejectedContactIds.includes(contactId);
}
