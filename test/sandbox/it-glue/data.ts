import type {
  AdapterRecord,
  AssetRecord,
  AssetTypeRecord,
  ContactRecord,
  CountryRecord,
  EmailRecord,
  FieldRecord,
  LocationRecord,
  NamedRecord,
  OrganizationRecord,
  PhoneRecord,
  RegionRecord,
} from './records.ts';

export interface NewAdapter {
  readonly adapterName: string;
  readonly remoteId: string;
  readonly sync?: boolean;
  readonly orphaned?: boolean;
}

export interface NewOrganization {
  readonly id?: string;
  readonly name: string;
  /** Names; made when the account does not have them. */
  readonly typeName?: string;
  readonly statusName?: string;
  readonly shortName?: string;
  readonly foreign?: boolean;
  readonly adapters?: readonly NewAdapter[];
}

export interface NewLocation {
  readonly id?: string;
  readonly organizationId: string;
  readonly name: string;
  readonly primary?: boolean;
  readonly city?: string;
  readonly adapters?: readonly NewAdapter[];
}

export interface NewContact {
  readonly id?: string;
  readonly organizationId: string;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly title?: string | null;
  readonly contactTypeId?: string | null;
  readonly locationId?: string | null;
  readonly important?: boolean | null;
  readonly notes?: string | null;
  readonly restricted?: boolean;
  readonly emails?: readonly (Partial<EmailRecord> & { readonly value: string })[];
  readonly phones?: readonly (Partial<PhoneRecord> & { readonly value: string })[];
  readonly adapters?: readonly NewAdapter[];
}

export interface NewAsset {
  readonly organizationId: string;
  readonly typeId: string;
  readonly traits: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** A PSA's adapters; `psa-integration` speaks of these only. */
export const psaAdapters: Readonly<Record<string, string>> = {
  manage: 'ConnectWise Manage',
  autotask: 'Autotask',
  tigerpaw: 'Tigerpaw',
  'kaseya-bms': 'Kaseya BMS',
  'pulseway-psa': 'Pulseway PSA',
  vorex: 'Vorex',
};

/** The account's records. Ids are text; helpers give new records ids and times. The API changes the same records. */
export class ItGlueData {
  readonly organizations = new Map<string, OrganizationRecord>();
  readonly organizationTypes = new Map<string, NamedRecord>();
  readonly organizationStatuses = new Map<string, NamedRecord>();
  readonly locations = new Map<string, LocationRecord>();
  readonly contacts = new Map<string, ContactRecord>();
  readonly contactTypes = new Map<string, NamedRecord>();
  readonly countries = new Map<string, CountryRecord>();
  readonly regions = new Map<string, RegionRecord>();
  readonly assetTypes = new Map<string, AssetTypeRecord>();
  readonly assetFields = new Map<string, FieldRecord>();
  readonly assets = new Map<string, AssetRecord>();
  readonly emailLabels = new Set(['Work', 'Home', 'Email']);
  readonly phoneLabels = new Set(['Work', 'Home', 'Cell', 'Mobile', 'Office']);
  readonly #clock: () => number;
  #lastId: bigint;
  #lastMoment = 0;

  constructor(clock: () => number, bigIds: boolean) {
    this.#clock = clock;
    this.#lastId = bigIds ? 9_007_199_254_740_992n : 1000n;
    this.countries.set('84', { id: '84', name: 'United States', iso: 'US' });
    this.regions.set('26', { id: '26', name: 'California', iso: 'CA', countryId: '84' });
    this.regions.set('27', { id: '27', name: 'Oregon', iso: 'OR', countryId: '84' });
  }

  newId(): string {
    this.#lastId += 1n;
    return String(this.#lastId);
  }

  /** Now, but later than every moment before: each write can be told from the last. */
  moment(): number {
    this.#lastMoment = Math.max(this.#lastMoment + 1, this.#clock());
    return this.#lastMoment;
  }

  addOrganization(fields: NewOrganization): OrganizationRecord {
    const at = this.moment();
    return put(this.organizations, {
      id: fields.id ?? this.newId(),
      name: fields.name,
      typeId: fields.typeName === undefined ? null : this.#named(this.organizationTypes, fields.typeName).id,
      statusId: fields.statusName === undefined ? null : this.#named(this.organizationStatuses, fields.statusName).id,
      shortName: fields.shortName ?? null,
      description: null,
      alert: null,
      quickNotes: null,
      primary: false,
      foreign: fields.foreign ?? false,
      adapters: this.#adapters(fields.adapters),
      createdAt: at,
      updatedAt: at,
    });
  }

  addLocation(fields: NewLocation): LocationRecord {
    this.organization(fields.organizationId);
    const at = this.moment();
    return put(this.locations, {
      id: fields.id ?? this.newId(),
      organizationId: fields.organizationId,
      name: fields.name,
      primary: fields.primary ?? false,
      address1: null,
      address2: null,
      city: fields.city ?? null,
      postalCode: null,
      regionId: null,
      countryId: null,
      phone: null,
      fax: null,
      notes: null,
      adapters: this.#adapters(fields.adapters),
      createdAt: at,
      updatedAt: at,
    });
  }

  addContactType(name: string): NamedRecord {
    return this.#named(this.contactTypes, name);
  }

  addContact(fields: NewContact): ContactRecord {
    this.organization(fields.organizationId);
    const at = this.moment();
    const emails = (fields.emails ?? []).map((email, index) => ({ primary: index === 0, labelName: 'Work', ...email }));
    const phones = (fields.phones ?? []).map((phone, index) => ({
      extension: null,
      primary: index === 0,
      labelName: 'Work',
      labelType: 'phone' as const,
      ...phone,
    }));
    return put(this.contacts, {
      id: fields.id ?? this.newId(),
      organizationId: fields.organizationId,
      firstName: fields.firstName ?? null,
      lastName: fields.lastName ?? null,
      title: fields.title ?? null,
      contactTypeId: fields.contactTypeId ?? null,
      locationId: fields.locationId ?? null,
      important: fields.important ?? null,
      notes: fields.notes ?? null,
      restricted: fields.restricted ?? false,
      emails,
      phones,
      adapters: this.#adapters(fields.adapters),
      waitsForOwnPush: false,
      createdAt: at,
      updatedAt: at,
    });
  }

  /** Changes a contact as a person or another integration would; updated-at moves. */
  updateContact(id: string, fields: Partial<Omit<ContactRecord, 'id' | 'organizationId'>>): ContactRecord {
    return Object.assign(this.contact(id), fields, { updatedAt: this.moment() });
  }

  /** Moves a contact to another organization; a location of the old one is left behind. */
  moveContact(id: string, organizationId: string): ContactRecord {
    this.organization(organizationId);
    return Object.assign(this.contact(id), { organizationId, locationId: null, updatedAt: this.moment() });
  }

  deleteContact(id: string): void {
    this.contact(id);
    this.contacts.delete(id);
  }

  /** Links a contact, location or organization with a record elsewhere. */
  linkAdapter(recordId: string, adapter: NewAdapter): AdapterRecord {
    const record = this.contacts.get(recordId) ?? this.locations.get(recordId) ?? this.organizations.get(recordId);
    if (record === undefined) {
      throw new Error(`no contact, location or organization ${recordId}`);
    }
    const [link] = this.#adapters([adapter]);
    if (link === undefined) {
      throw new Error('no adapter');
    }
    record.adapters.push(link);
    return link;
  }

  unlinkAdapter(recordId: string, adapterName: string): void {
    const record = this.contacts.get(recordId) ?? this.locations.get(recordId) ?? this.organizations.get(recordId);
    if (record !== undefined) {
      record.adapters = record.adapters.filter((adapter) => adapter.adapterName !== adapterName);
    }
  }

  addAssetType(name: string, fields: readonly (Partial<FieldRecord> & Pick<FieldRecord, 'name' | 'kind'>)[]): AssetTypeRecord {
    const at = this.moment();
    const type = put(this.assetTypes, {
      id: this.newId(),
      name,
      description: null,
      icon: 'cubes',
      enabled: true,
      showInMenu: true,
      createdAt: at,
      updatedAt: at,
    });
    for (const [index, field] of fields.entries()) {
      this.addAssetField(type.id, { order: index + 1, ...field });
    }
    return type;
  }

  addAssetField(typeId: string, fields: Partial<FieldRecord> & Pick<FieldRecord, 'name' | 'kind' | 'order'>): FieldRecord {
    const at = this.moment();
    return put(this.assetFields, {
      hint: null,
      decimals: null,
      defaultValue: null,
      tagType: null,
      required: false,
      useForTitle: false,
      expiration: false,
      showInList: false,
      ...fields,
      id: this.newId(),
      typeId,
      nameKey: nameKeyOf(fields.name),
      createdAt: at,
      updatedAt: at,
    });
  }

  addAsset(fields: NewAsset): AssetRecord {
    const at = this.moment();
    return put(this.assets, {
      id: this.newId(),
      organizationId: fields.organizationId,
      typeId: fields.typeId,
      traits: new Map(Object.entries(fields.traits)),
      archived: false,
      restricted: false,
      createdAt: at,
      updatedAt: at,
    });
  }

  /** Throws when there is none: a test with a wrong id should not go on. */
  organization(id: string): OrganizationRecord {
    return mustGet(this.organizations, id, 'organization');
  }

  contact(id: string): ContactRecord {
    return mustGet(this.contacts, id, 'contact');
  }

  contactsOf(organizationId: string): readonly ContactRecord[] {
    return [...this.contacts.values()].filter((contact) => contact.organizationId === organizationId);
  }

  fieldsOf(typeId: string): readonly FieldRecord[] {
    return [...this.assetFields.values()].filter((field) => field.typeId === typeId).sort((a, b) => a.order - b.order);
  }

  #named(records: Map<string, NamedRecord>, name: string): NamedRecord {
    const known = [...records.values()].find((record) => record.name === name);
    const at = this.moment();
    return known ?? put(records, { id: this.newId(), name, createdAt: at, updatedAt: at });
  }

  #adapters(adapters: readonly NewAdapter[] = []): AdapterRecord[] {
    return adapters.map(({ adapterName, remoteId, sync = true, orphaned = false }) => ({
      id: this.newId(),
      adapterName,
      remoteId,
      sync,
      orphaned,
    }));
  }
}

/** `Last Password Reset` → `last-password-reset`. */
export function nameKeyOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** Whether an adapter keeps the record in step with its source now. */
export function isSyncing(adapter: AdapterRecord): boolean {
  return adapter.sync && !adapter.orphaned;
}

export function isPsaAdapter(adapter: AdapterRecord): boolean {
  return Object.values(psaAdapters).includes(adapter.adapterName);
}

function put<Row extends { readonly id: string }>(records: Map<string, Row>, row: Row): Row {
  records.set(row.id, row);
  return row;
}

function mustGet<Row>(records: ReadonlyMap<string, Row>, id: string, what: string): Row {
  const row = records.get(id);
  if (row === undefined) {
    throw new Error(`the sandbox has no ${what} ${id}`);
  }
  return row;
}
