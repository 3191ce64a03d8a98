import type { Handling } from '../exchange.ts';
import type { Tenant } from './envelope.ts';
import { failure } from './envelope.ts';
import type { FieldRule } from './fields.ts';
import { contactFields, fieldNamed } from './fields.ts';

/** The members of a sent contact, under the names of the API. */
export type SentValues = ReadonlyMap<string, unknown>;

/** Reads a contact's members, in any case, and checks their types. */
export function readValues(tenant: Tenant, handling: Handling, body: Record<string, unknown>): SentValues {
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) {
    if (name.toLowerCase() === 'userdefinedfields') {
      values.set('userDefinedFields', value);
      continue;
    }
    const rule = fieldNamed(contactFields, name);
    if (rule === null || (rule.readOnly && rule.name !== 'id')) {
      leaveOut(tenant, handling, rule, name);
      continue;
    }
    if (value !== null && !hasType(rule, value)) {
      throw failure(tenant, unreadable(handling, name, value));
    }
    values.set(rule.name, value);
  }
  return values;
}

function leaveOut(tenant: Tenant, handling: Handling, rule: FieldRule | null, name: string): void {
  const how = rule === null ? tenant.switches.unknownMembers : tenant.switches.readOnlyMembers;
  if (how === 'refused') {
    throw failure(tenant, rule === null ? `Unable to find ${name} in the Contact Entity.` : `The field ${rule.name} is read-only.`);
  }
  handling.dropped.push(`member ${name}`);
}

function hasType({ dataType }: FieldRule, value: unknown): boolean {
  switch (dataType) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'string':
    case 'datetime':
      return typeof value === 'string';
    case 'double':
      return typeof value === 'number';
    case 'integer':
    case 'long':
      return typeof value === 'number' && Number.isInteger(value) && (dataType === 'long' || Math.abs(value) < 2 ** 31);
  }
}

/** What the vendor's JSON reader says; `true` becomes "value: t". */
function unreadable({ request }: Handling, name: string, value: unknown): string {
  const text = request.body.toString('utf8');
  const at = text.indexOf(`"${name}"`) + name.length + 3;
  return typeof value === 'string'
    ? `Could not convert string to integer: ${value}. Path '${name}', line 1, position ${at}.`
    : `Unexpected character encountered while parsing value: ${JSON.stringify(value).charAt(0)}. Path '${name}', line 1, position ${at}.`;
}
