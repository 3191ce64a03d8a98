import type { Handling } from '../exchange.ts';
import { isRecord } from '../json.ts';
import type { Tenant } from './answers.ts';
import { invalidObject } from './answers.ts';
import { readValue } from './body.ts';
import { appendItem, checkItem, invalid, yielding } from './contact-input.ts';
import type { Operation } from './operations.ts';
import { noTarget } from './operations.ts';
import type { CwItemRecord } from './records.ts';
import type { Shape } from './shapes.ts';
import { itemMembers } from './shapes.ts';

const itemShape: Shape = { kind: 'object', type: 'ContactCommunicationItem', members: itemMembers };

/**
 * One operation on `communicationItems`. By index, as the list is at that moment; an item is always added behind the
 * others, and its default flag counts only when the index is the end. New items have the id 0 until they are kept.
 */
export function patchItems(
  tenant: Tenant,
  handling: Handling,
  items: readonly CwItemRecord[],
  operation: Operation,
): readonly CwItemRecord[] {
  const [, index, ...rest] = operation.path;
  if (index === undefined) {
    return allItems(tenant, handling, items, operation);
  }
  if (operation.op === 'add' && rest.length === 0) {
    return addItem(tenant, handling, items, operation);
  }
  const at = /^\d+$/.test(index) ? Number(index) : -1;
  const found = items[at];
  if (found === undefined) {
    throw noTarget(operation.path);
  }
  if (operation.op === 'remove' && rest.length === 0) {
    return items.filter((item) => item !== found);
  }
  const sent =
    rest.length === 0 ? itemValue(tenant, handling, operation) : withMember(tenant, handling, found, { ...operation, path: rest });
  const written = { id: found.id, ...checkItem(tenant, sent) };
  return items.map((item) => (item === found ? written : yielding(item, written)));
}

function addItem(tenant: Tenant, handling: Handling, items: readonly CwItemRecord[], operation: Operation): readonly CwItemRecord[] {
  const { addAtDash, firstItemDefault } = tenant.switches;
  const index = operation.path[1] ?? '';
  const dash = index === '-' && addAtDash === 'appended';
  const at = dash ? items.length : Number(index);
  if (!(dash || /^\d+$/.test(index)) || at > items.length) {
    throw noTarget(operation.path);
  }
  const added = checkItem(tenant, itemValue(tenant, handling, operation));
  const honoured = at === items.length && (items.length > 0 || firstItemDefault === 'honoured');
  if (added.isDefault && !honoured) {
    handling.dropped.push('defaultFlag');
  }
  return appendItem(items, { ...added, isDefault: added.isDefault && honoured }, 0);
}

function allItems(tenant: Tenant, handling: Handling, items: readonly CwItemRecord[], { op, value }: Operation): readonly CwItemRecord[] {
  if (tenant.switches.wholeItems === 'refused') {
    throw invalidObject('contact', [invalid('communicationItems', 'The communicationItems field is invalid.')]);
  }
  if (op === 'remove') {
    return [];
  }
  const read = readValue(tenant, handling, value, { shape: { kind: 'list', of: itemShape }, path: 'communicationItems' });
  return (Array.isArray(read) ? read : []).reduce<CwItemRecord[]>((all, item: unknown) => {
    const id = isRecord(item) ? item['id'] : null;
    const known = items.some((before) => before.id === id);
    return appendItem(all, checkItem(tenant, item), known && typeof id === 'number' ? id : 0);
  }, []);
}

/** The item as it would be sent whole, with one of its members changed: `value`, `type/id`, `defaultFlag` … */
function withMember(tenant: Tenant, handling: Handling, item: CwItemRecord, { op, path, value }: Operation): Record<string, unknown> {
  const [first = '', second, more] = path;
  const shape = Object.hasOwn(itemMembers, first) ? itemMembers[first] : undefined;
  const isTypeId = first === 'type' && second === 'id';
  const fixed = first === 'id' || first === 'domain';
  if (shape === undefined || fixed || more !== undefined || (second !== undefined && !isTypeId)) {
    throw noTarget(path);
  }
  const used: Shape = isTypeId ? { kind: 'integer' } : shape;
  const read = op === 'remove' ? null : readValue(tenant, handling, value, { shape: used, path: `communicationItems.${path.join('.')}` });
  const whole = {
    type: { id: item.typeId },
    value: item.value,
    extension: item.extension,
    defaultFlag: item.isDefault,
  };
  return { ...whole, [first]: isTypeId ? { id: read } : read };
}

function itemValue(tenant: Tenant, handling: Handling, { path, value }: Operation): unknown {
  if (value === null) {
    throw noTarget(path);
  }
  return readValue(tenant, handling, value, { shape: itemShape, path: path.join('.') });
}
