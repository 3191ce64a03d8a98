import type {
  Contact,
  ContactEmail,
  ContactPhone,
  Location,
  NamedType,
  Organization,
  OverlayAsset,
  OverlayValues,
} from '../model/contact.ts';
import type { ContactId, OrganizationId } from '../model/ids.ts';
import type { Moment } from '../model/time.ts';
import type { WriteOutcome } from './write-outcome.ts';

/** Fields to set on a contact; an absent member is left as it is, `null` clears. Arrays are always whole (E5). */
export interface ContactPatch {
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly title?: string | null;
  readonly contactTypeId?: string | null;
  readonly locationId?: string | null;
  readonly important?: boolean | null;
  readonly notes?: string | null;
  readonly emails?: readonly ContactEmail[];
  readonly phones?: readonly ContactPhone[];
}

/** What a GET of one contact says (C11): only `deleted` is a proof of deletion. */
export type ContactLookup =
  | { readonly kind: 'found'; readonly contact: Contact }
  /** It lives in another organization now. */
  | { readonly kind: 'moved'; readonly contact: Contact }
  /** A JSON 404. */
  | { readonly kind: 'deleted' };

/** The "AD User" asset to write. Traits that rollcall does not own are kept (E7). */
export interface OverlayWrite {
  readonly name: string;
  readonly contactId: ContactId;
  readonly values: OverlayValues;
}

/**
 * IT Glue, as rollcall uses it. Reads retry by themselves within the rate budget; lists are complete or throw
 * `ITGLUE_UNSTABLE_LIST` (C11); every row was checked to belong to the organization that was asked for, else
 * `ITGLUE_FILTER_IGNORED`. Writes are sent once, see `WriteOutcome`. Ids are text.
 */
export interface Documentation {
  /** Proves address and key. Throws `ITGLUE_UNREACHABLE`, `ITGLUE_KEY_REJECTED`. */
  check(): Promise<{ readonly facts: Readonly<Record<string, string>> }>;

  /** All organizations that the key may see, without their adapter links, sorted by id; for choosing one. */
  listOrganizations(onProgress?: (read: number, total: number) => void): Promise<readonly Omit<Organization, 'adapters'>[]>;

  /** Throws `ITGLUE_ORGANIZATION_NOT_FOUND`. */
  getOrganization(organization: OrganizationId): Promise<Organization>;

  /** All contacts with their adapter links, sorted by id. `onProgress` is told how many of how many are read. */
  listContacts(organization: OrganizationId, onProgress?: (read: number, total: number) => void): Promise<readonly Contact[]>;

  /** These contacts with their adapter links, read afresh; ids that do not answer are left out. */
  listContactsById(organization: OrganizationId, ids: readonly ContactId[]): Promise<readonly Contact[]>;

  /**
   * Contacts of all organizations that the key sees which were updated at or after the moment, newest first, without their adapter
   * links. `complete` is false when there are more than `most`: then the newest are told.
   */
  listUpdatedContacts(since: Moment, most: number): Promise<{ readonly contacts: readonly Contact[]; readonly complete: boolean }>;

  lookUpContact(organization: OrganizationId, id: ContactId): Promise<ContactLookup>;

  listLocations(organization: OrganizationId): Promise<readonly Location[]>;

  listContactTypes(): Promise<readonly NamedType[]>;

  createContact(organization: OrganizationId, fields: ContactPatch): Promise<WriteOutcome<Contact>>;

  updateContact(organization: OrganizationId, id: ContactId, patch: ContactPatch): Promise<WriteOutcome<Contact>>;

  /** Deletes contacts; only `undo --delete-created` calls it (E8). Done: the ids that are gone. */
  deleteContacts(organization: OrganizationId, ids: readonly ContactId[]): Promise<WriteOutcome<readonly ContactId[]>>;

  /** The id of the flexible asset type "AD User", or `null` when the account has none. Throws when its fields do not fit. */
  findOverlayType(): Promise<string | null>;

  /** Makes the type once; when somebody else just made it, that one is returned. */
  createOverlayType(): Promise<WriteOutcome<string>>;

  /** All "AD User" assets of the organization. */
  listOverlays(
    organization: OrganizationId,
    typeId: string,
    onProgress?: (read: number, total: number) => void,
  ): Promise<readonly OverlayAsset[]>;

  /** Creates up to `overlayBulkSize` assets with one request. The answer pairs assets with contacts by their tag. */
  createOverlays(
    organization: OrganizationId,
    typeId: string,
    writes: readonly OverlayWrite[],
  ): Promise<WriteOutcome<readonly OverlayAsset[]>>;

  /** Updates up to `overlayBulkSize` assets with one request; traits of others, as last listed, are sent along. */
  updateOverlays(typeId: string, writes: readonly (OverlayWrite & { readonly id: string })[]): Promise<WriteOutcome<readonly string[]>>;

  /** Deletes assets; only `undo --delete-created`. */
  deleteOverlays(ids: readonly string[]): Promise<WriteOutcome<readonly string[]>>;

  /** How many assets go into one request. Re-reading the list settles a lost answer of that size (A2). */
  readonly overlayBulkSize: number;
}
