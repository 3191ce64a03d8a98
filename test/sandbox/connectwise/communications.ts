import type { Answer, Handling, Prepared } from '../exchange.ts';
import type { Tenant } from './answers.ts';
import { missingRecord } from './answers.ts';
import { readJson, readObject } from './body.ts';
import type { NewItem } from './contact-input.ts';
import { appendItem, checkItem, checkTypeIds, referenceId, yielding } from './contact-input.ts';
import { apiMember, findContact } from './contacts.ts';
import { listOf, output } from './listing.ts';
import { noTarget, readOperations } from './operations.ts';
import type { CwContactRecord, CwItemRecord, CwTypeAssociationRecord } from './records.ts';
import { communicationResource, typeAssociationResource } from './resources.ts';
import { communicationMembers, typeAssociationMembers } from './shapes.ts';

type Parameters = Readonly<Record<string, string>>;

const communication = { type: 'ContactCommunication', members: communicationMembers };
const association = { type: 'ContactTypeAssociation', members: typeAssociationMembers };

export function listCommunications(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  const contact = findContact(tenant, parameters);
  return listOf(tenant, handling, contact.items, communicationResource(tenant, contact));
}

export function showCommunication(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  const contact = findContact(tenant, parameters);
  return { status: 200, body: output(handling, findItem(contact, parameters), communicationResource(tenant, contact)) };
}

export function createCommunication(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const sent = checkItem(tenant, readObject(tenant, handling, readJson(handling), communication), 'contactCommunication');
  return {
    commit() {
      const id = tenant.data.newId();
      changeChildren(tenant, contact, { items: appendItem(contact.items, sent, id) });
      return shown(tenant, contact, id, 201);
    },
  };
}

/** PUT: the whole item. */
export function putCommunication(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const item = findItem(contact, parameters);
  const sent = checkItem(tenant, readObject(tenant, handling, readJson(handling), communication), 'contactCommunication');
  return { commit: () => replaceItem(tenant, contact, item, sent) };
}

export function patchCommunication(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const item = findItem(contact, parameters);
  const whole: Record<string, unknown> = {
    type: { id: item.typeId },
    value: item.value,
    extension: item.extension,
    defaultFlag: item.isDefault,
  };
  for (const { op, path, value } of readOperations(tenant, handling)) {
    const [first = '', second] = path;
    const typeId = first === 'type' && second === 'id';
    if (!Object.hasOwn(whole, first) || (path.length > 1 && !typeId) || path.length > 2) {
      throw noTarget(path);
    }
    const put = typeId ? { id: value } : value;
    whole[first] = op === 'remove' ? null : put;
  }
  const sent = checkItem(tenant, readObject(tenant, handling, whole, communication), 'contactCommunication');
  return { commit: () => replaceItem(tenant, contact, item, sent) };
}

export function deleteCommunication(tenant: Tenant, _handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const item = findItem(contact, parameters);
  return {
    commit() {
      changeChildren(tenant, contact, { items: contact.items.filter((other) => other !== item) });
      return { status: 204 };
    },
  };
}

export function listTypeAssociations(tenant: Tenant, handling: Handling, parameters: Parameters): Answer {
  const contact = findContact(tenant, parameters);
  return listOf(tenant, handling, contact.types, typeAssociationResource(tenant, contact));
}

export function createTypeAssociation(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const sent = readObject(tenant, handling, readJson(handling), association);
  const [typeId = 0] = checkTypeIds(tenant, [referenceId(sent['type'], 'type', [])]);
  return {
    commit() {
      const added: CwTypeAssociationRecord = contact.types.find((type) => type.typeId === typeId) ?? { id: tenant.data.newId(), typeId };
      changeChildren(tenant, contact, { types: [...contact.types.filter((type) => type !== added), added] });
      return { status: 201, body: output(null, added, typeAssociationResource(tenant, contact)) };
    },
  };
}

export function deleteTypeAssociation(tenant: Tenant, _handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const { child = '' } = parameters;
  if (!contact.types.some((type) => type.id === Number(child))) {
    throw missingRecord('TypeAssociation', child);
  }
  return {
    commit() {
      changeChildren(tenant, contact, { types: contact.types.filter((type) => type.id !== Number(child)) });
      return { status: 204 };
    },
  };
}

function findItem(contact: CwContactRecord, { child = '' }: Parameters): CwItemRecord {
  const item = contact.items.find((candidate) => candidate.id === Number(child));
  if (item === undefined) {
    throw missingRecord('ContactCommunication', child);
  }
  return item;
}

function replaceItem(tenant: Tenant, contact: CwContactRecord, item: CwItemRecord, sent: NewItem): Answer {
  const written = { id: item.id, ...sent };
  changeChildren(tenant, contact, { items: contact.items.map((other) => (other === item ? written : yielding(other, sent))) });
  return shown(tenant, contact, item.id, 200);
}

function shown(tenant: Tenant, contact: CwContactRecord, id: number, status: number): Answer {
  return { status, body: output(null, findItem(contact, { child: String(id) }), communicationResource(tenant, contact)) };
}

function changeChildren(tenant: Tenant, contact: CwContactRecord, change: Partial<Pick<CwContactRecord, 'items' | 'types'>>): void {
  if (tenant.switches.childWrites === 'move-contact') {
    tenant.data.updateContact(contact.id, { ...change, updatedBy: apiMember });
  } else {
    Object.assign(contact, change);
  }
}
