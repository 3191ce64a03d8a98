import { formatGuid } from '../../../core/active-directory/object-guid.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import { decodeEntry, firstBytes, type LdapEntry } from './entry-decoder.ts';
import { searchPages } from './paged-search.ts';
import { classesOf, proveGroup } from './prove-group.ts';
import type { DirectorySession } from './session.ts';

/** LDAP_MATCHING_RULE_TRANSITIVE_EVAL (MS-ADTS 3.1.1.3.4.4.3): members of nested groups count. */
export const transitive = '1.2.840.113556.1.4.1941';
const pageSize = 1000;
/** The class of the entries that stand for members from elsewhere. */
const foreigner = 'foreignSecurityPrincipal';

export interface GroupScope {
  /** Selects the members. */
  readonly filter: LdapFilter;
  /** objectGUIDs of the group and of the groups within it: a change of their members is one of the scope. */
  readonly ids: readonly string[];
  /** Members, nested ones too, who belong to another domain or forest and are not read here. */
  readonly foreign: number;
  /** Why membership could not be worked out whole; `null`: it was. */
  readonly gap: string | null;
}

/**
 * Makes the filter for the members of a group, nested ones included. A user's primary group (Domain Users, as a rule) is not
 * among its memberOf: it is found by its number, for the group and for every group within it. Throws
 * `DIRECTORY_BASE_NOT_FOUND` when there is no such group, since a misspelt group must not let everybody through, and `DIRECTORY_RIGHTS`
 * when it shows too little of itself.
 */
export async function groupScope(session: DirectorySession, group: string, domainRoot: string | null): Promise<GroupScope> {
  const what = `the group ${group}`;
  const entry = await session.readOne(group, ['objectClass', 'objectSid', 'objectGUID'], what);
  proveGroup(session, entry, { group, what });
  const members: LdapFilter = { kind: 'extensible', attribute: 'memberOf', rule: transitive, dnAttributes: false, value: group };
  const numbers = new Set<number>();
  const ids = new Set<string>();
  function add(found: LdapEntry): void {
    const number = groupNumber(firstBytes(found, 'objectSid'));
    if (number !== null) numbers.add(number);
    const id = groupId(found);
    if (id !== null) ids.add(id);
  }
  add(entry);
  // Another kind of server: it knows no primary groups.
  if (domainRoot === null || firstBytes(entry, 'objectSid') === null) return { filter: members, ids: [...ids], foreign: 0, gap: null };
  let foreign = 0;
  const within: LdapFilter = { kind: 'and', parts: [{ kind: 'or', parts: [isOfClass('group'), isOfClass(foreigner)] }, members] };
  const gap = await searchPages(
    session,
    {
      base: domainRoot,
      filter: within,
      attributes: ['objectClass', 'objectSid', 'objectGUID'],
      pageSize,
      what: `the groups within ${group}`,
    },
    {
      onEntry: (reader) => {
        const found = decodeEntry(reader);
        // It has the SID of somebody elsewhere, whose number is somebody else's here.
        if (classesOf(found).includes(foreigner.toLowerCase())) foreign += 1;
        else add(found);
      },
    },
  );
  const primary = [...numbers].map((number): LdapFilter => ({ kind: 'equal', attribute: 'primaryGroupID', value: String(number) }));
  return { filter: { kind: 'or', parts: [members, ...primary] }, ids: [...ids], foreign, gap };
}

function isOfClass(name: string): LdapFilter {
  return { kind: 'equal', attribute: 'objectClass', value: name };
}

/** The group's objectGUID; `null` when it cannot be read. */
export function groupId(group: LdapEntry): string | null {
  const bytes = firstBytes(group, 'objectGUID');
  return bytes === null ? null : formatGuid(bytes);
}

/** The relative identifier at the end of a domain group's SID (S-1-5-21-…-RID); built-in groups are nobody's primary group. */
export function groupNumber(sid: Buffer | null): number | null {
  return sid?.length === 28 && sid[1] === 5 ? sid.readUInt32LE(24) : null;
}
