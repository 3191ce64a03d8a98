import { canonicalDn, dnsNameOf, isBelow } from '../../../core/active-directory/distinguished-name.ts';
import { formatGuid } from '../../../core/active-directory/object-guid.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import { decodeEntry, firstBytes, firstText, type LdapEntry } from './entry-decoder.ts';
import { groupId, groupNumber, transitive } from './group-scope.ts';
import { resultCodes, searchError } from './ldap-error.ts';
import { pagedResults } from './messages.ts';
import { searchPages } from './paged-search.ts';
import { proveGroup } from './prove-group.ts';
import type { DirectorySession } from './session.ts';
import type { VendorSchema } from './vendor-schema.ts';

const pageSize = 1000;
/** So many groups one filter names. */
const groupsAtOnce = 100;
/** So many members are looked at to tell an empty group from one whose members cannot be seen. */
const membersLookedAt = 10;

/** Who is in which of the groups that rules name (E10). */
export interface GroupMembers {
  /** Canonical DNs of the groups whose members are known. */
  readonly groups: readonly string[];
  /** objectGUIDs of those groups and of the groups within them. */
  readonly ids: readonly string[];
  /** Those of them that the user is in, nested ones too; `null`: in none. */
  of(immutableId: string): readonly string[] | null;
}

export interface MembersWords {
  /** DNs as the operator wrote them. */
  readonly groups: readonly string[];
  readonly schema: VendorSchema;
  readonly domainRoot: string | null;
  readonly bases: readonly string[];
  /** Is told why the members of a group are not all known. */
  readonly onGap: (gap: string | null) => void;
}

/**
 * Reads the members of groups, nested ones included, with three requests for each and one more for each further 1000 members: the
 * group itself, the groups within it, the people who name one of them. memberOf has no range, so a group of any size is whole.
 * Groups of another domain are left to the directory that is that domain. Throws `DIRECTORY_BASE_NOT_FOUND` and
 * `DIRECTORY_RIGHTS`: a group that cannot be read is not one without members.
 */
export async function readGroupMembers(session: DirectorySession, words: MembersWords): Promise<GroupMembers> {
  const own = words.domainRoot === null ? null : dnsNameOf(words.domainRoot);
  const wanted = new Map(words.groups.map((group) => [canonicalDn(group) ?? group.trim().toLowerCase(), group]));
  const byUser = new Map<string, string[]>();
  const groups: string[] = [];
  const ids = new Set<string>();
  // In a fixed order: an entry that has not changed is stored as it was.
  for (const key of [...wanted.keys()].sort()) {
    const group = wanted.get(key) ?? key;
    if (own !== null && dnsNameOf(group) !== own) continue;
    groups.push(key);
    const found = await membersOf(session, group, words);
    for (const id of found.groups) ids.add(id);
    for (const id of found.members) {
      const known = byUser.get(id);
      if (known === undefined) byUser.set(id, [key]);
      else known.push(key);
    }
  }
  return { groups, ids: [...ids], of: (immutableId) => byUser.get(immutableId) ?? null };
}

/** Looks at each group of this domain, without its members. Throws like `readGroupMembers`. */
export async function proveGroups(session: DirectorySession, groups: readonly string[], domainRoot: string | null): Promise<void> {
  for (const group of groups) {
    if (domainRoot !== null && dnsNameOf(group) !== dnsNameOf(domainRoot)) continue;
    const what = wordsOf(group);
    proveGroup(session, await session.readOne(group, ['objectClass', 'objectSid'], what), { group, what });
  }
}

function wordsOf(group: string): string {
  return `the group ${group} of contacts.contactTypeRules`;
}

interface FoundMembers {
  readonly members: ReadonlySet<string>;
  /** objectGUIDs of the group and of the groups within it. */
  readonly groups: ReadonlySet<string>;
}

async function membersOf(session: DirectorySession, group: string, words: MembersWords): Promise<FoundMembers> {
  const what = wordsOf(group);
  const entry = await session.readOne(group, ['objectClass', 'objectSid', 'objectGUID', `member;range=0-${membersLookedAt - 1}`], what);
  proveGroup(session, entry, { group, what });
  const bases = words.domainRoot === null ? words.bases : [words.domainRoot];

  const all = [group];
  const numbers = new Set<number>();
  const ids = new Set<string>();
  addGroup(entry);
  const within: LdapFilter = {
    kind: 'and',
    parts: [
      { kind: 'equal', attribute: 'objectClass', value: 'group' },
      { kind: 'extensible', attribute: 'memberOf', rule: transitive, dnAttributes: false, value: group },
    ],
  };
  await search(
    session,
    words,
    { bases, filter: within, attributes: ['objectSid', 'objectGUID'], what: `the groups within ${group}` },
    (nested) => {
      // A circle leads back to the group itself.
      if (canonicalDn(nested.dn) !== canonicalDn(group)) all.push(nested.dn);
      addGroup(nested);
    },
  );

  function addGroup(found: LdapEntry): void {
    addNumber(numbers, found);
    const id = groupId(found);
    if (id !== null) ids.add(id);
  }

  const members = new Set<string>();
  const named: LdapFilter[] = [
    ...all.map((dn): LdapFilter => ({ kind: 'equal', attribute: 'memberOf', value: dn })),
    ...[...numbers].map((number): LdapFilter => ({ kind: 'equal', attribute: 'primaryGroupID', value: String(number) })),
  ];
  const attribute = words.schema.identity ?? 'objectGUID';
  for (let start = 0; start < named.length; start += groupsAtOnce) {
    const filter: LdapFilter = {
      kind: 'and',
      parts: [words.schema.people, { kind: 'or', parts: named.slice(start, start + groupsAtOnce) }],
    };
    await search(session, words, { bases, filter, attributes: [attribute], what: `the members of ${group}` }, (member) => {
      const id = identityOf(member, words.schema);
      if (id !== null) members.add(id);
    });
  }
  if (members.size === 0 && all.length === 1) await proveEmpty(session, entry, { group, what, bases });
  return { members, groups: ids };
}

async function search(
  session: DirectorySession,
  { onGap }: MembersWords,
  asked: { readonly bases: readonly string[]; readonly filter: LdapFilter; readonly attributes: readonly string[]; readonly what: string },
  onEntry: (entry: LdapEntry) => void,
): Promise<void> {
  const { bases, filter, attributes, what } = asked;
  for (const base of bases) {
    const words = { base, filter, attributes, pageSize, what };
    onGap(await searchPages(session, words, { onEntry: (reader) => onEntry(decodeEntry(reader)) }));
  }
}

function identityOf(entry: LdapEntry, { identity }: VendorSchema): string | null {
  if (identity !== null) return firstText(entry, identity)?.toLowerCase() ?? null;
  const guid = firstBytes(entry, 'objectGUID');
  return guid === null ? null : formatGuid(guid);
}

function addNumber(numbers: Set<number>, entry: LdapEntry): void {
  const number = groupNumber(firstBytes(entry, 'objectSid'));
  if (number !== null) numbers.add(number);
}

/** A group that names members of this domain, none of whom is found by memberOf, is one whose members may not be seen. */
async function proveEmpty(
  session: DirectorySession,
  entry: LdapEntry,
  { group, what, bases }: { readonly group: string; readonly what: string; readonly bases: readonly string[] },
): Promise<void> {
  const named = [...entry.attributes].find(([name]) => name === 'member' || name.startsWith('member;'))?.[1] ?? [];
  // Those of other forests stand there under a name that their own domain knows nothing of; they are nobody who is read here.
  const isForeign = (member: string): boolean => /^[^,]*,CN=ForeignSecurityPrincipals,/i.test(member);
  const isHere = (member: string): boolean => !isForeign(member) && bases.some((base) => isBelow(member, base));
  if (!named.some((member) => isHere(member.toString('utf8')))) return;
  const filter: LdapFilter = { kind: 'equal', attribute: 'memberOf', value: group };
  const place = { directory: session.directory, server: session.server, base: group };
  for (const base of bases) {
    let found = 0;
    const result = await session.search(
      { base, scope: 'sub', filter, attributes: ['1.1'], controls: [pagedResults(1, null)] },
      { onEntry: () => (found += 1) },
    );
    if (result.code !== resultCodes.success) throw searchError(result, what, place);
    if (found > 0) return;
  }
  const message = `${session.server} (directory "${session.directory}"): ${what} has members, but none of them can be seen: rights on memberOf of users are missing`;
  throw new RollcallError('DIRECTORY_RIGHTS', message, { place });
}
