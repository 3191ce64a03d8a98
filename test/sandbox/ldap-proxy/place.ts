import type { Filter } from '../ldap/filter.ts';
import { filterText } from '../ldap/filter.ts';
import type { LdapRequest, SearchRequest } from '../ldap/message.ts';
import { startTlsOid, whoAmIOid } from '../ldap/message.ts';
import { dirSyncOid } from './answer.ts';

/** Where in a read something can go wrong. Told from a request's own words alone. */
export type Place =
  | 'connect'
  | 'handshake'
  | 'starttls'
  | 'bind'
  | 'whoami'
  /** The root entry. */
  | 'root'
  /** Any other entry that is read by its name: a base, an excluded OU, a group. */
  | 'entry'
  /** The search for the account that signed in. */
  | 'own-account'
  /** The groups within a group. */
  | 'groups'
  /** The people in a group that a rule names. */
  | 'members'
  | 'containers'
  | 'users'
  /** The values that an answer kept back. */
  | 'range'
  /** What changed: DirSync. */
  | 'dirsync'
  /** What changed: a search by uSNChanged, not whether that can be read. */
  | 'usn'
  /** Objects that are looked for by their GUID. */
  | 'look-up'
  | 'deleted'
  /** The last logons that one controller knows. */
  | 'logons'
  | 'other';

const showDeleted = '1.2.840.113556.1.4.417';
const showRecycled = '1.2.840.113556.1.4.2064';

export function placeOf(request: LdapRequest): Place {
  switch (request.operation) {
    case 'bind':
      return 'bind';
    case 'extended':
      if (request.oid === startTlsOid) return 'starttls';
      return request.oid === whoAmIOid ? 'whoami' : 'other';
    case 'search':
      return placeOfSearch(request, request.controls);
    case 'unbind':
    case 'abandon':
    case 'other':
      return 'other';
  }
}

function placeOfSearch(search: SearchRequest, controls: readonly string[]): Place {
  if (search.base === '' && search.scope === 'base') return 'root';
  if (search.attributes.some((name) => /^proxyAddresses;range=/i.test(name))) return 'range';
  if (controls.includes(dirSyncOid)) return 'dirsync';
  const filter = filterText(search.filter);
  const asked = search.attributes.map((name) => name.toLowerCase());
  if (/^<GUID=/i.test(search.base) || names(search.filter, 'objectguid')) return 'look-up';
  if (names(search.filter, 'usnchanged') && asked.includes('usncreated')) return 'usn';
  if (controls.includes(showDeleted) || controls.includes(showRecycled)) return 'deleted';
  if (search.scope === 'base') return 'entry';
  if (filter.includes('805306368')) {
    if (asked.includes('lastlogon') && !asked.includes('mail')) return 'logons';
    return asked.length === 1 && names(search.filter, 'memberof') ? 'members' : 'users';
  }
  if (names(search.filter, 'samaccountname') || names(search.filter, 'userprincipalname')) return 'own-account';
  if (/objectClass=(?:organizationalUnit|container)/i.test(filter)) return 'containers';
  return /objectClass=group/i.test(filter) ? 'groups' : 'other';
}

function names(filter: Filter, attribute: string): boolean {
  if ('parts' in filter) return filter.parts.some((part) => names(part, attribute));
  return 'part' in filter ? names(filter.part, attribute) : filter.attribute.toLowerCase() === attribute;
}
