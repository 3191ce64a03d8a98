import type { ContactPatch, OverlayWrite } from '../ports/documentation.ts';
import type { PsaContactPatch } from '../ports/psa.ts';
import type { AdStatus } from './directory-user.ts';
import type { ContactId, OrganizationId, PsaContactId, UserId } from './ids.ts';
import type { PsaContactInput } from './psa-contact.ts';
import type { GuardKind, MappedField } from './settings.ts';
import type { FieldBase, PushWant, SyncedSide, SyncedValues } from './state.ts';
import type { Moment } from './time.ts';

/** From what to what, as a person reads it. */
export interface FieldChange {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * - `match`: the link directory user ↔ contact is recorded (in rollcall's store only)
 * - `create`, `update`: an IT Glue contact
 * - `overlay`: the "AD User" asset, or the notes, of a contact (outside guards and hash, E7)
 * - `push`: a contact is created in the PSA; `link`: it is there already and is linked, blanks filled on its side (P8);
 *   `complete`: the second call of a create that was cut off is made up for; `psa-update`: values that were changed in IT Glue (P9), or AD
 *   values of a contact that IT Glue does not let be written (E9), go to the PSA
 */
export type ChangeKind = 'match' | 'create' | 'update' | 'overlay' | 'push' | 'link' | 'complete' | 'psa-update';

/** Which mapped fields a write of two-way sync brings into step, and both sides before and after it (P9). */
export interface Settles {
  readonly psaContactId: PsaContactId;
  readonly fields: readonly (keyof SyncedSide)[];
  /** Those of them that are written on both sides: in step only when both writes are done. */
  readonly both: readonly (keyof SyncedSide)[];
  /** As the plan saw them: the precondition when it is applied. */
  readonly before: SyncedValues;
  readonly after: SyncedValues;
}

interface ChangeBase {
  /** Stable within a plan and between equal plans: `KIND:USER-OR-CONTACT`. */
  readonly id: string;
  readonly kind: ChangeKind;
  readonly system: 'rollcall' | 'it-glue' | 'psa';
  readonly user: UserId | null;
  /** The user's or contact's name, for people. */
  readonly label: string;
  /** The record that is changed; `null` when it does not exist yet. */
  readonly record: string | null;
  /** The rule that decided, for example `M1` or `E4`. */
  readonly rule: string;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly reason: string;
}

export interface MatchChange extends ChangeBase {
  readonly kind: 'match';
  readonly user: UserId;
  readonly contactId: ContactId;
  /** The contact it was matched to when a plan was last applied: a rematch when set and different (A3). */
  readonly previousContactId: ContactId | null;
  readonly pushWant: PushWant | null;
}

export interface CreateChange extends ChangeBase {
  readonly kind: 'create';
  readonly user: UserId;
  readonly contact: ContactPatch;
  readonly bases: Readonly<Partial<Record<MappedField, FieldBase>>>;
  readonly pushWant: PushWant | null;
}

export interface UpdateChange extends ChangeBase {
  readonly kind: 'update';
  readonly contactId: ContactId;
  readonly patch: ContactPatch;
  /** The members of `patch` as the plan saw them: the precondition when it is applied later, the before-image of undo. */
  readonly before: ContactPatch;
  readonly bases: Readonly<Partial<Record<MappedField, FieldBase>>>;
  /** How many fields become empty (guard `blank`). */
  readonly blanks: number;
  /** Values that come from the PSA (P9). */
  readonly settles?: Settles;
}

export interface OverlayChange extends ChangeBase {
  readonly kind: 'overlay';
  readonly user: UserId;
  /** `null`: the contact is created by this plan, by the `create` of the same user. */
  readonly contactId: ContactId | null;
  /** `null`: a new asset. */
  readonly assetId: string | null;
  readonly write: Omit<OverlayWrite, 'contactId'>;
  /** In `contacts.overlay: notes` mode: the notes as they are to be, whole. */
  readonly notes: string | null;
}

export interface PushChange extends ChangeBase {
  readonly kind: 'push';
  /** `null`: the contact is created by this plan, by the `create` of the same user. */
  readonly contactId: ContactId | null;
  readonly input: PsaContactInput;
  /** `canary`: the organization's first (P10); `wait`: it waits for the canary; `go`: nothing stands in its way. */
  readonly turn: 'canary' | 'wait' | 'go';
  readonly pushWant: PushWant;
  /** Directory values that go to the PSA only, because the contact is not written in IT Glue (E9). */
  readonly bases?: Readonly<Partial<Record<MappedField, FieldBase>>>;
}

export interface LinkChange extends ChangeBase {
  readonly kind: 'link';
  readonly contactId: ContactId | null;
  readonly psaContactId: PsaContactId;
  readonly companyId: string;
  /** rollcall's key of the contact, by which it may have been found (P8). */
  readonly externalKey?: string | null;
  readonly patch: PsaContactPatch;
}

export interface CompleteChange extends ChangeBase {
  readonly kind: 'complete';
  readonly contactId: ContactId;
  readonly psaContactId: PsaContactId;
  readonly input: PsaContactInput;
}

export interface PsaUpdateChange extends ChangeBase {
  readonly kind: 'psa-update';
  readonly contactId: ContactId;
  readonly psaContactId: PsaContactId;
  readonly patch: PsaContactPatch;
  readonly bases: Readonly<Partial<Record<MappedField, FieldBase>>>;
  /** Values that come from IT Glue (P9). */
  readonly settles?: Settles;
  /** How many fields become empty (guard `blank`). */
  readonly blanks?: number;
}

export type Change = MatchChange | CreateChange | UpdateChange | OverlayChange | PushChange | LinkChange | CompleteChange | PsaUpdateChange;

export interface Guard {
  readonly kind: GuardKind;
  readonly count: number;
  readonly limit: number;
  readonly exceeded: boolean;
  /** Whom it is about, some of them. */
  readonly names: readonly string[];
}

interface Held {
  /** `onboarding`, the kinds of the guards that were exceeded, or `PSA_DOUBLE_PUSH`; several joined by a comma. */
  readonly reason: string;
  readonly hash: string;
}

/** A difference that is left alone and shown (E4, E9, P8). */
export interface Conflict {
  readonly user: UserId | null;
  readonly contactId: ContactId | null;
  readonly field: string;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly with: 'it-glue' | 'psa';
}

/** What is remembered once the plan was let through; a held plan uses nothing of it up (A3). */
export interface PlanObservations {
  /** AD status of users whose last applied one was another. */
  readonly statuses: Readonly<Record<UserId, AdStatus>>;
  /** Mapped fields of contacts as the plan saw them, where they are new or changed (P4). */
  readonly fingerprints: Readonly<Record<ContactId, string>>;
  /** Contacts that are to be pushed as soon as they can be: eligible, not held, their turn (P3, P4). */
  readonly wants: Readonly<Record<ContactId, PushWant>>;
  /** Marks of changes that were let through before and wait on, unseen in this plan: they stay let through. */
  readonly stillApproved?: readonly string[];
  /** P10: contacts that IT Glue is to push by itself from now on, or that it pushed, or that are not awaited any more. */
  readonly awaits?: Readonly<Record<ContactId, 'awaited' | 'arrived' | 'not'>>;
  /** Users whose contacts are created by this plan for IT Glue to push. */
  readonly awaitsOf?: readonly UserId[];
  /** P10: how many contacts IT Glue has not pushed in time, and to what. */
  readonly notSeen?: { readonly contacts: number; readonly psa: string };
}

/** That a setting let a plan through which its guards would have held (A3). */
export interface LetThrough {
  /** The setting. */
  readonly rule: string;
  /** The guards that are exceeded. */
  readonly kinds: readonly GuardKind[];
  /** Contacts that it creates and changes, and how many the setting allows. */
  readonly contacts: number;
  readonly most: number;
}

/** What a sync would do, as data: printed, held, approved, applied, journaled and undone (A1). */
export interface Plan {
  readonly organization: OrganizationId;
  readonly madeAt: Moment;
  /** Covers what would be written; not clocks, ids of runs, or the overlay (A3). */
  readonly hash: string;
  readonly changes: readonly Change[];
  readonly guards: readonly Guard[];
  readonly held: Held | null;
  /** Only where its guards would have held it. */
  readonly letThrough?: LetThrough;
  readonly conflicts: readonly Conflict[];
  /** Sentences for people: what is off, what waits, what comes with a later version. */
  readonly notices: readonly string[];
  readonly observations: PlanObservations;
}
