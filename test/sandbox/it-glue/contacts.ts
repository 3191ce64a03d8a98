import type { Answer, Handling, Prepared } from '../exchange.ts';
import type { Account } from './account.ts';
import {
  adapterMembers,
  isExternallySynced,
  key,
  moment,
  organizationOfCreate,
  psaFilterNeeds,
  psaFilters,
  psaIntegration,
  readableOrganization,
  writableOrganization,
} from './account.ts';
import { keepOnly, prepareBulk } from './bulk.ts';
import type { ContactChange } from './contact-attributes.ts';
import { bulkContactAttributes, learnLabels, readContactChange, touchesMappedAttribute } from './contact-attributes.ts';
import type { SentAttributes } from './document.ts';
import { attributeId, readDocument, readOne } from './document.ts';
import type { ListRules, Rendered } from './listing.ts';
import { answerList, answerOne, readIncludes, sentFilters } from './listing.ts';
import { locationResource } from './locations.ts';
import type { ContactRecord, PhoneRecord } from './records.ts';
import { badRequest, externallySynced, recordNotFound, unprocessable } from './refusals.ts';

type Parameters = Readonly<Record<string, string>>;

const listIncludes = [
  'adapters_resources',
  'location',
  'passwords',
  'attachments',
  'tickets',
  'distinct_remote_contacts',
  'resource_fields',
  'user_resource_accesses',
  'group_resource_accesses',
  'related_items',
];
const showIncludes = [...listIncludes, 'recent_versions', 'authorized_users'];

export function listContacts(account: Account, handling: Handling, { organization }: Parameters): Answer {
  if (organization !== undefined) {
    readableOrganization(account, organization);
  }
  const visible = visibleContacts(account);
  const rows = organization === undefined ? visible : visible.filter((contact) => contact.organizationId === organization);
  return answerList(handling, { switches: account.switches, url: account.url(), nested: organization !== undefined }, rows, {
    rules: contactRules(account),
    everything: visible,
  });
}

export function showContact(account: Account, handling: Handling, parameters: Parameters): Answer {
  const includes = readIncludes(handling, showIncludes);
  return answerOne(render(account, findContact(account, parameters), includes), 200, includes, account.switches);
}

export function createContacts(account: Account, handling: Handling, { organization }: Parameters): Prepared {
  const document = readDocument(handling, 'contacts');
  const check = (sent: SentAttributes) => {
    const { id } = organizationOfCreate(account, sent, organization);
    const change = readContactChange(account, handling, sent, { existing: null, organizationId: id });
    return () => {
      learnLabels(account, change);
      return finish(account, account.data.addContact({ organizationId: id, ...change }));
    };
  };
  if (!document.bulk) {
    const change = check(document.one);
    return { commit: () => single(account, change(), 201) };
  }
  if (organization === undefined) {
    throw badRequest('Several records are created on the nested route of their organization');
  }
  return prepareBulk(account, document.many, check, (rows) => many(account, rows, 201));
}

export function updateContact(account: Account, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(account, parameters);
  const change = checkUpdate(account, handling, contact, readOne(handling, 'contacts'));
  return { commit: () => single(account, change(), 200) };
}

export function updateContacts(account: Account, handling: Handling): Prepared {
  const document = readDocument(handling, 'contacts');
  if (!document.bulk) {
    throw badRequest('A bulk update takes a list of records');
  }
  const check = (sent: SentAttributes) => {
    const contact = findContact(account, { id: attributeId(sent) });
    return checkUpdate(account, handling, contact, keepOnly(handling, sent, bulkContactAttributes));
  };
  return prepareBulk(account, document.many, check, (rows) => many(account, rows, 200));
}

/** Deletes by a list of ids, or by filters, not by both. */
export function deleteContacts(account: Account, handling: Handling, { organization }: Parameters): Prepared {
  const filters = sentFilters(handling);
  const listed = handling.request.body.length > 0;
  if (listed === filters.size > 0) {
    throw listed ? badRequest('Give records or filters, not both') : unprocessable('No records given', 'data');
  }
  const remove = (contact: ContactRecord) => () => {
    account.data.deleteContact(contact.id);
    return contact;
  };
  if (!listed) {
    const rules = contactRules(account);
    const known = [...filters].filter(([name]) => Object.hasOwn(rules.filters, name));
    if (known.length < filters.size) {
      throw badRequest('No such filter');
    }
    const doomed = visibleContacts(account).filter((contact) =>
      known.every(([name, values]) => values.some((value) => rules.filters[name]?.(contact, value, filters))),
    );
    return {
      commit: () =>
        many(
          account,
          doomed.map((contact) => remove(contact)()),
          200,
        ),
    };
  }
  const document = readDocument(handling, 'contacts');
  const sent = document.bulk ? document.many : [document.one];
  const check = (item: SentAttributes) =>
    remove(findContact(account, { id: attributeId(item), ...(organization === undefined ? {} : { organization }) }));
  return prepareBulk(account, sent, check, (rows) => many(account, rows, 200));
}

/** `DELETE /contacts/ID`, where the switch lets it be. */
export function deleteContact(account: Account, parameters: Parameters): Prepared {
  const contact = findContact(account, parameters);
  return {
    commit() {
      account.data.deleteContact(contact.id);
      return single(account, contact, 200);
    },
  };
}

/** A contact as other resources show it in a tag. */
export function contactTag(account: Account, contact: ContactRecord): Record<string, unknown> {
  return {
    id: key(contact.id),
    name: contactName(contact),
    'first-name': contact.firstName,
    'last-name': contact.lastName,
    'organization-name': account.data.organizations.get(contact.organizationId)?.name ?? null,
    'resource-url': resourceUrl(account, contact),
  };
}

function checkUpdate(account: Account, handling: Handling, contact: ContactRecord, sent: SentAttributes): () => ContactRecord {
  const { syncedContact } = account.switches;
  const guarded = syncedContact === 'strict' || (syncedContact === 'mapped-only' && touchesMappedAttribute(sent));
  if (guarded && isExternallySynced(account, contact.adapters)) {
    throw externallySynced();
  }
  const change = readContactChange(account, handling, sent, { existing: contact, organizationId: contact.organizationId });
  return () => apply(account, contact, change);
}

function apply(account: Account, contact: ContactRecord, { organizationId, ...change }: ContactChange): ContactRecord {
  if (organizationId !== undefined) {
    writableOrganization(account, organizationId);
    account.data.moveContact(contact.id, organizationId);
  }
  learnLabels(account, change);
  return finish(account, account.data.updateContact(contact.id, change));
}

function finish(account: Account, contact: ContactRecord): ContactRecord {
  return Object.assign(contact, { waitsForOwnPush: account.switches.ownPush || contact.waitsForOwnPush });
}

function findContact(account: Account, { id = '', organization }: Parameters): ContactRecord {
  const contact = account.data.contacts.get(id);
  if (contact === undefined || account.data.organizations.get(contact.organizationId)?.foreign !== false) {
    throw recordNotFound();
  }
  if (organization !== undefined && contact.organizationId !== organization) {
    throw recordNotFound();
  }
  return contact;
}

function visibleContacts(account: Account): readonly ContactRecord[] {
  const { contacts, organizations } = account.data;
  return [...contacts.values()].filter((contact) => organizations.get(contact.organizationId)?.foreign === false);
}

function contactRules(account: Account): ListRules<ContactRecord> {
  const sameCase = account.switches.primaryEmailFilter === 'case-sensitive';
  return {
    sorts: {
      id: (row) => row.id,
      first_name: (row) => row.firstName,
      last_name: (row) => row.lastName,
      created_at: (row) => row.createdAt,
      updated_at: (row) => row.updatedAt,
    },
    filters: {
      id: (row, value) => row.id === value,
      first_name: (row, value) => row.firstName === value,
      last_name: (row, value) => row.lastName === value,
      title: (row, value) => row.title === value,
      contact_type_id: (row, value) => row.contactTypeId === value,
      important: (row, value) => row.important !== null && String(row.important) === value.replace('1', 'true').replace('0', 'false'),
      primary_email: (row, value) =>
        row.emails.some((email) => email.primary && (sameCase ? email.value === value : email.value.toLowerCase() === value.toLowerCase())),
      organization_id: (row, value) => row.organizationId === value,
      ...psaFilters,
    },
    filterNeeds: psaFilterNeeds,
    includes: listIncludes,
    name: contactName,
    render: (row, includes) => render(account, row, includes),
  };
}

function render(account: Account, contact: ContactRecord, includes: ReadonlySet<string>): Rendered {
  const { data } = account;
  const organization = data.organizations.get(contact.organizationId);
  const adapters = adapterMembers(account, contact.adapters, includes);
  const location = contact.locationId === null ? undefined : data.locations.get(contact.locationId);
  const shownLocation = includes.has('location') && location !== undefined ? [locationResource(account, location)] : [];
  const others = [...includes].filter((name) => name !== 'adapters_resources' && name !== 'location');
  return {
    resource: {
      id: contact.id,
      type: 'contacts',
      attributes: {
        'organization-id': key(contact.organizationId),
        'organization-name': organization?.name ?? null,
        'organization-short-name': organization?.shortName ?? null,
        'resource-url': resourceUrl(account, contact),
        'psa-integration': psaIntegration(contact.adapters),
        'my-glue': false,
        name: contactName(contact),
        'first-name': contact.firstName,
        'last-name': contact.lastName,
        title: contact.title,
        'contact-type-id': key(contact.contactTypeId),
        'contact-type-name': contact.contactTypeId === null ? null : (data.contactTypes.get(contact.contactTypeId)?.name ?? null),
        'location-id': key(contact.locationId),
        'location-name': location?.name ?? null,
        important: contact.important,
        notes: contact.notes,
        'created-at': moment(contact.createdAt),
        'updated-at': moment(contact.updatedAt),
        'contact-emails': contact.emails.map((email) => ({
          value: email.value,
          primary: email.primary,
          'label-name': email.labelName,
        })),
        'contact-phones': contact.phones.map(renderPhone),
      },
      relationships: {
        ...adapters.relationships,
        ...(includes.has('location') ? { location: { data: shownLocation.map(({ id, type }) => ({ id, type }))[0] ?? null } } : {}),
        ...Object.fromEntries(others.map((name) => [name.replaceAll('_', '-'), { data: [] }])),
      },
    },
    included: [...adapters.included, ...shownLocation],
  };
}

function renderPhone(phone: PhoneRecord): Record<string, unknown> {
  const digits = /^(\d{3})(\d{3})(\d{4})$/.exec(phone.value);
  return {
    value: phone.value,
    extension: phone.extension,
    primary: phone.primary,
    'label-name': phone.labelName,
    'label-type': phone.labelType,
    'formatted-value': digits === null ? phone.value : `(${digits[1]}) ${digits[2]}-${digits[3]}`,
  };
}

function contactName(contact: ContactRecord): string {
  return [contact.firstName, contact.lastName].filter((part) => part !== null && part !== '').join(' ');
}

function resourceUrl(account: Account, contact: ContactRecord): string {
  return `${account.url()}/${contact.organizationId}/contacts/${contact.id}`;
}

function single(account: Account, contact: ContactRecord, status: number): Answer {
  return answerOne(render(account, contact, new Set()), status, new Set(), account.switches);
}

function many(account: Account, contacts: readonly ContactRecord[], status: number): Answer {
  return { status, body: { data: contacts.map((contact) => render(account, contact, new Set()).resource) } };
}
