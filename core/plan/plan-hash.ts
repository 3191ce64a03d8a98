import type { OrganizationId } from '../model/ids.ts';
import type { Change } from '../model/plan.ts';

/**
 * The text that a plan's hash is made of: what would be written and to whom, in a fixed order; no clocks, no ids of runs, no overlay
 * (A3). A mass deactivation writes nothing by itself, so its users are named.
 */
export function hashText(organization: OrganizationId, changes: readonly Change[], deactivated: readonly string[]): string {
  const written = changes.filter((change) => change.kind !== 'overlay').map((change) => canonical([change.id, essence(change)]));
  return [`organization ${organization}`, ...written.sort(), ...deactivated.map((id) => `deactivated ${id}`).sort()].join('\n');
}

/** Short mark of one change: the same change has the same mark in every plan. */
export function changeMark(change: Change, hash: (text: string) => string): string {
  if (change.kind === 'overlay') return '';
  // A push that waits is planned for a user first and for the contact created meanwhile afterwards, with what IT Glue made of it.
  const what = change.kind === 'push' ? ['push', change.user ?? change.contactId, change.input.companyId] : [change.id, essence(change)];
  return hash(canonical(what)).slice(0, 16);
}

function essence(change: Exclude<Change, { kind: 'overlay' }>): unknown {
  switch (change.kind) {
    case 'match':
      return [change.contactId, change.previousContactId];
    case 'create':
      return change.contact;
    case 'update':
      return [change.contactId, change.patch, change.before];
    case 'push':
      return change.input;
    case 'link':
      return [change.psaContactId, change.patch];
    case 'complete':
      return [change.psaContactId, change.input];
    case 'psa-update':
      return [change.psaContactId, change.patch];
  }
}

/** JSON with sorted keys, so that equal data is equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
