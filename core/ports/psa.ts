import type { NamedType } from '../model/contact.ts';
import type { ContactId, PsaContactId } from '../model/ids.ts';
import type { PsaContact, PsaContactInput, PsaEmail, PsaPhone } from '../model/psa-contact.ts';
import type { Moment } from '../model/time.ts';
import type { WriteOutcome } from './write-outcome.ts';

/** What this PSA asks of a contact before it is pushed (P1), as data: `core/eligibility` decides with it. */
export interface PsaRequirements {
  readonly firstName: boolean;
  readonly lastName: boolean;
  readonly primaryEmail: boolean;
  readonly primaryPhone: boolean;
  readonly location: boolean;
  /** Whether a blank phone may be replaced by the placeholder (P2). */
  readonly blankPhoneAllowed: boolean;
  /** An e-mail or phone type that is not chosen, or that the PSA lacks, makes the contact not eligible. */
  readonly typesRequired: boolean;
  /** A create cannot carry the title: `completeContact` brings it. */
  readonly titleInSecondCall: boolean;
  /** Longest texts, in characters. A longer one is never shortened: the contact is not eligible, an update is a conflict. */
  readonly longest: LongestTexts;
  /** The PSA has fields for addresses and not types: values go by label, the others in order (P1). `null`: it has types. */
  readonly fields: PsaFields | null;
}

/** In characters; `null`: not known. */
export interface LongestTexts {
  readonly firstName: number | null;
  readonly lastName: number | null;
  readonly title: number | null;
  readonly email: number | null;
  readonly phone: number | null;
  readonly extension: number | null;
}

/**
 * The PSA's address fields, the first of each kind being its primary one: id as the adapter knows it, name the IT Glue label that goes
 * there; an empty name takes what is left over, in order.
 */
export interface PsaFields {
  readonly email: readonly NamedType[];
  readonly phone: readonly NamedType[];
}

/** A company (account) of the PSA. */
export interface PsaCompany extends NamedType {
  /** There only when it is so: the PSA has it as inactive or deleted. */
  readonly inactive?: true;
}

export interface PsaLocation {
  readonly id: string;
  readonly name: string;
  readonly main: boolean;
}

/** The tenant's e-mail and phone types by name, as looked up, learned from contacts, or pinned; empty when unknown. */
export interface PsaTypes {
  readonly email: readonly NamedType[];
  readonly phone: readonly NamedType[];
  /** Contact types; empty where the PSA has none. */
  readonly contact: readonly NamedType[];
}

/** Changes to a PSA contact; absent members are left as they are, `null` clears. */
export interface PsaContactPatch {
  readonly firstName?: string;
  readonly lastName?: string | null;
  readonly title?: string | null;
  readonly locationId?: string | null;
  /** Added where they are missing; nothing is removed. */
  readonly addEmails?: readonly PsaEmail[];
  readonly addPhones?: readonly PsaPhone[];
  /**
   * The whole list as it is to be: what is not in it is removed, what is in it already stays as it is but for type, extension and primary
   * (P9, A5).
   */
  readonly emails?: readonly PsaEmail[];
  readonly phones?: readonly PsaPhone[];
  /** Written only where the PSA's contact has none. */
  readonly externalKey?: string;
  /** `false` makes the contact inactive, `true` (only `undo`) active again. Done means that the PSA has it so. */
  readonly active?: boolean;
}

/** How a contact is looked for before it is created (P8). */
export interface PsaContactSearch {
  /** rollcall's keys that it may carry; not searched where the PSA has none. */
  readonly externalKeys?: readonly string[];
  readonly emails: readonly string[];
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/**
 * A PSA, as rollcall uses it. Reads retry by themselves within the PSA's rate budget and are complete or throw
 * `PSA_UNSTABLE_LIST`. Writes are sent once, see `WriteOutcome`. No PSA here has an idempotency key, so the caller
 * looks (`findContacts`) before each create and after each lost answer (P8, A2).
 */
export interface Psa {
  /** As shown to people: `Kaseya BMS`. */
  readonly displayName: string;
  /** How IT Glue names this PSA's links in `adapters_resources`; compared without regard to case. */
  readonly adapterNames: readonly string[];
  readonly requirements: PsaRequirements;
  /** Names product, address and tenant: ids of one mean nothing in another. */
  readonly tenant: string;
  /** The PSA's contacts carry rollcall's key: `PsaContact.externalKey` is written and found (P8). */
  readonly hasExternalKey: boolean;
  /** How many writes may be under way at once within the vendor's limits. */
  readonly writesAtOnce: number;

  /** Signs in. Throws `PSA_UNREACHABLE`, `PSA_CREDENTIALS_REJECTED`, `PSA_PERMISSION_MISSING`. */
  check(): Promise<{ readonly facts: Readonly<Record<string, string>> }>;

  /**
   * Companies by id (pinned or linked), inactive too, or by exact name: the active ones, inactive ones only where no active one has the
   * name. Compares what comes back itself.
   */
  findCompany(by: { readonly id: string } | { readonly name: string }): Promise<readonly PsaCompany[]>;

  /** All active companies, sorted by id; for choosing one. */
  listCompanies(onProgress?: (read: number) => void): Promise<readonly NamedType[]>;

  listLocations(companyId: string): Promise<readonly PsaLocation[]>;

  /** Looks the types up; `samples` are the company's contacts, from which missing ones are learned. */
  listTypes(samples: readonly PsaContact[]): Promise<PsaTypes>;

  /** All contacts of the company, inactive ones too, sorted by id. */
  listContacts(companyId: string, onProgress?: (read: number, total: number) => void): Promise<readonly PsaContact[]>;

  /**
   * Contacts of the company (`null`: of all companies) that were changed at or after the moment, by the PSA's own clock; it may bring
   * more, and without a company it may leave out inactive ones. `null`: this PSA does not tell, as its answer shows.
   */
  listChangedContacts(companyId: string | null, since: Moment): Promise<readonly PsaContact[] | null>;

  /** Contacts of the company that have one of the keys, one of the e-mails, or exactly this name; read afresh, inactive ones too. */
  findContacts(companyId: string, by: PsaContactSearch): Promise<readonly PsaContact[]>;

  getContact(id: PsaContactId): Promise<PsaContact | null>;

  /** The IT Glue contact that the PSA itself knows this contact to be linked with; `null` when none or not told. */
  linkedContactId(id: PsaContactId): Promise<ContactId | null>;

  /** Creates the contact without what the PSA takes only by `completeContact` (`requirements.titleInSecondCall`). */
  createContact(input: PsaContactInput): Promise<WriteOutcome<PsaContactId>>;

  /** Second call: what a create cannot carry (job title). Sending it twice changes nothing. */
  completeContact(id: PsaContactId, input: PsaContactInput): Promise<WriteOutcome<null>>;

  updateContact(id: PsaContactId, patch: PsaContactPatch): Promise<WriteOutcome<null>>;
}
