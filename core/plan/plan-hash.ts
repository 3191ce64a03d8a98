import type { OrganizationId } from '../model/ids.ts';
import type { Change } from '../model/plan.ts';

/** So many changes are hashed at a time: the text of a large plan, whole, is larger than all that it was made from. */
const hashedAtOnce = 1_000;

/**
 * The hash of a plan: what would be written and to whom, in a fixed order; no clocks, no ids of runs, no overlay (A3). A mass
 * deactivation writes nothing by itself, so its users are named.
 */
export function planHash(
  organization: OrganizationId,
  planned: { readonly changes: readonly Change[]; readonly deactivated: readonly string[] },
  hash: (text: string) => string,
): string {
  const written = planned.changes.filter((change) => change.kind !== 'overlay');
  const lines = [`organization ${organization}`];
  for (let start = 0; start < written.length; start += hashedAtOnce) {
    const texts = written.slice(start, start + hashedAtOnce).map((change) => textOf(change));
    lines.push(hash(texts.join('\n')));
  }
  for (const id of planned.deactivated.toSorted()) lines.push(`deactivated ${id}`);
  return hash(lines.join('\n'));
}

/** Short mark of one change: the same change has the same mark in every plan. */
export function changeMark(change: Change, hash: (text: string) => string): string {
  if (change.kind === 'overlay') return '';
  // A push that waits is planned for a user first and for the contact created meanwhile afterwards, with what IT Glue made of it.
  const text = change.kind === 'push' ? JSON.stringify(['push', change.user ?? change.contactId, change.input.companyId]) : textOf(change);
  return hash(text).slice(0, 16);
}

/** A plan is made in a fixed order, its members too, and the store gives it back as it was: equal changes are equal text. */
function textOf(change: Exclude<Change, { kind: 'overlay' }>): string {
  return JSON.stringify([change.id, essence(change)]);
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
