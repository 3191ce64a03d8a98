/** A PSA's contact as IT Glue's own sync reads it. */
export interface OwnSyncContact {
  readonly id: number;
  readonly firstName: string;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly emails: readonly { readonly value: string; readonly typeName: string; readonly primary: boolean }[];
  readonly phones: readonly {
    readonly value: string;
    readonly extension: string | null;
    readonly typeName: string;
    readonly primary: boolean;
  }[];
}

/** What IT Glue's own sync writes of a contact, by the PSA's ids. */
export interface OwnSyncFields {
  readonly companyId: number;
  readonly locationId: number | null;
  readonly firstName: string;
  readonly lastName: string | null;
  readonly title: string | null;
}

/** What a new contact gets besides: its primary e-mail and phone, when their types are chosen. */
interface OwnSyncItems {
  readonly email: { readonly value: string; readonly typeId: number } | null;
  readonly phone: { readonly value: string; readonly typeId: number } | null;
}

/** A PSA sandbox as IT Glue's own two-way sync uses it; each PSA has one implementation. */
export interface PsaForOwnSync {
  /** As `adapters_resources` names the links with this PSA. */
  readonly adapterName: string;
  /** What a contact must have, besides first name and company, to be pushed; e-mail and phone with a chosen type. */
  readonly needs: { readonly lastName: boolean; readonly email: boolean; readonly phone: boolean; readonly location: boolean };
  /** Ids of types by name; `null` when the PSA has none of that name. */
  emailTypeId(name: string): number | null;
  phoneTypeId(name: string): number | null;
  contactsOf(companyId: number): readonly OwnSyncContact[];
  /** Returns the id of the new contact. */
  addContact(fields: OwnSyncFields, items: OwnSyncItems): number;
  updateContact(id: number, fields: OwnSyncFields): void;
  /** Tells the PSA which IT Glue contact is linked, where it keeps that. */
  linked?(id: number, contact: { readonly id: string; readonly name: string }): void;
}
