import type { PsaView } from '../eligibility/decide-push.ts';
import type { TypeChoice } from '../enrich/contact-type.ts';
import type { Enrichment } from '../enrich/enrich-contact.ts';
import type { Leaver } from '../enrich/leaver.ts';
import type { MatchOutcome } from '../match/match-outcome.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { Conflict } from '../model/plan.ts';

/** Whether a contact would be created for an unmatched user, and why (not) (E3). */
export interface CreateVerdict {
  readonly create: boolean;
  /** `E3`, or the rule that stands in the way. */
  readonly rule: string;
  readonly why: string;
}

/** All that the stages decided about one user: what `contacts` shows and `explain` tells, offline (M11). */
export interface UserDecision {
  readonly user: DirectoryUser;
  readonly status: AdStatus;
  readonly match: MatchOutcome;
  /** Name of the matched contact. */
  readonly contactName: string | null;
  /** What the rules say of the contact's type and flag (E2, E8, E10); absent in decisions of before there were rules. */
  readonly choice?: TypeChoice;
  /** How the user left, and when its setting acts (E8); `null`: it did not. */
  readonly leaver?: Leaver | null;
  /** Only for unmatched users. */
  readonly create: CreateVerdict | null;
  /** Only for matched users whose contact was read: field by field why it is written or kept. */
  readonly enrich: Enrichment['notes'];
  /** Why the chosen location was chosen (E6). */
  readonly location: string | null;
  /** E9: why the contact is not written in IT Glue. */
  readonly owned: string | null;
  readonly conflicts: readonly Conflict[];
  readonly psa: PsaView;
  /** Ids of the plan's changes about this user. */
  readonly changes: readonly string[];
}
