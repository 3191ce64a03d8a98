import type { ContactId, OrganizationId } from './ids.ts';
import type { Phone } from './phone.ts';
import type { Moment } from './time.ts';

export interface ContactEmail {
  readonly value: string;
  /** The e-mail type's name, for example `Work` or `AD Email`. */
  readonly label: string;
  readonly primary: boolean;
}

export interface ContactPhone {
  readonly phone: Phone;
  readonly label: string;
  readonly kind: 'phone' | 'fax';
  readonly primary: boolean;
}

/** A link that IT Glue keeps between one of its records and a record elsewhere (`adapters_resources`). */
export interface AdapterLink {
  /** IT Glue's name of the integration, for example `Kaseya BMS`, `Autotask`, `Microsoft`. */
  readonly adapter: string;
  readonly remoteId: string | null;
  readonly sync: boolean;
  readonly orphaned: boolean;
}

/** An IT Glue contact. Blank and absent are both `null`. */
export interface Contact {
  readonly id: ContactId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly contactTypeId: string | null;
  readonly contactTypeName: string | null;
  readonly locationId: string | null;
  readonly locationName: string | null;
  readonly important: boolean | null;
  readonly notes: string | null;
  readonly emails: readonly ContactEmail[];
  readonly phones: readonly ContactPhone[];
  /** `psa-integration` as IT Glue has it: `enabled`, `orphaned`, another word, or `null`. */
  readonly psaIntegration: string | null;
  readonly adapters: readonly AdapterLink[];
  readonly createdAt: Moment | null;
  readonly updatedAt: Moment | null;
}

export interface Location {
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly adapters: readonly AdapterLink[];
}

export interface NamedType {
  readonly id: string;
  readonly name: string;
}

/** An IT Glue organization, as far as rollcall needs it. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  readonly typeName: string | null;
  readonly statusName: string | null;
  readonly adapters: readonly AdapterLink[];
}

/** The "AD User" flexible asset of one contact (E7). Values are the text that IT Glue shows. */
export interface OverlayAsset {
  readonly id: string;
  readonly name: string;
  /** The tagged contacts; one, unless a person changed it. */
  readonly contactIds: readonly ContactId[];
  readonly values: OverlayValues;
}

export interface OverlayValues {
  readonly adStatus: string;
  readonly lastLogon: string;
  readonly lastPasswordReset: string;
  readonly passwordExpires: string;
}
