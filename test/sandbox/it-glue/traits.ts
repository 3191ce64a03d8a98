import { idNumber, idText, isRecord } from '../json.ts';
import type { Account } from './account.ts';
import { contactTag } from './contacts.ts';
import { kebab } from './document.ts';
import type { AssetRecord, FieldKind, FieldRecord, TraitValue } from './records.ts';
import { invalidAttribute, unprocessableDetail } from './refusals.ts';

/** Checks the traits of a write. What is not sent is not kept: traits are replaced as a whole. */
export function readTraits(account: Account, value: unknown, typeId: string, organizationId: string): Map<string, TraitValue> {
  const fields = account.data.fieldsOf(typeId);
  const sent = isRecord(value) ? Object.entries(value) : [];
  const traits = new Map<string, TraitValue>();
  for (const [name, trait] of sent) {
    const field = fields.find((candidate) => candidate.nameKey === kebab(name) && candidate.kind !== 'Header');
    if (field === undefined) {
      throw unprocessableDetail('Request contains invalid trait keys', 'data/attributes/traits');
    }
    const checked = readTrait(account, field, trait, organizationId);
    if (checked !== null) {
      traits.set(field.nameKey, checked);
    }
  }
  for (const field of fields) {
    if (field.required && !traits.has(field.nameKey)) {
      throw invalidAttribute(field.nameKey, "can't be blank");
    }
  }
  return traits;
}

/** Traits as they are read: a tag is an object with its records, in the order of the fields. */
export function renderTraits(account: Account, asset: AssetRecord): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const field of account.data.fieldsOf(asset.typeId)) {
    const value = asset.traits.get(field.nameKey);
    if (Array.isArray(value)) {
      rendered[field.nameKey] = {
        type: field.tagType,
        values: value.flatMap((id: string) => tagged(account, field, id)),
      };
    } else if (value !== undefined) {
      rendered[field.nameKey] = value;
    }
  }
  return rendered;
}

/** The asset's name: the fields that make the title. */
export function assetName(account: Account, asset: AssetRecord): string {
  return account.data
    .fieldsOf(asset.typeId)
    .filter((field) => field.useForTitle)
    .map((field) => asset.traits.get(field.nameKey))
    .filter((value) => value !== undefined && !Array.isArray(value))
    .join(' ');
}

function readTrait(account: Account, field: FieldRecord, value: unknown, organizationId: string): TraitValue | null {
  if (value === null || value === '') {
    return null;
  }
  if (field.kind === 'Tag') {
    return readTag(account, field, value, organizationId);
  }
  if (!fits[field.kind](value, field)) {
    throw invalidAttribute(field.nameKey, 'is invalid');
  }
  return value as TraitValue;
}

const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
const isNumber = (value: unknown): boolean => typeof value === 'number';

/** What each kind of field takes; headings have no value, and the sandbox keeps no files. */
const fits: Readonly<Record<Exclude<FieldKind, 'Tag'>, (value: unknown, field: FieldRecord) => boolean>> = {
  Checkbox: (value) => typeof value === 'boolean',
  Date: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value),
  Header: () => false,
  Number: isNumber,
  Password: isText,
  Percent: isNumber,
  Select: (value, field) => (field.defaultValue ?? '').split('\n').some((option) => option === value),
  Text: isText,
  Textbox: isText,
  Upload: () => false,
};

/** A tag is written as an id or a list of ids; the object that is read back is refused. */
function readTag(account: Account, field: FieldRecord, value: unknown, organizationId: string): TraitValue | null {
  const ids = (Array.isArray(value) ? value : [value]).map(idText);
  const known = ids.filter((id) => id !== null && isTaggable(account, field, id, organizationId));
  if (known.length < ids.length) {
    throw invalidAttribute(field.nameKey, 'is invalid');
  }
  return ids.length === 0 ? null : (known as string[]);
}

function isTaggable(account: Account, field: FieldRecord, id: string, organizationId: string): boolean {
  switch (field.tagType ?? '') {
    case 'Contacts':
      return account.data.contacts.get(id)?.organizationId === organizationId;
    case 'Locations':
      return account.data.locations.get(id)?.organizationId === organizationId;
    case 'Organizations':
      return account.data.organizations.get(id)?.foreign === false;
    default:
      return true;
  }
}

function tagged(account: Account, field: FieldRecord, id: string): readonly Record<string, unknown>[] {
  const contact = field.tagType === 'Contacts' ? account.data.contacts.get(id) : undefined;
  if (contact !== undefined) {
    return [contactTag(account, contact)];
  }
  // A deleted record falls out of its tags.
  return field.tagType === 'Contacts' ? [] : [{ id: idNumber(id), name: `${field.tagType} ${id}` }];
}
