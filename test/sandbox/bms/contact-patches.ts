import type { Handling, Prepared } from '../exchange.ts';
import { isRecord } from '../json.ts';
import { checkEmail, checkPhone, checkType, defaultOnly } from './contact-items.ts';
import { emailsOutput, findContact, output, patchTarget, phonesOutput, readWhole, refuseDuplicate } from './contacts.ts';
import type { SentObject, Tenant } from './envelope.ts';
import { failure, readJson, sentInteger, sentObject, sentString, success } from './envelope.ts';
import type { BmsContactRecord } from './records.ts';

type Parameters = Readonly<Record<string, string>>;

const operationNames = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/** A JSON Patch: a list of operations on the members of the whole contact. All or nothing. */
export function patchContact(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const operations = readOperations(tenant, handling);
  const target = patchTarget(contact);
  for (const operation of operations) {
    const sent = sentObject(tenant, handling, operation, ['op', 'path', 'value', 'from', 'OperationType']);
    applyOperation(tenant, target, sent);
  }
  const whole = readWhole(tenant, target);
  const taken = tenant.switches.patchFields === 'accepted' ? whole : { active: target.get('isactive') === true };
  const change = { ...taken, ...activeUnderSwitch(tenant, contact, target) };
  return { commit: () => success(tenant, output(tenant, tenant.data.updateContact(contact.id, change))) };
}

function activeUnderSwitch(tenant: Tenant, { active }: BmsContactRecord, target: SentObject): { readonly active?: boolean } {
  const { patchActive } = tenant.switches;
  if (patchActive === 'accepted' || target.get('isactive') === active) return {};
  if (patchActive === 'refused') throw failure(tenant, 400, 'IsActive cannot be changed');
  return { active };
}

/** Adds, changes and deletes e-mails, addressed by value. */
export function patchEmails(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const { data } = tenant;
  const result = applyItems(tenant, handling, {
    items: contact.emails.map((email) => ({
      id: email.id,
      value: email.emailAddress,
      typeId: email.emailTypeId,
      isDefault: email.isDefault,
    })),
    valueName: 'EmailAddress',
    types: data.emailTypes,
    check: (value) => checkEmail(tenant, value),
    same: (one, other) => one.toLowerCase() === other.toLowerCase(),
  });
  for (const { value } of result.items) {
    refuseDuplicate(tenant, value, contact.id);
  }
  return {
    commit() {
      const emails = result.items.map((item) => ({
        id: item.id ?? data.newId(),
        emailAddress: item.value,
        emailTypeId: item.typeId,
        isDefault: item.isDefault,
      }));
      return success(tenant, { ...result.counts, emails: emailsOutput(tenant, data.updateContact(contact.id, { emails })) });
    },
  };
}

export function patchPhones(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const contact = findContact(tenant, parameters);
  const { data } = tenant;
  const result = applyItems(tenant, handling, {
    items: contact.phones.map((phone) => ({ id: phone.id, value: phone.phone, typeId: phone.phoneTypeId, isDefault: phone.isDefault })),
    valueName: 'PhoneNumber',
    types: data.phoneTypes,
    check: (value) => checkPhone(tenant, value),
    same: (one, other) => one === other,
  });
  if (result.items.length === 0 && tenant.switches.phone === 'required') {
    throw failure(tenant, 400, 'A phone is required');
  }
  return {
    commit() {
      const phones = result.items.map((item) => ({
        id: item.id ?? data.newId(),
        phone: item.value,
        phoneTypeId: item.typeId,
        isDefault: item.isDefault,
      }));
      return success(tenant, { ...result.counts, phones: phonesOutput(tenant, data.updateContact(contact.id, { phones })) });
    },
  };
}

interface Item {
  readonly id: number | null;
  readonly value: string;
  readonly typeId: number;
  readonly isDefault: boolean;
}

interface ItemRules {
  readonly items: readonly Item[];
  readonly valueName: 'EmailAddress' | 'PhoneNumber';
  readonly types: ReadonlyMap<number, string>;
  readonly check: (value: string | null) => string;
  readonly same: (one: string, other: string) => boolean;
}

function applyItems(tenant: Tenant, handling: Handling, rules: ItemRules) {
  const numbers = tenant.switches.relatedOperations;
  const counts = { added: 0, updated: 0, deleted: 0 };
  const known = ['Operation', rules.valueName, `New${rules.valueName}`, 'TypeId', 'IsDefault'];
  let items = [...rules.items];
  for (const operation of readOperations(tenant, handling)) {
    const sent = sentObject(tenant, handling, operation, known);
    const number = sentInteger(tenant, sent, 'Operation');
    if (number === numbers.add) {
      items = addItem(tenant, sent, items, rules);
      counts.added += 1;
    } else if (number === numbers.update) {
      items = updateItem(tenant, sent, items, rules);
      counts.updated += 1;
    } else if (number === numbers.delete) {
      const found = findItem(tenant, sent, items, rules);
      items = items.filter((item) => item !== found);
      counts.deleted += 1;
    } else {
      throw failure(tenant, 400, 'Operation is not valid');
    }
  }
  return { items: defaultOnly(items), counts };
}

function addItem(tenant: Tenant, sent: SentObject, items: readonly Item[], rules: ItemRules): Item[] {
  const value = rules.check(sentString(tenant, sent, rules.valueName));
  if (items.some((item) => rules.same(item.value, value))) {
    throw failure(tenant, 400, `${rules.valueName} already exists on the contact`);
  }
  const typeId = checkType(tenant, 'TypeId', sentInteger(tenant, sent, 'TypeId'), rules.types);
  return withDefault(items, { id: null, value, typeId, isDefault: sent.get('isdefault') === true });
}

function updateItem(tenant: Tenant, sent: SentObject, items: readonly Item[], rules: ItemRules): Item[] {
  const found = findItem(tenant, sent, items, rules);
  const newValue = sentString(tenant, sent, `New${rules.valueName}`);
  const isDefault = sent.get('isdefault');
  const typeId = (sent.get('typeid') ?? null) === null ? found.typeId : sentInteger(tenant, sent, 'TypeId');
  const changed = {
    id: found.id,
    value: newValue === null ? found.value : rules.check(newValue),
    typeId: checkType(tenant, 'TypeId', typeId, rules.types),
    isDefault: typeof isDefault === 'boolean' ? isDefault : found.isDefault,
  };
  return items.map((item) => {
    if (item === found) {
      return changed;
    }
    return changed.isDefault ? { ...item, isDefault: false } : item;
  });
}

function withDefault(items: readonly Item[], added: Item): Item[] {
  return [...items.map((item) => (added.isDefault ? { ...item, isDefault: false } : item)), added];
}

function findItem(tenant: Tenant, sent: SentObject, items: readonly Item[], rules: ItemRules): Item {
  const value = sentString(tenant, sent, rules.valueName) ?? '';
  const found = items.find((item) => rules.same(item.value, value));
  if (found === undefined) {
    throw failure(tenant, 400, `${rules.valueName} does not exist on the contact`);
  }
  return found;
}

function readOperations(tenant: Tenant, handling: Handling): readonly unknown[] {
  const body = readJson(tenant, handling);
  if (!Array.isArray(body) || body.length === 0 || !body.every(isRecord)) {
    throw failure(tenant, 400, 'The request body must be a list of operations');
  }
  return body;
}

function applyOperation(tenant: Tenant, target: Map<string, unknown>, sent: SentObject): void {
  const op = readOperationName(tenant, sent);
  const member = readMember(tenant, sent, 'path', target);
  switch (op) {
    case 'add':
    case 'replace':
      target.set(member, sent.get('value') ?? null);
      return;
    case 'remove':
      target.set(member, null);
      return;
    case 'test':
      if (target.get(member) !== (sent.get('value') ?? null)) {
        throw failure(tenant, 400, 'A test of the patch failed');
      }
      return;
    default: {
      const from = readMember(tenant, sent, 'from', target);
      target.set(member, target.get(from));
      if (op === 'move') {
        target.set(from, null);
      }
    }
  }
}

/** By name, or by number from 0. */
function readOperationName(tenant: Tenant, sent: SentObject): string {
  const name = sentString(tenant, sent, 'op')?.toLowerCase() ?? operationNames[Number(sent.get('operationtype') ?? -1)];
  if (name === undefined || !operationNames.includes(name)) {
    throw failure(tenant, 400, 'The operation is not valid');
  }
  return name;
}

function readMember(tenant: Tenant, sent: SentObject, name: 'path' | 'from', target: ReadonlyMap<string, unknown>): string {
  const member = sentString(tenant, sent, name)?.replace(/^\//, '').toLowerCase() ?? '';
  if (!target.has(member)) {
    throw failure(tenant, 400, 'The target location of the patch was not found');
  }
  return member;
}
