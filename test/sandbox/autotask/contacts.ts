import type { Handling, Prepared } from '../exchange.ts';
import { isRecord } from '../json.ts';
import { emptyContact } from './data.ts';
import type { Tenant } from './envelope.ts';
import { failure, readObject, success } from './envelope.ts';
import { contactFields } from './fields.ts';
import type { AutotaskContactRecord } from './records.ts';
import type { SentValues } from './sent-values.ts';
import { readValues } from './sent-values.ts';

type Parameters = Readonly<Record<string, string>>;
type Change = Partial<Omit<AutotaskContactRecord, 'id'>>;

const noPermission = 'The logged in Resource does not have the adequate permissions to create, update or delete this entity type.';

/** `POST Companies/ID/Contacts`. */
export function createContact(tenant: Tenant, handling: Handling, { parent = '' }: Parameters): Prepared {
  const companyID = parentCompany(tenant, parent);
  const sent = readValues(tenant, handling, readObject(tenant, handling));
  if (![undefined, null, 0].includes(sent.get('id') as number | null | undefined)) {
    throw failure(tenant, 'The id must be 0 when a Contact is created.');
  }
  if (tenant.switches.companyIdInBody === 'required' && !sent.has('companyID')) {
    throw failure(tenant, missing('companyID'));
  }
  checkRequired(tenant, sent, 'all');
  const change = checkChange(tenant, sent, companyID, null);
  return {
    commit() {
      const primary = tenant.data.locationsOf(companyID).find((location) => location.isPrimary);
      const companyLocationID = tenant.switches.defaultLocation === 'primary' ? (primary?.id ?? null) : null;
      const names = { firstName: String(sent.get('firstName')), lastName: String(sent.get('lastName')) };
      const contact = tenant.data.addContact({ companyLocationID, ...change, ...names, companyID });
      return success({ itemId: contact.id });
    },
  };
}

/** `PATCH Companies/ID/Contacts`: changes what is sent. `PUT`: empties what is not sent. The id is in the body. */
export function updateContact(tenant: Tenant, handling: Handling, { parent = '' }: Parameters): Prepared {
  const companyID = parentCompany(tenant, parent);
  const sent = readValues(tenant, handling, readObject(tenant, handling));
  const contact = tenant.data.contacts.get(Number(sent.get('id') ?? Number.NaN));
  if (contact === undefined || contact.companyID !== companyID) {
    throw failure(tenant, sent.has('id') ? 'No matching records found.' : missing('id'));
  }
  const isPut = handling.request.method === 'PUT';
  checkRequired(tenant, sent, isPut ? 'all' : 'sent');
  const change = checkChange(tenant, sent, companyID, contact.id);
  return {
    commit() {
      tenant.data.updateContact(contact.id, isPut ? { ...emptied(), ...change } : withoutIgnored(tenant, change));
      return success({ itemId: contact.id });
    },
  };
}

export function deleteContact(tenant: Tenant, _handling: Handling, { parent = '', id = '' }: Parameters): Prepared {
  checkPermission(tenant);
  const contact = tenant.data.contacts.get(Number(id));
  if (contact === undefined || contact.companyID !== Number(parent)) {
    throw failure(tenant, 'No matching records found.');
  }
  if (tenant.switches.delete === 'refused') {
    throw failure(tenant, 'The Contact cannot be deleted because other records refer to it.');
  }
  return {
    commit() {
      tenant.data.deleteContact(contact.id);
      return success({ itemId: contact.id });
    },
  };
}

function parentCompany(tenant: Tenant, parent: string): number {
  checkPermission(tenant);
  if (!tenant.data.companies.has(Number(parent))) {
    throw failure(tenant, invalidReference('companyID', 'Company'));
  }
  return Number(parent);
}

function checkPermission(tenant: Tenant): void {
  if (tenant.switches.contactWrites === 'no-permission') {
    throw failure(tenant, noPermission);
  }
}

function checkRequired(tenant: Tenant, sent: SentValues, which: 'all' | 'sent'): void {
  const errors = contactFields
    .filter((rule) => rule.required && rule.name !== 'companyID')
    .filter(({ name }) => (which === 'all' || sent.has(name)) && isBlank(sent.get(name)))
    .map((rule) => missing(rule.name));
  if (errors.length > 0) {
    throw failure(tenant, ...errors);
  }
}

/** Checks lengths, values and references; several errors are told at once. */
function checkChange(tenant: Tenant, sent: SentValues, companyID: number, ownId: number | null): Change {
  const errors: string[] = [];
  for (const rule of contactFields) {
    const value = sent.get(rule.name);
    if (typeof value === 'string' && rule.length > 0 && value.length > rule.length) {
      errors.push(`The maximum length of ${rule.name} is ${rule.length} characters.`);
    }
    if (typeof value === 'number' && rule.picklist !== null && !Object.values(rule.picklist).includes(value)) {
      errors.push(`The value ${value} is not valid for the pick list field ${rule.name}.`);
    }
  }
  const active = sent.get('isActive');
  if (active !== undefined && active !== 0 && active !== 1) {
    errors.push('The value of isActive must be 0 or 1.');
  }
  // A contact stays with its company: another one is another contact.
  if (sent.has('companyID') && sent.get('companyID') !== companyID) {
    errors.push(invalidReference('companyID', 'Company'));
  }
  const location = sent.get('companyLocationID') ?? null;
  if (location !== null && tenant.data.locations.get(Number(location))?.companyID !== companyID) {
    errors.push(invalidReference('companyLocationID', 'CompanyLocation'));
  }
  errors.push(...emailErrors(tenant, sent, ownId));
  if (errors.length > 0) {
    throw failure(tenant, ...errors);
  }
  return changeOf(tenant, sent);
}

function emailErrors(tenant: Tenant, sent: SentValues, ownId: number | null): readonly string[] {
  const errors: string[] = [];
  for (const name of ['emailAddress', 'emailAddress2', 'emailAddress3'] as const) {
    const value = sent.get(name);
    if (typeof value !== 'string' || value === '') {
      continue;
    }
    if (tenant.switches.emailFormat === 'checked' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
      errors.push(`The value of ${name} is not a valid email address.`);
    }
    if (tenant.switches.duplicateEmail === 'refused' && isTaken(tenant, value, ownId)) {
      errors.push('A Contact already exists with this email address.');
    }
  }
  return errors;
}

function isTaken(tenant: Tenant, email: string, ownId: number | null): boolean {
  return [...tenant.data.contacts.values()].some(
    (contact) => contact.id !== ownId && contact.emailAddress?.toLowerCase() === email.toLowerCase(),
  );
}

function changeOf(tenant: Tenant, sent: SentValues): Change {
  const change: Record<string, unknown> = {};
  for (const rule of contactFields) {
    const value = sent.get(rule.name);
    if (value !== undefined && !rule.readOnly && rule.name !== 'companyID') {
      // Blank text is kept as nothing.
      change[rule.name] = value === '' ? null : value;
    }
  }
  const udfs = sent.get('userDefinedFields');
  if (Array.isArray(udfs)) {
    change['userDefinedFields'] = udfs.map((udf) => readUdf(tenant, udf));
  }
  return change;
}

function readUdf(tenant: Tenant, sent: unknown) {
  const { name, value } = isRecord(sent) ? sent : {};
  if (typeof name !== 'string' || !tenant.data.contactUdfs.has(name) || (typeof value !== 'string' && value !== null)) {
    throw failure(tenant, `Unable to find user-defined field ${String(name)} in the Contact Entity.`);
  }
  return { name, value };
}

/** What a PUT makes of all that a client may write and did not. */
function emptied(): Change {
  const readOnly = new Set(contactFields.filter((rule) => rule.readOnly).map((rule) => rule.name));
  return Object.fromEntries(Object.entries(emptyContact()).filter(([name]) => !readOnly.has(name)));
}

function withoutIgnored(tenant: Tenant, change: Change): Change {
  if (tenant.switches.nullInPatch === 'empties') return change;
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null));
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function missing(name: string): string {
  return `Missing Required Field: ${name}`;
}

function invalidReference(name: string, type: string): string {
  return `Reference value on field: ${name} of type: ${type} does not exist or is invalid.`;
}
