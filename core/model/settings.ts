import type { AdStatus } from './directory-user.ts';
import type { OrganizationId } from './ids.ts';

/** How one field of an existing contact is enriched (E4). */
export type FieldPolicy = 'merge' | 'overwrite' | 'never' | 'clear';

/** The mapped fields; the words are those of `contacts.fields` in the configuration. */
export const mappedFields = ['firstName', 'lastName', 'title', 'email', 'phone', 'location', 'contactType', 'important'] as const;
export type MappedField = (typeof mappedFields)[number];

export interface CreateWhen {
  readonly require: readonly ('firstName' | 'lastName' | 'email' | 'phone' | 'title' | 'office')[];
  /** Empty means: every status but Disabled, Expired and Gone. */
  readonly statuses: readonly AdStatus[];
  /** Empty means: every account that is not a shared, room, equipment or system mailbox. */
  readonly mailboxes: readonly string[];
}

/** What a rule of `contacts.contactTypeRules` asks of a user; group and OU are DNs as the operator wrote them. */
type ContactTypeCondition = { readonly group: string } | { readonly ou: string } | { readonly status: AdStatus };

/** One rule of the list (E10); the first that holds decides. */
export interface ContactTypeRule {
  readonly when: ContactTypeCondition;
  /** Name of a contact type; empty: what `psa.contactType` says. */
  readonly contactType: string;
  /** `null`: the flag is left as it is. */
  readonly important: boolean | null;
}

/** What happens to a leaver's contact besides the overlay (E8). */
export interface LeaverRule {
  /** Name of a contact type; empty: as if the user had not left. */
  readonly contactType: string;
  readonly psaInactive: boolean;
  /** Days since rollcall first saw it; 0: at once. */
  readonly afterDays: number;
}

/** The three ways to leave, each with a setting of its own: `onDisabled`, `onGone`, `onMissing` (C3, C10). */
export const leaverKinds = ['disabled', 'gone', 'missing'] as const;
export type LeaverKind = (typeof leaverKinds)[number];

export interface ContactSettings {
  readonly create: 'off' | 'auto';
  readonly createWhen: CreateWhen;
  readonly matchByName: 'auto' | 'suggest';
  readonly fields: Readonly<Record<MappedField, FieldPolicy>>;
  /** Office → location name (E6). */
  readonly locationMap: Readonly<Record<string, string>>;
  readonly locationFallback: 'none' | 'primary';
  readonly overlay: 'flexible-asset' | 'notes' | 'none';
  readonly overlayLogonDays: number;
  readonly contactTypeRules: readonly ContactTypeRule[];
  readonly leavers: Readonly<Record<LeaverKind, LeaverRule>>;
}

export type PsaType = 'bms' | 'vorex' | 'pulseway' | 'connectwise' | 'autotask' | 'none';

export interface PsaSettings {
  readonly type: PsaType;
  readonly push: 'direct' | 'it-glue' | 'off';
  readonly twoWay: boolean;
  readonly settleMinutes: number;
  /** Empty: not chosen (E2, P1). */
  readonly emailType: string;
  readonly phoneType: string;
  readonly contactType: string;
  /** Pinned ids; empty: looked up by name. */
  readonly emailTypeId: string;
  readonly phoneTypeId: string;
  readonly setPhonePrimary: boolean;
  /** The placeholder, or empty: blank phones stay blank (P2). */
  readonly blankPhone: string;
  readonly organizationTypes: readonly string[];
  readonly organizationStatuses: readonly string[];
  /** Pinned company id; empty: by IT Glue's link, else by equal name. */
  readonly company: string;
  /** IT Glue's location name → id of the PSA's location; others by link, else by equal name. */
  readonly locations: Readonly<Record<string, string>>;
  /** Writes the placeholder into IT Glue too, in `it-glue` mode (P2). */
  readonly blankPhoneInItGlue: boolean;
}

/** The six kinds of A3. */
export const guardKinds = ['create', 'update', 'blank', 'rematch', 'deactivate', 'push'] as const;
export type GuardKind = (typeof guardKinds)[number];

/** Limit = max(floor, share × directory users in scope); `share` is a fraction, 0.1 for "10%". */
export interface GuardLimit {
  readonly floor: number;
  readonly share: number;
}

/** Guards that a standing approval may name: what they count can be put back by `undo`. */
export const standingKinds = ['create', 'update'] as const;

/** Lets plans through that exceed only these guards, and create and change at most so many contacts. */
export interface StandingApproval {
  readonly kinds: readonly (typeof standingKinds)[number][];
  readonly most: number;
}

export interface LimitSettings {
  readonly firstRun: 'hold' | 'auto';
  /** Not given: a person decides each time. */
  readonly standingApproval?: StandingApproval;
  readonly guards: Readonly<Record<GuardKind, GuardLimit>>;
}

/** All that the stages need to know of the configuration, for one organization, overrides applied. */
export interface OrganizationSettings {
  readonly organization: OrganizationId;
  /** Collector name → name of the IT Glue location it stands in (E6). */
  readonly collectorLocations: Readonly<Record<string, string>>;
  readonly contacts: ContactSettings;
  readonly psa: PsaSettings;
  readonly limits: LimitSettings;
}
