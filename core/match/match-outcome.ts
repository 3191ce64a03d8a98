import type { Contact } from '../model/contact.ts';
import type { DirectoryUser } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { ContactSettings } from '../model/settings.ts';
import type { MatchState, UserState } from '../model/state.ts';

/**
 * The rule that decided. A match: M1, M2, M5 (by hand) or E3 (created). No match: M2 (the name alone only suggests), M3, M4, M5
 * (taken off by hand), M6 (ignored), M7 (its contact was deleted), C10 (not in the latest read: not matched anew), or `null`
 * when no contact met any rule.
 */
export type MatchRule = 'M1' | 'M2' | 'M3' | 'M4' | 'M5' | 'M6' | 'M7' | 'C10' | 'E3';

export interface MatchInput {
  /** All directory users of one organization, absent ones and those out of scope too: they keep their contacts. */
  readonly users: readonly DirectoryUser[];
  /** The complete contact list of the same organization (C11). */
  readonly contacts: readonly Contact[];
  readonly states: readonly UserState[];
  /** What a look-up said about matched contacts that are not in the list; one that is not named here keeps its match. */
  readonly lost: ReadonlyMap<ContactId, 'deleted' | 'moved'>;
  readonly matchByName: ContactSettings['matchByName'];
}

export interface MatchCandidate {
  readonly contactId: ContactId;
  /** The contact's name, for people. */
  readonly name: string;
  /** `M1`, `M2`: it met the rule at the deciding step. `M10`: a suggestion only. */
  readonly step: 'M1' | 'M2' | 'M10';
  /** What speaks for it, in words, the strongest first; `taken off by hand` when a person took the user off it. */
  readonly evidence: readonly string[];
}

/** What the rules looked at (M11). */
interface Compared {
  /** The e-mail in the form in which it is compared; `null` when the user has none. */
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** How many contacts have the e-mail, and how many the first and last name. */
  readonly contactsWithEmail: number;
  readonly contactsWithName: number;
}

/** What was decided about one directory user, and why. */
export interface MatchOutcome {
  readonly userId: UserId;
  readonly state: MatchState;
  readonly contactId: ContactId | null;
  readonly rule: MatchRule | null;
  /** Matched, and no applied plan had this match yet. */
  readonly isNew: boolean;
  /**
   * Where the matched contact is: `listed`; `moved` to another organization (the match lasts, nothing is written to it);
   * `unknown`: not in the list, and nobody looked. `null` without a match.
   */
  readonly contactPlace: 'listed' | 'moved' | 'unknown' | null;
  /** For a person. */
  readonly reason: string;
  /** Unmatched: those of M1 or M2, then suggestions, best first, last those taken off by hand; empty means that there is no
   * candidate at M1, M2 and M10 (E3). Matched: who else came close. */
  readonly candidates: readonly MatchCandidate[];
  /** There are more candidates than are listed. */
  readonly candidatesCut: boolean;
  /** M4: the user that has the contact, then the others for whom it is the sole candidate. */
  readonly rivals: readonly UserId[];
  /** There are more rivals than are listed. */
  readonly rivalsCut: boolean;
  /** M3: several contacts at the deciding step. */
  readonly ambiguous: boolean;
  /** M4: the sole candidate is taken, or claimed by others too. */
  readonly contested: boolean;
  /** M7: its contact was deleted; not created again by itself. */
  readonly returned: boolean;
  readonly compared: Compared;
}

export interface MatchResult {
  /** One for each user, in the order of user id. */
  readonly outcomes: readonly MatchOutcome[];
  /** Whose each taken contact is; also for users that no collector sees any more. */
  readonly owners: ReadonlyMap<ContactId, UserId>;
}
