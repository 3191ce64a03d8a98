import type { Handling } from '../exchange.ts';
import { idText, isRecord } from '../json.ts';
import type { Account } from './account.ts';
import { sentFlag, sentOnly, sentReference, sentText, writableOrganization } from './account.ts';
import type { SentAttributes } from './document.ts';
import { dropUnknown, kebab } from './document.ts';
import type { ContactRecord, EmailRecord, PhoneRecord } from './records.ts';
import { invalidAttribute } from './refusals.ts';

/** What a write changes on a contact. */
export type ContactChange = Partial<
  Pick<
    ContactRecord,
    | 'organizationId'
    | 'firstName'
    | 'lastName'
    | 'title'
    | 'contactTypeId'
    | 'locationId'
    | 'important'
    | 'notes'
    | 'restricted'
    | 'emails'
    | 'phones'
  >
>;

const contactAttributes = [
  'id',
  'organization-id',
  'first-name',
  'last-name',
  'title',
  'contact-type-id',
  'location-id',
  'important',
  'notes',
  'restricted',
  'contact-emails',
  'contact-phones',
] as const;

/** Bulk updates know neither e-mails nor phones. */
export const bulkContactAttributes: readonly string[] = contactAttributes.filter((name) => !/^contact-(emails|phones)$/.test(name));

/** Attributes that are not mapped to any PSA: a synced contact takes these. */
const unmappedAttributes = ['id', 'notes', 'restricted'];

export function touchesMappedAttribute(sent: SentAttributes): boolean {
  return contactAttributes.some((name) => !unmappedAttributes.includes(name) && sent.values.has(name));
}

/** Checks the attributes of a create (`existing` null) or an update. Throws a refusal. */
export function readContactChange(
  account: Account,
  handling: Handling,
  sent: SentAttributes,
  { existing, organizationId }: { readonly existing: ContactRecord | null; readonly organizationId: string },
): ContactChange {
  dropUnknown(handling, sent, contactAttributes);
  const organization = existing === null ? organizationId : movedTo(account, sent, organizationId);
  const firstName = sentText(sent, 'first-name');
  const blank = firstName === undefined ? existing === null : (firstName ?? '').trim() === '';
  if (blank && account.switches.firstName === 'required') {
    throw invalidAttribute('first-name', "can't be blank");
  }
  const locationId = sentReference(sent, 'location', account.data.locations);
  if (typeof locationId === 'string' && account.data.locations.get(locationId)?.organizationId !== organization) {
    throw invalidAttribute('location', 'must exist');
  }
  const emails = sentArray(sent, 'contact-emails')?.map((item) => readEmail(handling, item));
  const phones = sentArray(sent, 'contact-phones')?.map((item) => readPhone(account, handling, item));
  checkLabels(account, 'contact-emails', emails, account.data.emailLabels);
  checkLabels(account, 'contact-phones', phones, account.data.phoneLabels);
  const appending = account.switches.arraysOnPatch === 'appended' && existing !== null;
  return sentOnly({
    organizationId: existing !== null && organization !== existing.organizationId ? organization : undefined,
    firstName,
    lastName: sentText(sent, 'last-name'),
    title: sentText(sent, 'title'),
    contactTypeId: sentReference(sent, 'contact-type', account.data.contactTypes),
    locationId,
    important: sentFlag(sent, 'important'),
    notes: sentText(sent, 'notes'),
    restricted: sentFlag(sent, 'restricted') ?? undefined,
    emails:
      emails === undefined ? undefined : settlePrimaries(account, 'contact-emails', [...(appending ? existing.emails : []), ...emails]),
    phones:
      phones === undefined ? undefined : settlePrimaries(account, 'contact-phones', [...(appending ? existing.phones : []), ...phones]),
  });
}

/** A new label becomes one of the account's when the write is carried out. */
export function learnLabels(account: Account, change: ContactChange): void {
  for (const { labelName } of change.emails ?? []) {
    account.data.emailLabels.add(labelName);
  }
  for (const { labelName } of change.phones ?? []) {
    account.data.phoneLabels.add(labelName);
  }
}

function movedTo(account: Account, sent: SentAttributes, current: string): string {
  const id = sent.values.get('organization-id');
  if (id === undefined || id === null) {
    return current;
  }
  return writableOrganization(account, idText(id) ?? '').id;
}

function sentArray(sent: SentAttributes, name: string): readonly Map<string, unknown>[] | undefined {
  const value = sent.values.get(name);
  if (value === undefined) {
    return undefined;
  }
  if (value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw invalidAttribute(name, 'is invalid');
  }
  return value.map((item: unknown) => {
    if (!isRecord(item)) {
      throw invalidAttribute(name, 'is invalid');
    }
    return new Map(Object.entries(item).map(([key, member]) => [kebab(key), member]));
  });
}

function readEmail(handling: Handling, item: ReadonlyMap<string, unknown>): EmailRecord {
  const value = memberText(item, 'contact-emails', 'value');
  if (!/^[^\s@]+@[^\s@]+$/.test(value)) {
    throw invalidAttribute('contact-emails', 'value must be a valid email address format');
  }
  dropMembers(handling, item, ['value', 'primary', 'label-name']);
  return { value, primary: memberFlag(item, 'contact-emails'), labelName: memberText(item, 'contact-emails', 'label-name') };
}

function readPhone(account: Account, handling: Handling, item: ReadonlyMap<string, unknown>): PhoneRecord {
  const value = strip(memberText(item, 'contact-phones', 'value'), account.switches.phonePlus);
  const extension = item.get('extension') ?? null;
  const labelType = item.get('label-type') ?? 'phone';
  if (value === '' || (extension !== null && typeof extension !== 'string' && typeof extension !== 'number')) {
    throw invalidAttribute('contact-phones', 'is invalid');
  }
  if (labelType !== 'phone' && labelType !== 'fax') {
    throw invalidAttribute('contact-phones', 'label_type is not included in the list');
  }
  dropMembers(handling, item, ['value', 'extension', 'primary', 'label-name', 'label-type', 'formatted-value']);
  return {
    value,
    extension: extension === null || extension === '' ? null : strip(String(extension), 'stripped'),
    primary: memberFlag(item, 'contact-phones'),
    labelName: memberText(item, 'contact-phones', 'label-name'),
    labelType,
  };
}

function strip(text: string, plus: 'stripped' | 'kept'): string {
  return text.trim().replaceAll(plus === 'kept' ? /[^\p{L}\p{N}+*#]/gu : /[^\p{L}\p{N}*#]/gu, '');
}

function memberText(item: ReadonlyMap<string, unknown>, attribute: string, name: string): string {
  const value = item.get(name);
  if (typeof value !== 'string' || value.trim() === '' || value.length > 255) {
    throw invalidAttribute(attribute, `${name.replaceAll('-', '_')} can't be blank`);
  }
  return value.trim();
}

function memberFlag(item: ReadonlyMap<string, unknown>, attribute: string): boolean {
  const value = item.get('primary') ?? false;
  if (typeof value !== 'boolean' && value !== 0 && value !== 1) {
    throw invalidAttribute(attribute, 'primary is invalid');
  }
  return value === true || value === 1;
}

function dropMembers(handling: Handling, item: ReadonlyMap<string, unknown>, known: readonly string[]): void {
  for (const name of item.keys()) {
    if (!known.includes(name)) {
      handling.dropped.push(`member ${name} of an e-mail or phone`);
    }
  }
}

function checkLabels(
  account: Account,
  attribute: string,
  items: readonly { readonly labelName: string }[] | undefined,
  known: ReadonlySet<string>,
): void {
  if (account.switches.unknownLabel === 'refused' && items?.some((item) => !known.has(item.labelName)) === true) {
    throw invalidAttribute(attribute, 'label must exist');
  }
}

function settlePrimaries<Item extends { primary: boolean }>(account: Account, attribute: string, items: Item[]): Item[] {
  const primaries = items.filter((item) => item.primary);
  if (items.length === 0 || primaries.length === 1 || account.switches.primaries === 'accepted') {
    return items;
  }
  if (account.switches.primaries === 'refused') {
    throw invalidAttribute(attribute, 'must have exactly one primary');
  }
  const [chosen = items[0]] = primaries;
  return items.map((item) => ({ ...item, primary: item === chosen }));
}
