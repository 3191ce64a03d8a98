import type {
  CwCommunicationTypeRecord,
  CwCompanyRecord,
  CwContactRecord,
  CwContactTypeRecord,
  CwCustomFieldRecord,
  CwItemRecord,
  CwKind,
  CwSiteRecord,
} from './records.ts';

export interface NewCwCompany {
  readonly id?: number;
  readonly name: string;
  readonly identifier?: string;
  readonly statusName?: string;
  readonly typeName?: string;
  readonly deleted?: boolean;
}

export interface NewCwSite {
  readonly id?: number;
  readonly companyId: number;
  readonly name: string;
  readonly primary?: boolean;
  readonly inactive?: boolean;
}

export interface NewCwItem {
  readonly value: string;
  readonly extension?: string | null;
  /** By id or by description; default: the default type of the kind. */
  readonly typeId?: number;
  readonly type?: string;
  readonly isDefault?: boolean;
}

export interface NewCwContact {
  readonly id?: number;
  readonly companyId: number | null;
  /** Default: the company's primary site, if it has one. */
  readonly siteId?: number | null;
  readonly firstName: string;
  readonly lastName?: string | null;
  readonly title?: string | null;
  readonly inactive?: boolean;
  /** The first e-mail is the default one; so are the first phone and fax. */
  readonly emails?: readonly NewCwItem[];
  readonly phones?: readonly NewCwItem[];
  readonly typeIds?: readonly number[];
  readonly customFields?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The tenant's records; ids are integers. Helpers give new records ids and times. The API changes the same records. */
export class ConnectWiseData {
  readonly companies = new Map<number, CwCompanyRecord>();
  readonly sites = new Map<number, CwSiteRecord>();
  readonly contacts = new Map<number, CwContactRecord>();
  readonly communicationTypes = new Map<number, CwCommunicationTypeRecord>();
  readonly contactTypes = new Map<number, CwContactTypeRecord>();
  readonly customFields = new Map<number, CwCustomFieldRecord>();
  readonly #clock: () => number;
  #lastId = 500;
  #lastMoment = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
    for (const [id, description, kind, isDefault] of standardTypes) {
      this.communicationTypes.set(id, { id, description, kind, isDefault });
    }
    for (const [index, description] of ['End User', 'Decision Maker'].entries()) {
      this.contactTypes.set(index + 1, { id: index + 1, description, isDefault: index === 0 });
    }
  }

  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Now, but later than every moment before. */
  moment(): number {
    this.#lastMoment = Math.max(this.#lastMoment + 1, this.#clock());
    return this.#lastMoment;
  }

  addCompany(fields: NewCwCompany): CwCompanyRecord {
    const id = fields.id ?? this.newId();
    const company = {
      id,
      identifier: fields.identifier ?? `C${id}`,
      name: fields.name,
      statusName: fields.statusName ?? 'Active',
      typeName: fields.typeName ?? 'Client',
      deleted: fields.deleted ?? false,
      lastUpdated: this.moment(),
    };
    this.companies.set(id, company);
    return company;
  }

  /** Changes a company as a person would: `{ deleted: true }` leaves it to be read, and refused for contacts. */
  updateCompany(id: number, fields: Partial<Omit<CwCompanyRecord, 'id'>>): CwCompanyRecord {
    const company = this.companies.get(id);
    if (company === undefined) {
      throw new Error(`the sandbox has no company ${id}`);
    }
    return Object.assign(company, fields, { lastUpdated: this.moment() });
  }

  /** Deletes a company for good, with its sites and contacts. */
  deleteCompany(id: number): void {
    this.companies.delete(id);
    for (const site of [...this.sites.values()].filter((candidate) => candidate.companyId === id)) {
      this.sites.delete(site.id);
    }
    for (const contact of this.contactsOf(id)) {
      this.contacts.delete(contact.id);
    }
  }

  addSite(fields: NewCwSite): CwSiteRecord {
    const id = fields.id ?? this.newId();
    const site = {
      id,
      companyId: fields.companyId,
      name: fields.name,
      primary: fields.primary ?? false,
      inactive: fields.inactive ?? false,
      lastUpdated: this.moment(),
    };
    this.sites.set(id, site);
    return site;
  }

  addCommunicationType(description: string, kind: CwKind, isDefault = false): CwCommunicationTypeRecord {
    const known = [...this.communicationTypes.values()].find((type) => type.description === description && type.kind === kind);
    if (known !== undefined) {
      return known;
    }
    if (isDefault) {
      for (const type of this.communicationTypes.values()) {
        type.isDefault = type.isDefault && type.kind !== kind;
      }
    }
    const type = { id: this.newId(), description, kind, isDefault };
    this.communicationTypes.set(type.id, type);
    return type;
  }

  addContactType(description: string): CwContactTypeRecord {
    const type = { id: this.newId(), description, isDefault: false };
    this.contactTypes.set(type.id, type);
    return type;
  }

  /** A custom field of contacts. */
  addCustomField(caption: string): CwCustomFieldRecord {
    const field = { id: this.newId(), caption };
    this.customFields.set(field.id, field);
    return field;
  }

  emailTypeId(description: string): number | null {
    return this.#typeId(description, ['Email']);
  }

  phoneTypeId(description: string): number | null {
    return this.#typeId(description, ['Phone', 'Fax']);
  }

  addContact(fields: NewCwContact): CwContactRecord {
    const id = fields.id ?? this.newId();
    const contact: CwContactRecord = {
      id,
      companyId: fields.companyId,
      siteId: fields.siteId === undefined ? (this.primarySite(fields.companyId)?.id ?? null) : fields.siteId,
      firstName: fields.firstName,
      lastName: fields.lastName ?? null,
      title: fields.title ?? null,
      inactive: fields.inactive ?? false,
      items: [...this.newItems('Email', fields.emails ?? []), ...this.newItems('Phone', fields.phones ?? [])],
      types: (fields.typeIds ?? []).map((typeId) => ({ id: this.newId(), typeId })),
      customFields: { ...fields.customFields },
      more: { ...fields.more },
      lastUpdated: this.moment(),
      updatedBy: 'person',
    };
    this.contacts.set(id, contact);
    return contact;
  }

  /** New items as a person adds them; the first of a kind is its default unless said otherwise. */
  newItems(kind: CwKind, items: readonly NewCwItem[]): CwItemRecord[] {
    const seen = new Set<CwKind>();
    return items.map((item) => {
      const type =
        item.typeId === undefined
          ? (this.#typeNamed(item.type, kind) ?? this.addCommunicationType(item.type ?? kind, kind))
          : this.communicationTypes.get(item.typeId);
      if (type === undefined) {
        throw new Error(`the sandbox has no communication type ${item.typeId}`);
      }
      const isDefault = item.isDefault ?? !seen.has(type.kind);
      seen.add(type.kind);
      return { id: this.newId(), typeId: type.id, kind: type.kind, value: item.value, extension: item.extension ?? null, isDefault };
    });
  }

  /** Changes a contact as a person would. */
  updateContact(id: number, fields: Partial<Omit<CwContactRecord, 'id'>>): CwContactRecord {
    return Object.assign(this.contact(id), { updatedBy: 'person' }, fields, { lastUpdated: this.moment() });
  }

  deleteContact(id: number): void {
    this.contact(id);
    this.contacts.delete(id);
  }

  /** A person merges one contact into another: what the other lacks goes over, and the first is gone. */
  mergeContacts(from: number, into: number): CwContactRecord {
    const { items } = this.contact(from);
    const target = this.contact(into);
    const has = (item: CwItemRecord): boolean =>
      target.items.some((known) => known.kind === item.kind && known.value.toLowerCase() === item.value.toLowerCase());
    const gained = items.filter((item) => !has(item)).map((item) => ({ ...item, isDefault: false }));
    this.contacts.delete(from);
    return this.updateContact(into, { items: [...target.items, ...gained] });
  }

  /** Throws when there is none. */
  contact(id: number): CwContactRecord {
    const contact = this.contacts.get(id);
    if (contact === undefined) {
      throw new Error(`the sandbox has no contact ${id}`);
    }
    return contact;
  }

  contactsOf(companyId: number): readonly CwContactRecord[] {
    return [...this.contacts.values()].filter((contact) => contact.companyId === companyId);
  }

  primarySite(companyId: number | null): CwSiteRecord | null {
    return [...this.sites.values()].find((site) => site.companyId === companyId && site.primary) ?? null;
  }

  #typeNamed(description: string | undefined, kind: CwKind): CwCommunicationTypeRecord | undefined {
    const types = [...this.communicationTypes.values()];
    return description === undefined
      ? types.find((type) => type.kind === kind && type.isDefault)
      : types.find((type) => type.description === description && (type.kind === 'Email') === (kind === 'Email'));
  }

  #typeId(description: string, kinds: readonly CwKind[]): number | null {
    return [...this.communicationTypes.values()].find((type) => type.description === description && kinds.includes(type.kind))?.id ?? null;
  }
}

/** Names as tenants have them; two kinds may use one name. */
const standardTypes: readonly (readonly [number, string, CwKind, boolean])[] = [
  [1, 'Email', 'Email', true],
  [2, 'Direct', 'Phone', true],
  [3, 'Fax', 'Fax', true],
  [4, 'Cell', 'Phone', false],
  [13, 'Individual Professional', 'Email', false],
];
