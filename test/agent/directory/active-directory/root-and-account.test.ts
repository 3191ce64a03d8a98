import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../../../agent/directory/active-directory/active-directory-source.ts';
import { firstReadRequest } from '../../../../core/collect/first-read.ts';
import type { DirectoryCheck, ReadProof } from '../../../../core/ports/directory-source.ts';
import type { LdapEntry } from '../../../sandbox/ldap/entry.ts';
import { sampleAccount, sampleBase, sampleDirectory, sampleGuidText, userEntry } from '../../../sandbox/ldap/sample-directory.ts';
import { startLdapStandIn } from '../../../sandbox/ldap/server.ts';

interface World {
  /** Attributes that replace those of the root; an empty list takes one away. */
  readonly root?: Readonly<Record<string, readonly string[]>>;
  readonly users?: readonly LdapEntry[];
  /** What the server says who signed in. */
  readonly identity?: string;
  readonly bindDn?: string;
}

async function inWorld<Value>(
  { root = {}, users = [userEntry(1)], identity = 'CORP\\svc-rollcall', bindDn = 'svc-rollcall@corp.example.test' }: World,
  use: (source: ReturnType<typeof createActiveDirectorySource>) => Promise<Value>,
): Promise<Value> {
  const entries = sampleDirectory(users).map((entry) =>
    entry.dn === '' ? { ...entry, attributes: { ...entry.attributes, ...root } } : entry,
  );
  await using server = await startLdapStandIn({ entries, accounts: [{ ...sampleAccount, identity }] });
  const source = createActiveDirectorySource({
    name: 'corp',
    domain: 'corp.example.test',
    servers: [server.url],
    bindDn,
    password: sampleAccount.password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
    parsePhone: (raw) => ({ raw, e164: null, extension: null }),
  });
  return await use(source);
}

function read(world: World): Promise<ReadProof> {
  return inWorld(
    world,
    async (source) => (await source.read({ onPage: () => undefined, onRestart: () => undefined }, firstReadRequest)).proof,
  );
}

function check(world: World): Promise<DirectoryCheck> {
  return inWorld(world, (source) => source.check());
}

describe('what a server says about itself', () => {
  it('D1 is known by the forest, whichever of its domains is read', async () => {
    expect((await read({ root: { rootDomainNamingContext: ['DC=Forest,DC=example,DC=test'] } })).family).toBe('ad:forest.example.test');
  });

  it('C1 reads nothing from a domain controller that has not received the whole domain yet', async () => {
    await expect(read({ root: { isSynchronized: ['FALSE'] } })).rejects.toMatchObject({ code: 'DIRECTORY_INCOMPLETE' });
    await expect(check({ root: { isSynchronized: ['FALSE'] } })).rejects.toMatchObject({ code: 'DIRECTORY_INCOMPLETE' });
  });

  it('says when it is no Active Directory', async () => {
    await expect(check({ root: { rootDomainNamingContext: [] } })).rejects.toMatchObject({ code: 'DIRECTORY_PROTOCOL' });
  });

  it('asks for search bases when there is no root to read', async () => {
    await expect(read({ root: { defaultNamingContext: [], namingContexts: [] } })).rejects.toMatchObject({
      code: 'DIRECTORY_BASE_NOT_FOUND',
    });
  });

  it.each([
    [0, 'agrees with the server'],
    [3600, "the server's is 3600 s ahead"],
    [-3600, "the server's is 3600 s behind"],
  ])('shows how far the clocks are apart: %i s', async (seconds, words) => {
    const time = new Date(Date.now() + seconds * 1000).toISOString().replace(/[-:T]/g, '').replace(/\..*/, '.0Z');

    const { facts } = await check({ root: { currentTime: [time] } });

    // The two clocks are read one after the other.
    expect(facts['clock']?.replaceAll('3599', '3600').replaceAll('3601', '3600')).toBe(words);
  });

  it('shows whether users can be read, and their state', async () => {
    expect((await check({})).facts).toMatchObject({ users: 'readable', domain: 'corp.example.test', encryption: 'none (loopback)' });
  });
});

describe('the account that reads', () => {
  const own = (principal: string) =>
    userEntry(7, { sAMAccountName: 'reader', 'msDS-PrincipalName': principal, userPrincipalName: 'reader@corp.example.test' });

  it.each([
    ['by the name the server gives', 'CORP\\reader', 'CORP\\reader', sampleGuidText(7)],
    ['not when another domain has one of that name', 'OTHER\\reader', 'CORP\\reader', null],
    ['by userPrincipalName', 'reader@corp.example.test', 'CORP\\reader', sampleGuidText(7)],
    ['not when it is nowhere', 'CORP\\nobody', 'CORP\\reader', null],
  ])('E3 is known %s', async (_, identity, principal, expected) => {
    expect((await read({ users: [own(principal)], identity })).ownAccountId).toBe(expected);
  });

  it('E3 is known by its DN', async () => {
    const dn = `CN=User 7,OU=Staff,${sampleBase}`;

    expect((await read({ users: [own('CORP\\reader')], identity: dn })).ownAccountId).toBe(sampleGuidText(7));
  });

  it('E3 is not guessed when two answer to the name', async () => {
    const users = [own('CORP\\reader'), userEntry(8, { sAMAccountName: 'reader' })];

    expect((await read({ users, identity: 'CORP\\reader' })).ownAccountId).toBeNull();
  });
});
