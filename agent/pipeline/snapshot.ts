import type { PsaSnapshot } from '../../core/eligibility/psa-context.ts';
import type { Contact, Location, NamedType, Organization, OverlayAsset } from '../../core/model/contact.ts';
import type { ContactId } from '../../core/model/ids.ts';

/** IT Glue and the PSA as they were read for one run; every list is complete (C11). */
export interface Snapshot {
  readonly organization: Organization;
  readonly contacts: readonly Contact[];
  readonly contactsById: ReadonlyMap<ContactId, Contact>;
  readonly locations: readonly Location[];
  readonly contactTypes: readonly NamedType[];
  /** `null`: the account has no type "AD User" yet, or the overlay is not kept as an asset. */
  readonly overlayTypeId: string | null;
  readonly overlays: readonly OverlayAsset[];
  readonly psa: PsaSnapshot | null;
}
