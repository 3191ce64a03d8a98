import type { LdapFilter } from './parse-filter.ts';

/** Names of the attributes that a filter asks for, in lower case and without options. */
export function filterAttributes(filter: LdapFilter): ReadonlySet<string> {
  const names = new Set<string>();
  collect(filter, names);
  return names;
}

function collect(filter: LdapFilter, names: Set<string>): void {
  if ('parts' in filter) for (const part of filter.parts) collect(part, names);
  else if ('part' in filter) collect(filter.part, names);
  else names.add(filter.attribute.replace(/;.*$/, '').toLowerCase());
}

/** Kept by each controller for itself, or moved by any write: what they say changes without a change that is told. */
const local: ReadonlySet<string> = new Set([
  'lastlogon',
  'lastlogoff',
  'logoncount',
  'badpwdcount',
  'badpasswordtime',
  'whenchanged',
  'usnchanged',
]);
/** Worked out from other objects when they are asked for. */
const workedOut =
  /^(?:msds-(?:user-account-control-computed|userpasswordexpirytimecomputed|resultantpso|psoapplied|principalname|membertransitive|memberoftransitive|.*bl)|directreports|managedobjects|tokengroups.*|.*bl)$/;

/**
 * Why a change of who meets the filter need not be told with the user who does; `null`: it is told. Groups (`memberOf`) are no reason:
 * their changes are looked for.
 */
export function hindersChanges(filter: LdapFilter): string | null {
  for (const name of filterAttributes(filter)) {
    if (local.has(name) || workedOut.test(name)) return `the filter asks for ${name}, which changes without a change of the user`;
  }
  return null;
}

/** Whether the filter asks for groups, so that a change of any group may change who meets it. */
export function asksForMembership(filter: LdapFilter): boolean {
  return filterAttributes(filter).has('memberof');
}
