import { RollcallError } from '../../core/errors.ts';
import type { AdapterLink, Contact, ContactEmail, ContactPhone } from '../../core/model/contact.ts';
import { contactId, type OrganizationId, organizationId } from '../../core/model/ids.ts';
import type { Phone } from '../../core/model/phone.ts';
import type { ContactPatch } from '../../core/ports/documentation.ts';
import { idToJson } from './json.ts';
import { numberWithoutExtension, withExtension } from './phone-text.ts';
import { type AdapterResource, adapterResource, type ContactResource, contactResource } from './schema.ts';

export type ParsePhone = (raw: string) => Phone;

/** Parses one contact as IT Glue sends it. Throws `ITGLUE_ANSWER_INVALID`. */
export function parseContact(row: unknown, included: readonly unknown[], parsePhone: ParsePhone): Contact {
  const parsed = contactResource.safeParse(row);
  if (!parsed.success || parsed.data.attributes['organization-id'] === null) {
    throw new RollcallError(
      'ITGLUE_ANSWER_INVALID',
      'IT Glue: a record in the place of a contact has no id, no organization or no attributes.',
    );
  }
  return toContact(parsed.data, adaptersOf(parsed.data, indexAdapters(included)), parsePhone);
}

function toContact(resource: ContactResource, adapters: readonly AdapterLink[], parsePhone: ParsePhone): Contact {
  const attributes = resource.attributes;
  const first = attributes['first-name'];
  const last = attributes['last-name'];
  return {
    id: contactId(resource.id),
    organizationId: organizationId(attributes['organization-id'] ?? ''),
    name: attributes.name ?? [first, last].filter((part) => part !== null).join(' '),
    firstName: first,
    lastName: last,
    title: attributes.title,
    contactTypeId: attributes['contact-type-id'],
    contactTypeName: attributes['contact-type-name'],
    locationId: attributes['location-id'],
    locationName: attributes['location-name'],
    important: attributes.important,
    notes: attributes.notes,
    emails: attributes['contact-emails'].map((entry) => ({
      value: entry.value,
      label: entry['label-name'] ?? '',
      primary: entry.primary,
    })),
    phones: attributes['contact-phones'].map((entry) => ({
      phone: toPhone(entry.value, entry.extension, parsePhone),
      label: entry['label-name'] ?? '',
      kind: entry['label-type']?.toLowerCase() === 'fax' ? 'fax' : 'phone',
      primary: entry.primary,
    })),
    psaIntegration: attributes['psa-integration'],
    adapters,
    createdAt: attributes['created-at'],
    updatedAt: attributes['updated-at'],
  };
}

function toPhone(value: string, extension: string | null, parsePhone: ParsePhone): Phone {
  const raw = withExtension(value, extension);
  const parsed = parsePhone(raw);
  return { raw, e164: parsed.e164, extension: extension ?? parsed.extension };
}

/** The adapters that came with a page, by type and id. Parsed once a page: `included` may hold thousands. */
export type AdapterIndex = ReadonlyMap<string, AdapterLink>;

const indexes = new WeakMap<readonly unknown[], AdapterIndex>();

/** Finds the adapters among the records that were included with a page. */
export function indexAdapters(included: readonly unknown[]): AdapterIndex {
  const known = indexes.get(included);
  if (known !== undefined) {
    return known;
  }
  const index = new Map<string, AdapterLink>();
  for (const item of included) {
    const parsed = adapterResource.safeParse(item);
    if (parsed.success) {
      index.set(parsed.data.id, toAdapter(parsed.data));
    }
  }
  indexes.set(included, index);
  return index;
}

function toAdapter(resource: AdapterResource): AdapterLink {
  const attributes = resource.attributes;
  return {
    adapter: attributes['adapter-type-name'],
    remoteId: attributes['remote-id'],
    sync: attributes.sync,
    orphaned: attributes.orphaned,
  };
}

/** The adapter links of one record. */
export function adaptersOf(
  resource: { readonly relationships?: ContactResource['relationships'] },
  index: AdapterIndex,
): readonly AdapterLink[] {
  const references = resource.relationships?.['adapters-resources']?.data ?? [];
  return references.flatMap(({ id }) => index.get(id) ?? []);
}

/** The attributes of a create or an update: only the members of the patch, arrays whole, keys as IT Glue writes them. */
export function toAttributes(patch: ContactPatch, organization: OrganizationId | null): Record<string, unknown> {
  const attributes: Record<string, unknown> = organization === null ? {} : { 'organization-id': idToJson(organization) };
  for (const [member, key] of scalarKeys) {
    if (patch[member] !== undefined) {
      attributes[key] = patch[member];
    }
  }
  for (const [member, key] of idKeys) {
    const id = patch[member];
    if (id !== undefined) {
      attributes[key] = id === null ? null : idToJson(id);
    }
  }
  if (patch.emails !== undefined) {
    attributes['contact-emails'] = patch.emails.map(emailEntry);
  }
  if (patch.phones !== undefined) {
    attributes['contact-phones'] = patch.phones.map(phoneEntry);
  }
  return attributes;
}

const scalarKeys = [
  ['firstName', 'first-name'],
  ['lastName', 'last-name'],
  ['title', 'title'],
  ['important', 'important'],
  ['notes', 'notes'],
] as const;

const idKeys = [
  ['contactTypeId', 'contact-type-id'],
  ['locationId', 'location-id'],
] as const;

function emailEntry(email: ContactEmail): Record<string, unknown> {
  return { value: email.value, primary: email.primary, 'label-name': email.label };
}

function phoneEntry(phone: ContactPhone): Record<string, unknown> {
  return {
    value: numberWithoutExtension(phone.phone),
    extension: phone.phone.extension,
    primary: phone.primary,
    'label-name': phone.label,
    'label-type': phone.kind,
  };
}

/** Every text of a patch that may stand for a person, so that it can be kept out of messages. */
export function valuesOf(patch: ContactPatch): readonly string[] {
  const texts = [patch.firstName, patch.lastName, patch.title, patch.notes];
  const emails = (patch.emails ?? []).map(({ value }) => value);
  const phones = (patch.phones ?? []).flatMap(({ phone }) => [phone.raw, numberWithoutExtension(phone), phone.e164, phone.extension]);
  return [...texts, ...emails, ...phones].filter((text): text is string => typeof text === 'string' && text !== '');
}
