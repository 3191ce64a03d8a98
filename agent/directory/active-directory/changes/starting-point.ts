import { canonicalDn } from '../../../../core/active-directory/distinguished-name.ts';
import { formatGuid } from '../../../../core/active-directory/object-guid.ts';
import { RollcallError } from '../../../../core/errors.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import { decodeEntry, firstBytes, firstText, type LdapEntry } from '../entry-decoder.ts';
import { groupId, transitive } from '../group-scope.ts';
import { resultCodes } from '../ldap-error.ts';
import { searchPages } from '../paged-search.ts';
import { classesOf } from '../prove-group.ts';
import type { RootEntry } from '../root-entry.ts';
import { anything, type DirectorySession } from '../session.ts';
import type { Checkpoint } from './checkpoint.ts';
import { searchDirSync } from './dir-sync-search.ts';
import { policyContainer } from './judge-structure.ts';
import { domainPolicyAttributes } from './watched-changes.ts';

/** Where the next read can start from; taken before users are read, so that nothing falls between the two. */
export type StartingPoint = Pick<
  Checkpoint,
  'domainRoot' | 'server' | 'dsServiceName' | 'invocationId' | 'highestUsn' | 'cookies' | 'policy' | 'policies'
> & {
  /** objectGUIDs of the groups that fine-grained policies name, and of the groups within them. */
  readonly policyGroupIds: readonly string[];
};

/** Matches nothing: an id that no object has. A mark can be had without the objects. */
const nobody: LdapFilter = { kind: 'equal', attribute: 'objectGUID', value: Buffer.alloc(16) };

/**
 * Takes the marks of this moment: DirSync's when the whole domain is read and the server grants it, else the server's own number.
 * `null`: the server tells too little of itself to go on from.
 */
export async function takeStartingPoint(
  session: DirectorySession,
  root: RootEntry,
  bases: readonly string[],
): Promise<StartingPoint | null> {
  const { defaultBase: domainRoot, dsServiceName, highestUsn } = root;
  if (domainRoot === null || dsServiceName === null || highestUsn === null || !/^\d{1,20}$/.test(highestUsn)) return null;
  const [invocationId, policy, fineGrained] = await Promise.all([
    readInvocationId(session, dsServiceName),
    readDomainPolicy(session, domainRoot),
    readFineGrained(session, domainRoot),
  ]);
  if (invocationId === null) return null;
  const cookie = isWholeDomain(bases, domainRoot) ? await takeCookie(session, domainRoot) : null;
  return {
    domainRoot,
    server: session.server,
    dsServiceName,
    invocationId,
    highestUsn,
    cookies: cookie === null ? null : { people: cookie, structure: cookie },
    policy,
    ...fineGrained,
  };
}

/** DirSync's base is the root of the domain (MS-ADTS 3.1.1.3.4.1.3). */
function isWholeDomain(bases: readonly string[], domainRoot: string): boolean {
  return bases.some((base) => canonicalDn(base) === canonicalDn(domainRoot));
}

/** A refusal is an answer too: then the server's own number has to do. */
async function takeCookie(session: DirectorySession, domainRoot: string): Promise<string | null> {
  const found = await searchDirSync(session, { base: domainRoot, filter: nobody, attributes: ['objectGUID'] }, Buffer.alloc(0));
  return found.ok ? found.cookie.toString('base64') : null;
}

/** Which life of the controller's database this is: another one after it was restored (MS-ADTS 3.1.1.1.9). */
export async function readInvocationId(session: DirectorySession, dsServiceName: string): Promise<string | null> {
  const entry = await readQuietly(session, dsServiceName, ['invocationId']);
  const bytes = entry === null ? null : firstBytes(entry, 'invocationId');
  return bytes === null ? null : formatGuid(bytes);
}

/** The domain's password and lockout policy as one text. */
export async function readDomainPolicy(session: DirectorySession, domainRoot: string): Promise<string> {
  const entry = await readQuietly(session, domainRoot, domainPolicyAttributes);
  return JSON.stringify(entry === null ? [] : domainPolicyAttributes.map((name) => firstText(entry, name)));
}

/**
 * Whether fine-grained policies can be seen, and whom they name. By the schema administrators alone may read them, and what may not be
 * read looks as if there were none: so they count as visible when there is one to be seen.
 */
async function readFineGrained(session: DirectorySession, domainRoot: string): Promise<Pick<StartingPoint, 'policies' | 'policyGroupIds'>> {
  const base = `${policyContainer},${domainRoot}`;
  const hidden = { policies: 'hidden', policyGroupIds: [] } as const;
  if ((await readQuietly(session, base, ['1.1'])) === null) return hidden;
  let seen = 0;
  const named = new Set<string>();
  const words = {
    base,
    filter: { kind: 'equal', attribute: 'objectClass', value: 'msDS-PasswordSettings' },
    attributes: ['msDS-PSOAppliesTo'],
    pageSize: 500,
    what: 'the fine-grained password policies',
  } as const;
  const gap = await searchPages(session, words, {
    onEntry: (reader) => {
      seen += 1;
      for (const value of decodeEntry(reader).attributes.get('msds-psoappliesto') ?? []) named.add(value.toString('utf8'));
    },
  });
  if (gap !== null || seen === 0) return hidden;
  const ids = await Promise.all([...named].map((dn) => idsOf(session, dn, domainRoot)));
  return ids.includes(null) ? hidden : { policies: 'visible', policyGroupIds: ids.flatMap((some) => some ?? []) };
}

/** Of what a policy names, and of the groups within it, for whose members it holds too; `null`: they cannot all be told. */
async function idsOf(session: DirectorySession, dn: string, domainRoot: string): Promise<readonly string[] | null> {
  const entry = await readQuietly(session, dn, ['objectGUID', 'objectClass']);
  const id = entry === null ? null : groupId(entry);
  if (entry === null || id === null) return [];
  if (!classesOf(entry).includes('group')) return [id];
  const ids = [id];
  const within: LdapFilter = { kind: 'extensible', attribute: 'memberOf', rule: transitive, dnAttributes: false, value: dn };
  const filter: LdapFilter = { kind: 'and', parts: [{ kind: 'equal', attribute: 'objectClass', value: 'group' }, within] };
  const words = { base: domainRoot, filter, attributes: ['objectGUID'], pageSize: 500, what: `the groups within ${dn}` };
  const gap = await searchPages(session, words, {
    onEntry: (reader) => {
      const nested = groupId(decodeEntry(reader));
      if (nested !== null) ids.push(nested);
    },
  });
  return gap === null ? ids : null;
}

/** The entry, or `null` when it is not there or may not be read. A connection that ends is thrown. */
async function readQuietly(session: DirectorySession, base: string, attributes: readonly string[]): Promise<LdapEntry | null> {
  const found: LdapEntry[] = [];
  const result = await session.search(
    { base, scope: 'base', filter: anything, attributes },
    {
      onEntry: (reader) => {
        if (found.length === 0) found.push(decodeEntry(reader));
      },
    },
  );
  if (result.code === resultCodes.busy || result.code === resultCodes.unavailable) {
    const place = { directory: session.directory, server: session.server };
    throw new RollcallError('DIRECTORY_UNREACHABLE', `${session.server} (directory "${session.directory}") is busy`, { place });
  }
  return result.code === resultCodes.success ? (found[0] ?? null) : null;
}
