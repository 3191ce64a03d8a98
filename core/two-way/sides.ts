import type { Contact } from '../model/contact.ts';
import type { Phone } from '../model/phone.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { SyncedItem, SyncedSide, SyncedValues } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';
import { textKey } from '../normalize/text.ts';
import type { PsaContactPatch } from '../ports/psa.ts';

/** The mapped fields of P9, as two-way sync names them. */
export const syncedFields = ['firstName', 'lastName', 'title', 'location', 'emails', 'phones'] as const;
export type SyncedField = (typeof syncedFields)[number];

/** The mapped fields of an IT Glue contact in canonical form (P9). Fax numbers are not mapped; a placeholder phone is none (P2). */
export function contactSide(contact: Pick<Contact, 'firstName' | 'lastName' | 'title' | 'locationId' | 'emails' | 'phones'>): SyncedSide {
  return {
    firstName: textKey(contact.firstName),
    lastName: textKey(contact.lastName),
    title: textKey(contact.title),
    location: contact.locationId,
    emails: distinct(contact.emails.map(({ value, label, primary }) => ({ key: emailItemKey(value), type: textKey(label), primary }))),
    phones: phoneItems(
      contact.phones.filter(({ kind }) => kind !== 'fax'),
      ({ label }) => textKey(label),
    ),
  };
}

/** The same of a PSA contact. */
export function psaSide(contact: Pick<PsaContact, 'firstName' | 'lastName' | 'title' | 'locationId' | 'emails' | 'phones'>): SyncedSide {
  return {
    firstName: textKey(contact.firstName),
    lastName: textKey(contact.lastName),
    title: textKey(contact.title),
    location: contact.locationId,
    emails: distinct(contact.emails.map(({ value, typeId, primary }) => ({ key: emailItemKey(value), type: typeId, primary }))),
    phones: phoneItems(contact.phones, ({ typeId }) => typeId),
  };
}

/** A PSA contact with a patch carried out. */
export function withPatch(contact: PsaContact, patch: PsaContactPatch): PsaContact {
  const { addEmails = [], addPhones = [], emails, phones, externalKey, ...scalars } = patch;
  return {
    ...contact,
    ...scalars,
    externalKey: contact.externalKey ?? externalKey ?? null,
    emails: emails ?? [...contact.emails, ...addEmails],
    phones: phones ?? [...contact.phones, ...addPhones],
  };
}

/** The identity of an e-mail within its contact; what is no address is its own text. */
export function emailItemKey(value: string): string {
  return emailKey(value) ?? value.trim().toLowerCase();
}

/** The identity of a phone within its contact, without its extension; `null`: it is no phone, or the placeholder for none (P2). */
function phoneItemKey(phone: Phone): string | null {
  // The plus is formatting: IT Glue keeps none, and a number without its country is not always known to be the same.
  const key = phoneKey(phone)?.replace('+', '') ?? null;
  return key === null || /^0+$/u.test(key) ? null : key;
}

/**
 * The identities of a contact's phones within it, in the order of the list. A number that is there with several extensions is told apart
 * by them: the lowest one has the number's own key, so that a lone number is the same with whatever extension.
 */
export function phoneItemKeys(phones: readonly Phone[]): readonly (string | null)[] {
  const keys = phones.map(phoneItemKey);
  const extensions = phones.map(extensionOf);
  const lowest = new Map<string, string>();
  for (const [index, key] of keys.entries()) {
    const extension = extensions[index] ?? '';
    const known = key === null ? undefined : lowest.get(key);
    if (key !== null && (known === undefined || extension < known)) lowest.set(key, extension);
  }
  return keys.map((key, index) => {
    const extension = extensions[index] ?? '';
    return key === null || lowest.get(key) === extension ? key : `${key}x${extension}`;
  });
}

function phoneItems<Item extends { readonly phone: Phone; readonly primary: boolean }>(
  items: readonly Item[],
  typeOf: (item: Item) => string | null,
): readonly SyncedItem[] {
  const keys = phoneItemKeys(items.map(({ phone }) => phone));
  const known = items.flatMap((item, index): readonly SyncedItem[] => {
    const key = keys[index] ?? null;
    const extension = extensionOf(item.phone);
    return key === null ? [] : [{ key, type: typeOf(item), primary: item.primary, ...(extension === '' ? {} : { extension }) }];
  });
  return distinct(known);
}

function extensionOf({ extension }: Phone): string {
  return extension?.replace(/\P{Nd}/gu, '') ?? '';
}

/** By key, the first of equal ones: the order of a list is no value. */
function distinct(items: readonly SyncedItem[]): readonly SyncedItem[] {
  const byKey = new Map<string, SyncedItem>();
  for (const item of items) if (!byKey.has(item.key)) byKey.set(item.key, item);
  return [...byKey.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

/**
 * The base with the place that the PSA itself gave a contact that rollcall created without one, a main site for example: that is nobody's
 * change. What else came into blanks since, somebody typed there.
 */
export function withDefaults(base: SyncedValues, psa: SyncedSide): SyncedValues {
  if (base.unseen !== true) return base;
  const { unseen: _unseen, ...known } = base;
  const isGiven = base.psa.location === null && base.itGlue.location === null;
  return isGiven ? withFields(known, { itGlue: base.itGlue, psa }, ['location']) : known;
}

/** The values with some fields of others. */
export function withFields(base: SyncedValues, other: Pick<SyncedValues, 'itGlue' | 'psa'>, fields: readonly SyncedField[]): SyncedValues {
  const pick = (side: SyncedSide): Partial<SyncedSide> => Object.fromEntries(fields.map((field) => [field, side[field]]));
  return { ...base, itGlue: { ...base.itGlue, ...pick(other.itGlue) }, psa: { ...base.psa, ...pick(other.psa) } };
}

/** Whether one field is the same on two views of one side. */
export function sameField(one: SyncedSide, other: SyncedSide, field: SyncedField): boolean {
  if (field !== 'emails' && field !== 'phones') return one[field] === other[field];
  return JSON.stringify(one[field].map(itemText)) === JSON.stringify(other[field].map(itemText));
}

function itemText({ key, type, extension, primary }: SyncedItem): readonly unknown[] {
  return [key, type, extension ?? null, primary];
}
