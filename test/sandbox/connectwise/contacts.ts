import type { Answer, Handling, Prepared } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { isRecord } from '../json.ts';
import type { Tenant } from './answers.ts';
import { invalidObject, missingRecord } from './answers.ts';
import { readJson, readObject } from './body.ts';
import type { ContactChange, NewItem } from './contact-input.ts';
import { appendItem, checkContact, checkCustomFields, checkItem, checkTypeIds, invalid, settleDefaults } from './contact-input.ts';
import { countOf, listOf, output } from './listing.ts';
import type { CwContactRecord, CwItemRecord } from './records.ts';
import { contactResource } from './resources.ts';
import { contactMembers } from './shapes.ts';

type Parameters = Readonly<Record<string, string>>;

const contactType = { type: 'Contact', members: contactMembers };

/** Who the API's changes are by. */
export const apiMember = 'api-member';

/** Members that a body may have and that are derived. */
const readOnly = ['id', '_info', 'defaultPhoneType', 'defaultPhoneNbr', 'defaultPhoneExtension'];

export function listContacts(tenant: Tenant, handling: Handling): Answer {
  return listOf(tenant, handling, tenant.data.contacts.values(), contactResource(tenant));
}

export function countContacts(tenant: Tenant, handling: Handling): Answer {
  return countOf(tenant, handling, tenant.data.contacts.values(), contactResource(tenant));
}

export function showContact(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  return { status: 200, body: output(handling, findContact(tenant, parameters), contactResource(tenant)) };
}

export function createContact(tenant: Tenant, handling: Handling): Prepared {
  const { data, switches } = tenant;
  const body = readObject(tenant, handling, readJson(handling), contactType);
  for (const member of readOnly.filter((name) => name in body)) {
    handling.dropped.push(`member ${member}`);
  }
  const change = checkContact(tenant, body);
  const items = listMember(body, 'communicationItems').map((item) => checkItem(tenant, item));
  const customFields = checkCustomFields(tenant, body['customFields'], {});
  const typeIds = checkTypeIds(tenant, [...listMember(body, 'typeIds'), ...sentTypes(tenant, handling, body)]);
  refuseDuplicate(tenant, body, change, items);
  return {
    commit() {
      const siteId = change.siteId ?? (switches.siteWhenAbsent === 'primary' ? (data.primarySite(change.companyId)?.id ?? null) : null);
      const contact: CwContactRecord = {
        id: data.newId(),
        ...change,
        siteId,
        items: settleDefaults(
          tenant,
          items.reduce<CwItemRecord[]>((all, item) => appendItem(all, item, data.newId()), []),
        ),
        types: typeIds.map((typeId) => ({ id: data.newId(), typeId })),
        customFields,
        lastUpdated: data.moment(),
        updatedBy: apiMember,
      };
      data.contacts.set(contact.id, contact);
      return { status: 201, body: output(null, contact, contactResource(tenant)) };
    },
  };
}

/** Takes what is sent and keeps the rest; with communication items it fails, as it does at the vendor's. */
export function putContact(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const body = readObject(tenant, handling, readJson(handling), contactType);
  if ('communicationItems' in body) {
    throw invalidObject('contact', [invalid('communicationItems', 'The communicationItems field is invalid.')]);
  }
  const change = checkContact(tenant, { ...output(null, contact, contactResource(tenant)), ...body }, contact);
  const customFields = checkCustomFields(tenant, body['customFields'], contact.customFields);
  return {
    commit: () => ({
      status: 200,
      body: output(null, tenant.data.updateContact(contact.id, { ...change, customFields, updatedBy: apiMember }), contactResource(tenant)),
    }),
  };
}

export function deleteContact(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const transfer = handling.request.query.get('transferContactId');
  if (transfer !== null && !tenant.data.contacts.has(Number(transfer))) {
    throw missingRecord('Contact', transfer);
  }
  if (transfer === null && tenant.switches.deleteContact === 'in-use') {
    throw new Refusal({ status: 409, body: { code: 'Conflict', message: `Contact ${contact.id} is in use` } });
  }
  return {
    commit() {
      tenant.data.deleteContact(contact.id);
      return { status: 204 };
    },
  };
}

export function findContact(tenant: Tenant, { id = '' }: Parameters): CwContactRecord {
  const contact = tenant.data.contacts.get(Number(id));
  if (contact === undefined) {
    throw missingRecord('Contact', id);
  }
  return contact;
}

function listMember(body: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const value = body[name];
  return Array.isArray(value) ? value : [];
}

function sentTypes(tenant: Tenant, handling: Handling, body: Readonly<Record<string, unknown>>): readonly unknown[] {
  const types = listMember(body, 'types');
  if (tenant.switches.typesOnCreate === 'honoured') {
    return types.map((type) => (isRecord(type) ? type['id'] : null));
  }
  handling.dropped.push(...types.map(() => 'member types'));
  return [];
}

/** With the switch, a contact of the same company and name, or with one of the e-mails, stands in the way. */
function refuseDuplicate(tenant: Tenant, body: Readonly<Record<string, unknown>>, change: ContactChange, items: readonly NewItem[]): void {
  const { duplicates } = tenant.switches;
  if (duplicates === 'accepted' || body['ignoreDuplicates'] === true) {
    return;
  }
  const emails = items.filter((item) => item.kind === 'Email').map((item) => item.value.toLowerCase());
  const twin = [...tenant.data.contacts.values()].some((contact) => {
    const sameName = folded(contact.firstName) === folded(change.firstName) && folded(contact.lastName) === folded(change.lastName);
    const sameEmail = contact.items.some((item) => emails.includes(item.value.toLowerCase()));
    return contact.companyId === change.companyId && (duplicates === 'refused-by-name' ? sameName : sameEmail);
  });
  if (twin) {
    throw invalidObject('contact', [{ code: 'ObjectExists', message: 'A matching contact already exists', field: 'ignoreDuplicates' }]);
  }
}

function folded(name: string | null): string {
  return (name ?? '').toLowerCase();
}
