import type {
  BmsAccountRecord,
  BmsContactRecord,
  BmsEmailRecord,
  BmsLocationRecord,
  BmsPhoneRecord,
  BmsTokenRecord,
  BmsUserRecord,
} from './records.ts';

export interface NewBmsAccount {
  readonly id?: number;
  readonly name: string;
  readonly code?: string;
  readonly typeName?: string;
  readonly active?: boolean;
}

export interface NewBmsLocation {
  readonly id?: number;
  readonly accountId: number;
  readonly name: string;
  readonly main?: boolean;
  readonly active?: boolean;
}

export interface NewBmsContact {
  readonly id?: number;
  readonly accountId: number;
  readonly locationId: number;
  readonly firstName: string;
  readonly lastName?: string | null;
  readonly jobTitle?: string | null;
  readonly active?: boolean;
  /** Types by id or by name; default `Work`. The first is the default e-mail. */
  readonly emails?: readonly {
    readonly emailAddress: string;
    readonly emailTypeId?: number;
    readonly emailType?: string;
    readonly isDefault?: boolean;
  }[];
  readonly phones?: readonly {
    readonly phone: string;
    readonly phoneTypeId?: number;
    readonly phoneType?: string;
    readonly isDefault?: boolean;
  }[];
}

/** The tenant's records; ids are integers. Helpers give new records ids and times. The API changes the same records. */
export class BmsData {
  readonly accounts = new Map<number, BmsAccountRecord>();
  readonly locations = new Map<number, BmsLocationRecord>();
  readonly contacts = new Map<number, BmsContactRecord>();
  /** Names by id. */
  readonly emailTypes = new Map<number, string>();
  readonly phoneTypes = new Map<number, string>();
  readonly customFields = new Map<number, string>();
  readonly users: BmsUserRecord[] = [];
  readonly tokens: BmsTokenRecord[] = [];
  /** Links with IT Glue as BMS knows them, by BMS id. */
  readonly itGlueContacts = new Map<number, { readonly id: string; readonly name: string }>();
  readonly itGlueAccounts = new Map<number, { readonly id: string; readonly name: string }>();
  readonly itGlueLocations = new Map<number, { readonly id: string; readonly name: string }>();
  readonly #clock: () => number;
  #lastId = 200;
  #lastMoment = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
    for (const [index, name] of ['Work', 'Personal', 'Other'].entries()) {
      this.emailTypes.set(31 + index, name);
    }
    for (const [index, name] of ['Work', 'Mobile', 'Home', 'Fax'].entries()) {
      this.phoneTypes.set(51 + index, name);
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

  addUser(user: { readonly userName: string; readonly password: string; readonly tenant: string; readonly mfa?: boolean }): BmsUserRecord {
    const record = { mfa: false, ...user };
    this.users.push(record);
    return record;
  }

  addAccount(fields: NewBmsAccount): BmsAccountRecord {
    const id = fields.id ?? this.newId();
    const at = this.moment();
    const account = {
      id,
      name: fields.name,
      code: fields.code ?? `A${id}`,
      typeName: fields.typeName ?? 'Customer',
      active: fields.active ?? true,
      createdOn: at,
      modifiedOn: at,
    };
    this.accounts.set(id, account);
    return account;
  }

  addLocation(fields: NewBmsLocation): BmsLocationRecord {
    const id = fields.id ?? this.newId();
    const location = { id, accountId: fields.accountId, name: fields.name, main: fields.main ?? false, active: fields.active ?? true };
    this.locations.set(id, location);
    return location;
  }

  addEmailType(name: string): number {
    return addType(this.emailTypes, name, () => this.newId());
  }

  addPhoneType(name: string): number {
    return addType(this.phoneTypes, name, () => this.newId());
  }

  emailTypeId(name: string): number | null {
    return idOf(this.emailTypes, name);
  }

  phoneTypeId(name: string): number | null {
    return idOf(this.phoneTypes, name);
  }

  addContact(fields: NewBmsContact): BmsContactRecord {
    const at = this.moment();
    const id = fields.id ?? this.newId();
    const contact: BmsContactRecord = {
      id,
      accountId: fields.accountId,
      locationId: fields.locationId,
      firstName: fields.firstName,
      middleName: null,
      lastName: fields.lastName ?? null,
      jobTitle: fields.jobTitle ?? null,
      poc: false,
      active: fields.active ?? true,
      receiveInvoices: false,
      billByContact: false,
      effectiveDate: null,
      emails: (fields.emails ?? []).map((email, index) =>
        this.newEmail(
          email.emailAddress,
          email.emailTypeId ?? this.addEmailType(email.emailType ?? 'Work'),
          email.isDefault ?? index === 0,
        ),
      ),
      phones: (fields.phones ?? []).map((phone, index) =>
        this.newPhone(phone.phone, phone.phoneTypeId ?? this.addPhoneType(phone.phoneType ?? 'Work'), phone.isDefault ?? index === 0),
      ),
      customFields: [],
      createdOn: at,
      modifiedOn: at,
    };
    this.contacts.set(id, contact);
    return contact;
  }

  newEmail(emailAddress: string, emailTypeId: number, isDefault: boolean): BmsEmailRecord {
    return { id: this.newId(), emailAddress, emailTypeId, isDefault };
  }

  newPhone(phone: string, phoneTypeId: number, isDefault: boolean): BmsPhoneRecord {
    return { id: this.newId(), phone, phoneTypeId, isDefault };
  }

  /** Changes a contact as a person in BMS would. */
  updateContact(id: number, fields: Partial<Omit<BmsContactRecord, 'id'>>): BmsContactRecord {
    return Object.assign(this.contact(id), fields, { modifiedOn: this.moment() });
  }

  deleteContact(id: number): void {
    this.contact(id);
    this.contacts.delete(id);
  }

  /** Tells BMS which IT Glue contact one of its contacts is linked with. */
  linkItGlueContact(id: number, itGlueId: string, name: string): void {
    this.contact(id);
    this.itGlueContacts.set(id, { id: itGlueId, name });
  }

  /** Throws when there is none. */
  contact(id: number): BmsContactRecord {
    const contact = this.contacts.get(id);
    if (contact === undefined) {
      throw new Error(`the sandbox has no contact ${id}`);
    }
    return contact;
  }

  contactsOf(accountId: number): readonly BmsContactRecord[] {
    return [...this.contacts.values()].filter((contact) => contact.accountId === accountId);
  }
}

function idOf(types: ReadonlyMap<number, string>, name: string): number | null {
  return [...types].find(([, known]) => known === name)?.[0] ?? null;
}

function addType(types: Map<number, string>, name: string, newId: () => number): number {
  const id = idOf(types, name) ?? newId();
  types.set(id, name);
  return id;
}
