import { isRecord } from '../json.ts';
import type { FieldError, Tenant } from './answers.ts';
import { invalidObject } from './answers.ts';
import type { CwContactRecord, CwItemRecord, CwKind } from './records.ts';
import { scalarText } from './scalar.ts';
import { keptMembers } from './shapes.ts';

/** What create, patch and PUT set of a contact, checked. */
export type ContactChange = Pick<CwContactRecord, 'companyId' | 'siteId' | 'firstName' | 'lastName' | 'title' | 'inactive' | 'more'>;

const longest: Readonly<Record<string, number>> = { firstName: 30, lastName: 30, title: 100, securityIdentifier: 184 };

/**
 * Checks the members of a whole contact together; every fault is told at once. `body` was read by the description.
 * A place that the contact has already may have been closed since.
 */
export function checkContact(
  tenant: Tenant,
  body: Readonly<Record<string, unknown>>,
  before: Pick<CwContactRecord, 'companyId' | 'siteId'> | null = null,
): ContactChange {
  const errors: FieldError[] = [];
  const sent = withNamesCut(tenant, body);
  if (scalarText(sent['firstName']).trim() === '') {
    errors.push({ code: 'MissingRequiredField', message: 'The firstName field is required.', field: 'firstName' });
  }
  for (const [field, value] of Object.entries(sent)) {
    const limit = longest[field] ?? (field.startsWith('userDefinedField') ? 50 : Number.POSITIVE_INFINITY);
    if (typeof value === 'string' && value.length > limit) {
      errors.push(invalid(field, `The field ${field} must be a string with a maximum length of ${limit}.`));
    }
  }
  const companyId = referenceId(sent['company'], 'company', errors);
  const company = companyId === null ? null : tenant.data.companies.get(companyId);
  if (company === undefined || (company?.deleted === true && companyId !== before?.companyId)) {
    errors.push(invalid('company', `The company with id ${companyId} does not exist.`));
  }
  const siteId = referenceId(sent['site'], 'site', errors);
  const site = siteId === null ? null : tenant.data.sites.get(siteId);
  if (site === undefined || (site !== null && (site.companyId !== companyId || (site.inactive && siteId !== before?.siteId)))) {
    errors.push(invalid('site', `The site with id ${siteId} does not exist for this company.`));
  }
  if (errors.length > 0) {
    throw invalidObject('contact', errors);
  }
  const kept = Object.keys(keptMembers).filter((name) => (sent[name] ?? null) !== null);
  return {
    companyId,
    siteId,
    firstName: scalarText(sent['firstName']),
    lastName: blankToNull(sent['lastName']),
    title: blankToNull(sent['title']),
    inactive: sent['inactiveFlag'] === true,
    more: Object.fromEntries(kept.map((name) => [name, sent[name]])),
  };
}

export interface NewItem {
  readonly typeId: number;
  readonly kind: CwKind;
  readonly value: string;
  readonly extension: string | null;
  readonly isDefault: boolean;
}

/** Checks a communication item that was read by the description. */
export function checkItem(tenant: Tenant, item: unknown, resource = 'contactCommunicationItem'): NewItem {
  const sent = isRecord(item) ? item : {};
  const errors: FieldError[] = [];
  const typeId = referenceId(sent['type'], 'type', errors);
  const type = typeId === null ? null : tenant.data.communicationTypes.get(typeId);
  if (typeId === null && errors.length === 0) {
    errors.push({ code: 'MissingRequiredField', message: 'The type field is required.', field: 'type' });
  } else if (type === undefined) {
    errors.push(invalid('type', `The communication type with id ${typeId} does not exist.`));
  }
  const value = blankToNull(sent['value']);
  const extension = blankToNull(sent['extension']);
  if (value === null) {
    errors.push({ code: 'MissingRequiredField', message: 'The value field is required.', field: 'value' });
  }
  for (const [field, text, limit] of [
    ['value', value, 250],
    ['extension', extension, 15],
  ] as const) {
    if (text !== null && text.length > limit) {
      errors.push(invalid(field, `The field ${field} must be a string with a maximum length of ${limit}.`));
    }
  }
  const kind = type?.kind ?? 'Phone';
  if (type && (sent['communicationType'] ?? kind) !== kind) {
    errors.push(invalid('communicationType', 'The communicationType is not that of the type.'));
  }
  const malformed = kind === 'Email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value ?? '') && tenant.switches.emailShape === 'checked';
  if (value !== null && malformed) {
    errors.push(invalid('value', 'The e-mail address is not valid.'));
  }
  if (errors.length > 0 || typeId === null) {
    throw invalidObject(resource, errors);
  }
  const digitsOnly = kind !== 'Email' && tenant.switches.phones === 'digits';
  const kept = digitsOnly ? (value ?? '').replaceAll(/\D/g, '') : (value ?? '');
  return { typeId, kind, value: kept, extension, isDefault: sent['defaultFlag'] === true };
}

/** Puts an item behind the others; a new default takes the place of the old one of its kind. */
export function appendItem(items: readonly CwItemRecord[], added: NewItem, id: number): CwItemRecord[] {
  return [...items.map((item) => yielding(item, added)), { id, ...added }];
}

/** The item as it is beside one that was just written. */
export function yielding(item: CwItemRecord, written: NewItem): CwItemRecord {
  return written.isDefault && item.kind === written.kind ? { ...item, isDefault: false } : item;
}

/** With the switch, the first of a kind becomes its default when none is. */
export function settleDefaults(tenant: Tenant, items: readonly CwItemRecord[]): CwItemRecord[] {
  if (tenant.switches.withoutDefault === 'left') {
    return [...items];
  }
  return items.map((item, index) => {
    const ofKind = items.filter((other) => other.kind === item.kind);
    const first = items.findIndex((other) => other.kind === item.kind) === index;
    return first && !ofKind.some((other) => other.isDefault) ? { ...item, isDefault: true } : item;
  });
}

/** Values by field id; fields that are not sent keep theirs. */
export function checkCustomFields(tenant: Tenant, value: unknown, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = { ...before };
  for (const field of Array.isArray(value) ? value : []) {
    const id: unknown = isRecord(field) ? field['id'] : null;
    const content: unknown = isRecord(field) ? (field['value'] ?? null) : null;
    if (typeof id !== 'number' || !tenant.data.customFields.has(id)) {
      throw invalidObject('contact', [invalid('customFields', `The custom field with id ${String(id)} does not exist.`)]);
    }
    if (content !== null && typeof content !== 'string') {
      throw invalidObject('contact', [invalid('customFields', 'The value of the custom field must be text.')]);
    }
    values[String(id)] = content;
  }
  return values;
}

export function checkTypeIds(tenant: Tenant, ids: readonly unknown[]): number[] {
  const unknown = ids.filter((id) => typeof id !== 'number' || !tenant.data.contactTypes.has(id));
  if (unknown.length > 0) {
    throw invalidObject('contact', [invalid('typeIds', `The contact type with id ${String(unknown[0])} does not exist.`)]);
  }
  return [...new Set(ids as readonly number[])];
}

export function invalid(field: string, message: string): FieldError {
  return { code: 'InvalidField', message, field };
}

/** The id of a reference; without one it cannot be resolved. */
export function referenceId(value: unknown, field: string, errors: FieldError[]): number | null {
  if ((value ?? null) === null) {
    return null;
  }
  const id = isRecord(value) ? value['id'] : null;
  if (typeof id !== 'number') {
    errors.push(invalid(field, `The ${field} reference needs an id.`));
    return null;
  }
  return id;
}

function withNamesCut(tenant: Tenant, body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (tenant.switches.longNames === 'refused') {
    return body;
  }
  const cut = (value: unknown): unknown => (typeof value === 'string' ? value.slice(0, 30) : value);
  return { ...body, firstName: cut(body['firstName']), lastName: cut(body['lastName']) };
}

function blankToNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
