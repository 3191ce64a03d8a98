import type { Handling, Prepared } from '../exchange.ts';
import { isRecord } from '../json.ts';
import type { Tenant } from './answers.ts';
import { invalidObject } from './answers.ts';
import { readValue } from './body.ts';
import { checkContact, checkCustomFields, invalid, settleDefaults } from './contact-input.ts';
import { apiMember, findContact } from './contacts.ts';
import { patchItems } from './item-patches.ts';
import { output } from './listing.ts';
import type { Operation } from './operations.ts';
import { noTarget, readOperations } from './operations.ts';
import type { CwItemRecord } from './records.ts';
import { contactResource } from './resources.ts';
import { contactMembers } from './shapes.ts';

type Parameters = Readonly<Record<string, string>>;

const untouchable = ['id', '_info', 'defaultPhoneType', 'defaultPhoneNbr', 'defaultPhoneExtension'];

/** A JSON Patch: a list of operations on the whole contact, one after the other. All or nothing. */
export function patchContact(tenant: Tenant, handling: Handling, parameters: Parameters): Prepared {
  const { data, switches } = tenant;
  const contact = findContact(tenant, parameters);
  const operations = readOperations(tenant, handling);
  const target = output(null, contact, contactResource(tenant));
  let items: readonly CwItemRecord[] = contact.items.map((item) => ({ ...item }));
  let customFields: Record<string, unknown> = { ...contact.customFields };
  let carried = false;
  for (const operation of operations) {
    const [first = ''] = operation.path;
    if (first === 'communicationItems') {
      items = patchItems(tenant, handling, items, operation);
    } else if (first === 'customFields') {
      customFields = patchCustomFields(tenant, handling, customFields, operation);
      carried = true;
    } else if (first === 'types' || first === 'typeIds') {
      refuseTypes(tenant, handling, first);
    } else {
      patchMember(tenant, handling, target, operation);
    }
  }
  if (!carried && data.customFields.size > 0 && switches.patchWithoutCustomFields === 'refused') {
    throw invalidObject('contact', [
      { code: 'MissingRequiredField', message: 'The customFields field is required.', field: 'customFields' },
    ]);
  }
  const change = checkContact(tenant, target, contact);
  return {
    commit() {
      const kept = settleDefaults(
        tenant,
        items.map((item) => (item.id === 0 ? { ...item, id: data.newId() } : item)),
      );
      const updated = data.updateContact(contact.id, { ...change, items: kept, customFields, updatedBy: apiMember });
      return { status: 200, body: output(null, updated, contactResource(tenant)) };
    },
  };
}

/** A member of the contact, or one of a reference: `company/id`. */
function patchMember(tenant: Tenant, handling: Handling, target: Record<string, unknown>, { op, path, value }: Operation): void {
  const [first = '', second] = path;
  const shape = Object.hasOwn(contactMembers, first) ? contactMembers[first] : undefined;
  const inner =
    second !== undefined && shape?.kind === 'object' && Object.hasOwn(shape.members, second) ? shape.members[second] : undefined;
  const used = second === undefined ? shape : inner;
  if (used === undefined || path.length > 2) {
    throw noTarget(path);
  }
  if (untouchable.includes(first) || (first === 'ignoreDuplicates' && op === 'remove')) {
    throw invalidObject('contact', [invalid(first, `The ${first} field cannot be changed.`)]);
  }
  const read = op === 'remove' ? null : readValue(tenant, handling, value, { shape: used, path: path.join('.') });
  if (second === undefined) {
    target[first] = read;
    return;
  }
  const before = target[first];
  // Another id is another record: what was known of the old one goes.
  target[first] = second === 'id' ? { id: read } : { ...(isRecord(before) ? before : {}), [second]: read };
}

function patchCustomFields(
  tenant: Tenant,
  handling: Handling,
  before: Readonly<Record<string, unknown>>,
  { op, path, value }: Operation,
): Record<string, unknown> {
  const shape = contactMembers['customFields'];
  if (path.length > 1 || op === 'remove' || shape === undefined) {
    throw noTarget(path);
  }
  return checkCustomFields(tenant, readValue(tenant, handling, value, { shape, path: 'customFields' }), before);
}

function refuseTypes(tenant: Tenant, handling: Handling, member: string): void {
  if (tenant.switches.typesOnPatch === 'refused') {
    throw invalidObject('contact', [invalid(member, `The ${member} field is for new contacts only.`)]);
  }
  handling.dropped.push(`member ${member}`);
}
