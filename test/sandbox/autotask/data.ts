import type { AutotaskCompanyRecord, AutotaskContactRecord, AutotaskLocationRecord } from './records.ts';
import { Usage } from './usage.ts';

export type NewAutotaskCompany = Partial<AutotaskCompanyRecord> & { readonly companyName: string };
export type NewAutotaskLocation = Partial<AutotaskLocationRecord> & { readonly companyID: number; readonly name: string };
export type NewAutotaskContact = Partial<AutotaskContactRecord> & {
  readonly companyID: number;
  readonly firstName: string;
  readonly lastName: string;
};

/** The tenant's records; ids are integers. Helpers give new records ids and times. The API changes the same records. */
export class AutotaskData {
  readonly companies = new Map<number, AutotaskCompanyRecord>();
  readonly locations = new Map<number, AutotaskLocationRecord>();
  readonly contacts = new Map<number, AutotaskContactRecord>();
  /** Names of the contacts' user-defined fields. */
  readonly contactUdfs = new Set<string>();
  /** Requests of the last 60 minutes. */
  readonly usage: Usage;
  readonly #clock: () => number;
  #lastId = 29_680_000;
  #lastMoment = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.usage = new Usage(clock);
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

  addCompany(fields: NewAutotaskCompany): AutotaskCompanyRecord {
    const at = this.moment();
    const company: AutotaskCompanyRecord = {
      id: this.newId(),
      companyNumber: null,
      companyType: 1,
      isActive: true,
      phone: '555-0100',
      createDate: at,
      lastActivityDate: at,
      lastTrackedModifiedDateTime: at,
      ...fields,
    };
    this.companies.set(company.id, company);
    return company;
  }

  updateCompany(id: number, fields: Partial<Omit<AutotaskCompanyRecord, 'id'>>): AutotaskCompanyRecord {
    return Object.assign(this.company(id), fields, { lastTrackedModifiedDateTime: this.moment() });
  }

  /** Deletes a company with its locations and contacts. */
  deleteCompany(id: number): void {
    this.company(id);
    this.companies.delete(id);
    for (const location of this.locationsOf(id)) {
      this.locations.delete(location.id);
    }
    for (const contact of this.contactsOf(id)) {
      this.contacts.delete(contact.id);
    }
  }

  addLocation(fields: NewAutotaskLocation): AutotaskLocationRecord {
    const location: AutotaskLocationRecord = {
      id: this.newId(),
      address1: null,
      city: null,
      phone: null,
      isActive: true,
      isPrimary: false,
      ...fields,
    };
    this.locations.set(location.id, location);
    return location;
  }

  updateLocation(id: number, fields: Partial<Omit<AutotaskLocationRecord, 'id' | 'companyID'>>): AutotaskLocationRecord {
    const location = this.locations.get(id);
    if (location === undefined) {
      throw new Error(`the sandbox has no location ${id}`);
    }
    return Object.assign(location, fields);
  }

  addContact(fields: NewAutotaskContact): AutotaskContactRecord {
    const at = this.moment();
    const contact: AutotaskContactRecord = {
      ...emptyContact(),
      id: this.newId(),
      createDate: at,
      lastActivityDate: at,
      lastModifiedDate: at,
      ...fields,
    };
    this.contacts.set(contact.id, contact);
    return contact;
  }

  /** Changes a contact as a person in Autotask would. */
  updateContact(id: number, fields: Partial<Omit<AutotaskContactRecord, 'id'>>): AutotaskContactRecord {
    return Object.assign(this.contact(id), fields, { lastModifiedDate: this.moment() });
  }

  /** A ticket or the like of a contact: moves its lastActivityDate only. */
  addActivity(contactId: number): void {
    this.contact(contactId).lastActivityDate = this.moment();
  }

  deleteContact(id: number): void {
    this.contact(id);
    this.contacts.delete(id);
  }

  /** The tool that merges contacts: what `into` lacks comes from `from`, which is deleted or made inactive. */
  mergeContacts(from: number, into: number, how: 'deleted' | 'inactive' = 'deleted'): AutotaskContactRecord {
    const source = this.contact(from);
    const target = this.contact(into);
    const filled = Object.fromEntries(Object.entries(source).filter(([name]) => target[name as keyof AutotaskContactRecord] === null));
    if (how === 'deleted') {
      this.deleteContact(from);
    } else {
      this.updateContact(from, { isActive: 0 });
    }
    return this.updateContact(into, filled);
  }

  /** Requests of other integrations; they count towards the same limit. */
  otherUse(requests: number): void {
    this.usage.add(requests);
  }

  /** Throws when there is none. */
  company(id: number): AutotaskCompanyRecord {
    const company = this.companies.get(id);
    if (company === undefined) {
      throw new Error(`the sandbox has no company ${id}`);
    }
    return company;
  }

  /** Throws when there is none. */
  contact(id: number): AutotaskContactRecord {
    const contact = this.contacts.get(id);
    if (contact === undefined) {
      throw new Error(`the sandbox has no contact ${id}`);
    }
    return contact;
  }

  contactsOf(companyId: number): readonly AutotaskContactRecord[] {
    return [...this.contacts.values()].filter((contact) => contact.companyID === companyId);
  }

  locationsOf(companyId: number): readonly AutotaskLocationRecord[] {
    return [...this.locations.values()].filter((location) => location.companyID === companyId);
  }
}

/** What a contact has when nothing is said; also what a PUT leaves of what it does not say. */
export function emptyContact() {
  return {
    companyLocationID: null,
    middleInitial: null,
    namePrefix: null,
    nameSuffix: null,
    title: null,
    emailAddress: null,
    emailAddress2: null,
    emailAddress3: null,
    phone: null,
    extension: null,
    mobilePhone: null,
    alternatePhone: null,
    faxNumber: null,
    addressLine: null,
    addressLine1: null,
    additionalAddressInformation: null,
    city: null,
    state: null,
    zipCode: null,
    countryID: null,
    isActive: 1,
    primaryContact: false,
    billingContact: false,
    receivesEmailNotifications: false,
    note: null,
    roomNumber: null,
    externalID: null,
    apiVendorID: null,
    facebookUrl: null,
    twitterUrl: null,
    linkedInUrl: null,
    bulkEmailOptOutTime: null,
    isOptedOutFromBulkEmail: false,
    solicitationOptOut: false,
    solicitationOptOutTime: null,
    surveyOptOut: false,
    impersonatorCreatorResourceID: null,
    userDefinedFields: [],
  };
}
