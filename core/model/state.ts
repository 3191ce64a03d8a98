import type { NamedType } from './contact.ts';
import type { AdStatus } from './directory-user.ts';
import type { ContactId, PsaContactId, UserId } from './ids.ts';
import type { LeaverKind, MappedField } from './settings.ts';
import type { Moment } from './time.ts';

export type MatchState = 'unmatched' | 'matched' | 'ignored';

/** Since when rollcall has seen a user as a leaver (E8). It is observed, never guessed: days before are not counted. */
export interface LeaverSince {
  readonly kind: LeaverKind;
  /** Since when it is one of this kind: `afterDays` counts from here. */
  readonly since: Moment;
  /** Since when it is one of any kind. */
  readonly leftAt: Moment;
}

/** What is remembered of one directory user between runs. */
export interface UserState {
  readonly userId: UserId;
  readonly state: MatchState;
  /** The contact it is matched to, or is to be matched to by the next sync (decided by hand). */
  readonly contactId: ContactId | null;
  /** The rule that decided: M1, M2, M5 (by hand), M6 (ignored), M7 (returned), E3 (created), or `null` for never decided. */
  readonly rule: string | null;
  readonly decidedAt: Moment | null;
  /** The contact of the last plan that was applied: a match that differs from it is a rematch (A3). */
  readonly appliedContactId: ContactId | null;
  /** M7: its contact was deleted, or its creation undone; not created again by itself. */
  readonly returned: boolean;
  /** Contacts it was taken off by hand: no rule matches it to them again. */
  readonly rejectedContactIds: readonly ContactId[];
  /** `contacts create` was asked for by hand (E3). */
  readonly createRequested: boolean;
  /** The matched contact was created by rollcall. */
  readonly createdContact: boolean;
  /** AD status at the last plan that was applied (guard `deactivate`). */
  readonly appliedStatus: AdStatus | null;
  /** `null`: no leaver when last seen. */
  readonly leaver: LeaverSince | null;
}

/**
 * The common base of one field in the three-way merge (E4). For e-mail and phone it is the canonical form of the one value that
 * rollcall looks after.
 */
export interface FieldBase {
  readonly value: string;
  /** `written`: rollcall wrote it. `equal`: both sides had it when they met. */
  readonly origin: 'written' | 'equal';
  /** rollcall wrote this field of this contact at some time: blank since then means that a person cleared it. */
  readonly everWritten?: boolean;
}

export interface ContactBase {
  readonly userId: UserId;
  readonly contactId: ContactId;
  readonly fields: Readonly<Partial<Record<MappedField, FieldBase>>>;
}

/** Why a contact is to be pushed although nothing else would push it (P3-P5); stays until the contact is in the PSA. */
export interface PushWant {
  readonly rule: 'P3' | 'P4' | 'P5';
  readonly since: Moment;
}

export interface PsaLink {
  readonly psaContactId: PsaContactId;
  readonly companyId: string;
  readonly createdByRollcall: boolean;
  /** The second call of a create was carried out. */
  readonly complete: boolean;
  readonly linkedAt: Moment;
  /** What became of the PSA's contact since: it was deleted (or merged away), or moved to another company. Nothing is done by itself then. */
  readonly lost?: 'deleted' | 'moved';
}

/** One e-mail or phone in canonical form. */
export interface SyncedItem {
  readonly key: string;
  /** IT Glue's label, or the PSA's type id; `null`: without. */
  readonly type: string | null;
  /** Of phones. */
  readonly extension?: string;
  readonly primary: boolean;
}

/** The mapped fields of one side as they were when both were last in step (P9); texts are canonical, blank is `null`. */
export interface SyncedSide {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  /** The side's own location id. */
  readonly location: string | null;
  readonly emails: readonly SyncedItem[];
  readonly phones: readonly SyncedItem[];
}

/**
 * The common base of two-way sync: what each side had when rollcall last brought them into step. A side has changed when it differs from
 * its own half, so that formatting, mapping and rollcall's own writes are no changes (P9).
 */
export interface SyncedValues {
  /** With another PSA contact there is no common base. */
  readonly psaContactId: PsaContactId;
  readonly itGlue: SyncedSide;
  readonly psa: SyncedSide;
  /** The PSA's half is what was sent to create the contact; what the PSA made of it was not seen yet. */
  readonly unseen?: true;
}

/** What is remembered of one IT Glue contact between runs. */
export interface ContactState {
  readonly contactId: ContactId;
  /** Canonical text of the mapped fields when last seen (P4). */
  readonly fingerprint: string | null;
  readonly pushWant: PushWant | null;
  readonly psaLink: PsaLink | null;
  /** `updated-at` of the contact when IT Glue refused to update it (E9): not tried again while it is the same. */
  readonly refusedAtUpdate: Moment | 'unknown' | null;
  /** When rollcall last made its PSA contact inactive (E8): once in each leaving, and never the other way round by itself. */
  readonly psaInactiveAt: Moment | null;
  /** `null`: it never met its PSA contact. */
  readonly synced: SyncedValues | null;
  /** Since when IT Glue is expected to push it by itself (P10, `it-glue`); `null`: it is not. */
  readonly awaitedSince: Moment | null;
}

/** The canary of P10: the first contact that rollcall created in the PSA for this organization. */
export interface Canary {
  readonly contactId: ContactId;
  readonly psaContactId: PsaContactId | null;
  readonly startedAt: Moment;
  readonly state: 'waiting' | 'clear' | 'tripped';
}

/** How an organization of IT Glue maps to a company of the PSA. */
export interface PsaMapping {
  /** The company it maps to, also when it may not be used. */
  readonly company: NamedType | null;
  /** How it was found, or why nothing goes there, for people. */
  readonly why: string;
  /** Nothing goes there. */
  readonly held: boolean;
  /** P7: its type or status is not set to sync. */
  readonly excluded: boolean;
}

export interface OrganizationState {
  /** Its name in IT Glue when it was last read, for commands that work offline. */
  readonly name?: string;
  /** The first plan was applied or approved (A3). */
  readonly onboarded: boolean;
  /** First applied sync that had push and two-way on (P3, P4). */
  readonly twoWaySince: Moment | null;
  readonly canary: Canary | null;
  /**
   * Marks of changes that a plan which was let through has not carried out yet (stopped, failed, waiting for the canary): they count
   * in no guard again.
   */
  readonly approvedMarks?: readonly string[];
  readonly lastPlanAt: Moment | null;
  readonly lastAppliedAt: Moment | null;
  /** What was last found of its company in the PSA, for commands that work offline and for the other organizations. */
  readonly psaMapping?: PsaMapping;
  /** The PSA that links and bases are of, as a hash, and since when. */
  readonly psaTenant?: { readonly id: string; readonly since: Moment };
  /** Up to where the watch has seen changes, by the clock of either side (P9). */
  readonly watched?: {
    readonly itGlue: Moment;
    readonly psa: Moment;
    /** Hash of what the last look saw: looks overlap, and what was seen is not gone through again. */
    readonly seen?: string;
    /**
     * For how many milliseconds, as of the look `at`, looks have seen nothing newer on a side: what was changed before then is seen, and a
     * mass change is not read again with each look.
     */
    readonly quiet?: { readonly itGlue: number; readonly psa: number; readonly at: Moment };
    /** The organization's looks fail: with what, how long the pause is, and when it ends. */
    readonly failing?: {
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly pauseMs: number;
      readonly until: Moment;
    };
  };
}
