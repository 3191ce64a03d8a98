import type { Answer, Handling, Prepared } from '../exchange.ts';
import { hidesInactive } from './accounts.ts';
import { defaultOnly, readNewEmail, readNewPhone } from './contact-items.ts';
import type { SentObject, Tenant } from './envelope.ts';
import { bare, failure, moment, readJson, sentBoolean, sentInteger, sentList, sentObject, sentString, success } from './envelope.ts';
import { cutPage, filterRows, textMatches } from './paging.ts';
import type { BmsContactRecord } from './records.ts';

const dayMs = 86_400_000;

type Parameters = Readonly<Record<string, string>>;

const inputMembers = ['FirstName', 'LastName', 'AccountId', 'LocationId', 'Phones', 'Emails', 'CustomFieldsData'];
const putMembers = [
  'AccountId',
  'LocationId',
  'FirstName',
  'MiddleName',
  'LastName',
  'JobTitle',
  'Poc',
  'IsActive',
  'ReceiveInvoices',
  'BillByContact',
  'EffectiveDate',
];

/** A list without a total. */
export function searchContacts(tenant: Tenant, handling: Handling): Answer {
  const found = filterRows<BmsContactRecord>(handling, listable(tenant, handling), {
    Ids: (row, value) => value.split(',').includes(String(row.id)),
    AccountIds: (row, value) => String(row.accountId) === value,
    AccountName: (row, value) => textMatches(tenant, accountName(tenant, row), value),
    LocationId: (row, value) => String(row.locationId) === value,
    LocationName: (row, value) => textMatches(tenant, locationName(tenant, row), value),
    FirstName: (row, value) => textMatches(tenant, row.firstName, value),
    LastName: (row, value) => textMatches(tenant, row.lastName, value),
    EmailAddress: (row, value) => emailMatches(tenant, row, value),
    JobTitle: (row, value) => textMatches(tenant, row.jobTitle, value),
    IsPoc: (row, value) => String(row.poc) === value.toLowerCase(),
    HasClientPortalAccess: (_row, value) => value.toLowerCase() === 'false',
    IsActive: (row, value) => String(row.active) === value.toLowerCase(),
  });
  const page = cutPage(tenant, handling, found, { FirstName: (row) => row.firstName, LastName: (row) => row.lastName ?? '' });
  return success(
    tenant,
    page.rows.map((row) => ({
      id: row.id,
      accountId: row.accountId,
      accountName: accountName(tenant, row),
      locationId: row.locationId,
      locationName: locationName(tenant, row),
      firstName: row.firstName,
      lastName: row.lastName,
      jobTitle: row.jobTitle,
      emailAddress: row.emails.find((email) => email.isDefault)?.emailAddress ?? null,
      isPoc: row.poc,
      isActive: row.active,
      hasClientPortalAccess: false,
    })),
  );
}

export function listContactSummaries(tenant: Tenant, handling: Handling): Answer {
  const found = filterRows<BmsContactRecord>(handling, listable(tenant, handling), {
    AccountId: (row, value) => String(row.accountId) === value,
    AccountName: (row, value) => textMatches(tenant, accountName(tenant, row), value),
    FirstName: (row, value) => textMatches(tenant, row.firstName, value),
    LastName: (row, value) => textMatches(tenant, row.lastName, value),
    Phone: (row, value) => row.phones.some((phone) => textMatches(tenant, phone.phone, value)),
    Email: (row, value) => emailMatches(tenant, row, value),
    CreatedOnFrom: (row, value) => isFrom(tenant, row.createdOn, value),
    CreatedOnTo: (row, value) => row.createdOn <= Date.parse(value),
    ModifiedOnFrom: (row, value) => isFrom(tenant, modifiedOn(tenant, row), value),
    ModifiedOnTo: (row, value) => row.modifiedOn <= Date.parse(value),
    IsActive: (row, value) => String(row.active) === value.toLowerCase(),
  });
  const page = cutPage(tenant, handling, found, { FirstName: (row) => row.firstName, LastName: (row) => row.lastName ?? '' });
  return success(
    tenant,
    page.rows.map((row) => summary(tenant, row)),
    page.total,
  );
}

export function showContactSummary(tenant: Tenant, _handling: Handling, parameters: Parameters): Answer {
  const body = summary(tenant, findContact(tenant, parameters));
  return tenant.switches.summary === 'bare' ? bare(tenant, body) : success(tenant, body);
}

/** Creates with names, place, e-mails and phones; job title and the like are ignored here. */
export function createContact(tenant: Tenant, handling: Handling): Prepared {
  const sent = sentObject(tenant, handling, readJson(tenant, handling), inputMembers);
  const place = readPlace(tenant, sentInteger(tenant, sent, 'AccountId'), sentInteger(tenant, sent, 'LocationId'));
  const firstName = sentString(tenant, sent, 'FirstName') ?? '';
  if (firstName.trim() === '') {
    throw failure(tenant, 400, 'FirstName is required');
  }
  const lastName = sentString(tenant, sent, 'LastName');
  const emails = sentList(tenant, sent, 'Emails').map((item) => readNewEmail(tenant, handling, item));
  const phones = sentList(tenant, sent, 'Phones').map((item) => readNewPhone(tenant, handling, item));
  if (phones.length === 0 && tenant.switches.phone === 'required') {
    throw failure(tenant, 400, 'A phone is required');
  }
  for (const { emailAddress } of emails) {
    refuseDuplicate(tenant, emailAddress, null);
  }
  const customFields = sentList(tenant, sent, 'CustomFieldsData').map((item) => readCustomField(tenant, handling, item));
  return {
    commit() {
      const contact = tenant.data.addContact({ ...place, firstName, lastName, emails: defaultOnly(emails), phones: defaultOnly(phones) });
      contact.customFields = customFields;
      return success(tenant, {
        id: contact.id,
        firstName: contact.firstName,
        lastName: contact.lastName,
        accountId: contact.accountId,
        accountName: accountName(tenant, contact),
        locationId: contact.locationId,
        locationName: locationName(tenant, contact),
        phoneNumber: contact.phones.find((phone) => phone.isDefault)?.phone ?? null,
        emailAddress: contact.emails.find((email) => email.isDefault)?.emailAddress ?? null,
        customFieldsData: contact.customFields,
      });
    },
  };
}

/** The whole contact: what is not sent becomes null, or false, so that a missing IsActive deactivates. */
export function putContact(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const sent = sentObject(tenant, handling, readJson(tenant, handling), putMembers);
  const change = readWhole(tenant, sent);
  return { commit: () => success(tenant, output(tenant, tenant.data.updateContact(contact.id, change))) };
}

/** The members that a patch may address, as the whole contact has them. */
export function patchTarget(contact: BmsContactRecord): Map<string, unknown> {
  return new Map<string, unknown>([
    ['accountid', contact.accountId],
    ['locationid', contact.locationId],
    ['firstname', contact.firstName],
    ['middlename', contact.middleName],
    ['lastname', contact.lastName],
    ['jobtitle', contact.jobTitle],
    ['poc', contact.poc],
    ['isactive', contact.active],
    ['receiveinvoices', contact.receiveInvoices],
    ['billbycontact', contact.billByContact],
    ['effectivedate', contact.effectiveDate],
  ]);
}

/** Checks a whole contact as PUT sends it, or as a patch leaves it. */
export function readWhole(tenant: Tenant, sent: SentObject): Partial<BmsContactRecord> {
  const place = readPlace(tenant, sentInteger(tenant, sent, 'AccountId'), sentInteger(tenant, sent, 'LocationId'));
  const firstName = sentString(tenant, sent, 'FirstName') ?? '';
  if (firstName.trim() === '') {
    throw failure(tenant, 400, 'FirstName is required');
  }
  return {
    ...place,
    firstName,
    middleName: sentString(tenant, sent, 'MiddleName'),
    lastName: sentString(tenant, sent, 'LastName'),
    jobTitle: sentString(tenant, sent, 'JobTitle'),
    poc: sentBoolean(tenant, sent, 'Poc'),
    active: sentBoolean(tenant, sent, 'IsActive'),
    receiveInvoices: sentBoolean(tenant, sent, 'ReceiveInvoices'),
    billByContact: sentBoolean(tenant, sent, 'BillByContact'),
    effectiveDate: sentString(tenant, sent, 'EffectiveDate'),
  };
}

export function deleteContact(tenant: Tenant, _handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  if (tenant.switches.delete === 'refused') {
    throw failure(tenant, 400, 'The contact is in use');
  }
  return {
    commit() {
      tenant.data.deleteContact(contact.id);
      return { status: 200 };
    },
  };
}

export function findContact(tenant: Tenant, { id = '' }: Parameters): BmsContactRecord {
  const contact = tenant.data.contacts.get(Number(id));
  if (contact === undefined) {
    throw failure(tenant, 404, 'Contact not found');
  }
  return contact;
}

/** The contact as an update answers it. Odd spellings are the vendor's. */
export function output(tenant: Tenant, contact: BmsContactRecord): Record<string, unknown> {
  return {
    ...audit(tenant, contact),
    accountId: contact.accountId,
    accountName: accountName(tenant, contact),
    locationId: contact.locationId,
    locationName: locationName(tenant, contact),
    firstName: contact.firstName,
    middleName: contact.middleName,
    lastName: contact.lastName,
    jobTitle: contact.jobTitle,
    poc: contact.poc,
    isActive: contact.active,
    billByContact: contact.billByContact,
    effectiveDate: contact.effectiveDate,
    phones: phonesOutput(tenant, contact),
    emails: emailsOutput(tenant, contact),
    recieveInvoices: contact.receiveInvoices,
  };
}

export function emailsOutput(tenant: Tenant, contact: BmsContactRecord): readonly Record<string, unknown>[] {
  return contact.emails.map((email) => ({ ...email, emailType: tenant.data.emailTypes.get(email.emailTypeId) ?? null }));
}

export function phonesOutput(tenant: Tenant, contact: BmsContactRecord): readonly Record<string, unknown>[] {
  return contact.phones.map((phone) => ({ ...phone, phoneType: tenant.data.phoneTypes.get(phone.phoneTypeId) ?? null }));
}

/** With the switch, an e-mail address belongs to one contact of the tenant. */
export function refuseDuplicate(tenant: Tenant, emailAddress: string, owner: number | null): void {
  const taken = [...tenant.data.contacts.values()].some(
    (contact) => contact.id !== owner && contact.emails.some((email) => email.emailAddress.toLowerCase() === emailAddress.toLowerCase()),
  );
  if (taken && tenant.switches.duplicateEmail === 'refused') {
    throw failure(tenant, 400, 'A contact with this e-mail address already exists');
  }
}

function listable(tenant: Tenant, handling: Handling): readonly BmsContactRecord[] {
  const hidden = hidesInactive(tenant, handling);
  return [...tenant.data.contacts.values()].filter((contact) => contact.active || !hidden);
}

function emailMatches(tenant: Tenant, contact: BmsContactRecord, value: string): boolean {
  return contact.emails.some(
    (email) => (email.isDefault || tenant.switches.searchEmails === 'all') && textMatches(tenant, email.emailAddress, value),
  );
}

function readPlace(tenant: Tenant, accountId: number, locationId: number): { readonly accountId: number; readonly locationId: number } {
  if (tenant.data.accounts.get(accountId)?.active !== true) {
    throw failure(tenant, 400, 'AccountId is not valid');
  }
  const location = tenant.data.locations.get(locationId);
  if (location === undefined || location.accountId !== accountId || !location.active) {
    throw failure(tenant, 400, 'LocationId is not valid');
  }
  return { accountId, locationId };
}

function readCustomField(tenant: Tenant, handling: Handling, item: unknown) {
  const sent = sentObject(tenant, handling, item, ['Id', 'CustomFieldId', 'Data', 'SettingsId']);
  const customFieldId = sentInteger(tenant, sent, 'CustomFieldId');
  if (!tenant.data.customFields.has(customFieldId)) {
    throw failure(tenant, 400, 'CustomFieldId is not valid');
  }
  return { customFieldId, data: sentString(tenant, sent, 'Data') };
}

function summary(tenant: Tenant, contact: BmsContactRecord): Record<string, unknown> {
  return {
    ...audit(tenant, contact),
    accountId: contact.accountId,
    accountName: accountName(tenant, contact),
    locationId: contact.locationId,
    locationName: locationName(tenant, contact),
    firstName: contact.firstName,
    lastName: contact.lastName,
    jobTitle: contact.jobTitle,
    isPoc: contact.poc,
    isActive: contact.active,
    effectiveDate: contact.effectiveDate,
    isBillable: contact.billByContact,
    emails: emailsOutput(tenant, contact),
    phones: phonesOutput(tenant, contact),
    canRecieveInvoices: contact.receiveInvoices,
  };
}

function isFrom(tenant: Tenant, at: number | null, value: string): boolean {
  const { momentFilters } = tenant.switches;
  if (momentFilters === 'ignored') return true;
  if (at === null) return false;
  const from = Date.parse(value);
  if (momentFilters === 'date-only') return Math.floor(at / dayMs) >= Math.floor(from / dayMs);
  return at >= from - (momentFilters === 'honoured' ? 0 : momentFilters * 60_000);
}

function modifiedOn({ switches }: Tenant, { createdOn, modifiedOn: at }: BmsContactRecord): number | null {
  return switches.neverModified === 'null' && at === createdOn ? null : at;
}

function audit(tenant: Tenant, contact: BmsContactRecord): Record<string, unknown> {
  const modified = modifiedOn(tenant, contact);
  return {
    id: contact.id,
    createdBy: 1,
    createdOn: moment(contact.createdOn),
    modifiedBy: 1,
    modifiedOn: modified === null ? null : moment(modified),
  };
}

function accountName(tenant: Tenant, contact: BmsContactRecord): string | null {
  return tenant.data.accounts.get(contact.accountId)?.name ?? null;
}

function locationName(tenant: Tenant, contact: BmsContactRecord): string | null {
  return tenant.data.locations.get(contact.locationId)?.name ?? null;
}
