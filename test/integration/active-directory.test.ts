import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { accountStatus } from '../../core/active-directory/account-status.ts';
import type { AdStatus } from '../../core/model/directory-user.ts';
import { contractPeople, describeDirectorySource, failureOf, keepPhone, readAll } from '../contract/directory-source.contract.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { partFor } from './real-parts.ts';
import { type SambaAd, startSambaAd } from './samba-ad.ts';
import { administratorPassword, type DirectoryStep, sambaBase, serviceAccount } from './samba-directory.ts';
import {
  longAgo,
  passwordsSetAt,
  record,
  sampleDomain,
  sampleGroups,
  samplePasswords,
  sampleUnits,
  shortPolicyDays,
  specialUsers,
} from './sample-domain.ts';

const ordinary = 1500;
const day = 86_400_000;
const part = partFor('a real Active Directory', 'samba');

const contractUnit = `OU=Contract,${sambaBase}`;
/** More members than one answer holds. */
const everybodyGroup = `CN=Everybody,${contractUnit}`;

function contractStep(): DirectoryStep {
  const records = Object.entries(contractPeople).map(([sAMAccountName, { cn, ...attributes }]) =>
    record(`CN=${cn?.[0] ?? sAMAccountName},${contractUnit}`, {
      objectClass: 'user',
      sAMAccountName,
      userAccountControl: '512',
      ...attributes,
    }),
  );
  const everybody = Array.from({ length: ordinary }, (_, index) => `CN=Person ${index + 1},${sampleUnits.staff}`);
  const group = { objectClass: 'group', sAMAccountName: 'Everybody', member: [...everybody, specialUsers.seller, sampleGroups.innerTeam] };
  return { ldif: [record(contractUnit, { objectClass: 'organizationalUnit' }), ...records, record(everybodyGroup, group)].join('\n') };
}

const steps = [...sampleDomain(ordinary), contractStep()];

function configFor(server: SambaAd, transport: Transport, changes: Partial<ActiveDirectoryConfig> = {}): ActiveDirectoryConfig {
  return {
    name: 'corp',
    domain: 'corp.example.test',
    servers: [transport === 'LDAPS' ? server.ldapsUrl : server.url],
    bindDn: server.bindDn,
    password: server.password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: transport === 'StartTLS' ? 'starttls' : 'ldaps', caFile: server.caFile, serverName: '', pinSha256: '', verify: true },
    parsePhone: keepPhone,
    ...changes,
  };
}

type Transport = 'plain' | 'StartTLS' | 'LDAPS';
const transports: readonly Transport[] = ['plain', 'StartTLS', 'LDAPS'];

for (const transport of transports) {
  describeDirectorySource(
    `${part.title} over ${transport}`,
    async () => {
      const server = await startSambaAd({ steps });
      return {
        hasFilter: true,
        source: ({ filter = '' } = {}) => createActiveDirectorySource(configFor(server, transport, { filter })),
        close: () => server.stop(),
      };
    },
    part.isMissing,
  );
}

describe.skipIf(part.isMissing)(part.title, () => {
  let server: SambaAd;

  beforeAll(async () => {
    server = await startSambaAd({ steps });
  });
  afterAll(async () => {
    await server?.stop();
  });

  function read(changes: Partial<ActiveDirectoryConfig> = {}, transport: Transport = 'LDAPS') {
    return readAll(createActiveDirectorySource(configFor(server, transport, changes)));
  }

  function check(changes: Partial<ActiveDirectoryConfig> = {}, transport: Transport = 'LDAPS') {
    return createActiveDirectorySource(configFor(server, transport, changes)).check();
  }

  async function namesOf(changes: Partial<ActiveDirectoryConfig>): Promise<string[]> {
    const { entries } = await read(changes);
    return entries.map(({ person }) => person.samAccountName ?? '').toSorted();
  }

  const specialNames = Object.keys(specialUsers);
  const expectedCount = ordinary + specialNames.length + Object.keys(contractPeople).length + 1;

  describe('who is read', () => {
    it.each(transports)('C1 C2 reads every person once over %s, and nobody else', async (transport) => {
      const { proof, entries } = await read({}, transport);

      const names = entries.map(({ person }) => person.samAccountName ?? '');
      const ordinaryNames = Array.from({ length: ordinary }, (_, index) => `person${index + 1}`);
      expect(proof).toMatchObject({ complete: true, gaps: [], users: expectedCount, rejected: [], family: 'ad:corp.example.test' });
      expect(names.toSorted()).toEqual([...ordinaryNames, ...specialNames, ...Object.keys(contractPeople), 'svc-rollcall'].toSorted());
    });

    it.each(['Administrator', 'Guest', 'krbtgt', 'PC1$', 'gmsa1$', 'msa1$', 'dns-dc1'])('C2 leaves out %s', async (name) => {
      expect(await namesOf({ filter: `(|(sAMAccountName=${name})(sAMAccountName=seller))` })).toEqual(['seller']);
    });

    it('C2 leaves out contact objects', async () => {
      expect(await namesOf({ filter: '(sn=Outside)' })).toEqual([]);
    });

    it('E3 knows its own account by its id, whatever name it signs in with', async () => {
      for (const bindDn of [serviceAccount.dn, serviceAccount.userPrincipalName, 'CORP\\svc-rollcall']) {
        const { proof, byName } = await read({ bindDn, filter: '(|(sAMAccountName=svc-rollcall)(sAMAccountName=amy))' });

        expect(proof.ownAccountId).toBe(byName('svc-rollcall').immutableId);
      }
    });

    it('C1 counts the units and containers that it can read', async () => {
      const whole = await read({ filter: '(sAMAccountName=amy)' });
      const part = await read({ filter: '(sAMAccountName=amy)', searchBases: [sampleUnits.staff] });

      expect(part.proof.containers).toBe(2);
      expect(whole.proof.containers).toBeGreaterThan(part.proof.containers);
    });

    it('P7 reads 1,601 addresses of one user', async () => {
      const { byName } = await read({ filter: '(sAMAccountName=many-aliases)' });

      expect(byName('many-aliases').person.aliases).toHaveLength(1600);
    });

    it.each(['accented', 'cjk', 'comma', 'plus'] as const)('reads the name of %s as it is', async (name) => {
      const { byName } = await read({ filter: `(sAMAccountName=${name})` });

      const commonName = byName(name).dn.slice(3, byName(name).dn.indexOf(',OU='));
      const expected = specialUsers[name].slice(3, specialUsers[name].indexOf(',OU='));
      expect(commonName.replaceAll('\\', '')).toBe(expected.replaceAll('\\', ''));
    });

    it('C7 takes the primary address where there is no mail', async () => {
      const { byName } = await read({ filter: '(sAMAccountName=no-mail)' });

      expect(byName('no-mail').person).toMatchObject({ email: 'nils.primary@example.test', aliases: ['nils.second@example.test'] });
    });

    it('D1 keeps the id of a user who is renamed and moved', async () => {
      const filter = '(sAMAccountName=mover)';
      await server.addUsers(
        record(`CN=Mia Mover,${sampleUnits.staff}`, { objectClass: 'user', sAMAccountName: 'mover', userAccountControl: '512' }),
      );
      const before = await read({ filter });
      await server.addUsers(
        `dn: CN=Mia Mover,${sampleUnits.staff}\nchangetype: modrdn\nnewrdn: CN=Mia Married\ndeleteoldrdn: 1\nnewsuperior: ${sampleUnits.former}\n`,
      );
      const after = await read({ filter });
      await server.addUsers(`dn: CN=Mia Married,${sampleUnits.former}\nchangetype: delete\n`);

      expect(after.byName('mover').dn).toBe(`CN=Mia Married,${sampleUnits.former}`);
      expect(after.byName('mover').immutableId).toBe(before.byName('mover').immutableId);
    });
  });

  describe('account state', () => {
    beforeAll(async () => {
      // Really locked, by the domain's own policy: three wrong passwords.
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        await failureOf(check({ bindDn: 'lock-me@corp.example.test', password: `Wrong-${attempt}` }));
      }
    });

    const states: readonly (readonly [string, AdStatus])[] = [
      ['disabled', 'Disabled'],
      ['leaver', 'Disabled'],
      ['expired', 'Expired'],
      ['lock-me', 'Locked'],
      ['must-change', 'Must change password'],
      ['password-expired', 'Password expired'],
      ['never-expires', 'Enabled'],
      ['fine-grained', 'Enabled'],
      ['person1', 'Enabled'],
    ];

    it.each(states)('C3 finds that %s is: %s', async (name, status) => {
      const { byName } = await read({ filter: `(sAMAccountName=${name})` });

      expect(accountStatus(byName(name).account, Date.now())).toBe(status);
    });

    const expiries: readonly (readonly [string, unknown])[] = [
      ['person1', passwordsSetAt + 42 * day],
      ['fine-grained', passwordsSetAt + shortPolicyDays * day],
      ['fine-grained-group', passwordsSetAt + shortPolicyDays * day],
      ['password-expired', longAgo + 42 * day],
      ['never-expires', 'never'],
      ['must-change', 'at next logon'],
    ];

    it.each(expiries)('C6 finds when the password of %s expires', async (name, expiry) => {
      const { byName } = await read({ filter: `(sAMAccountName=${name})` });

      expect(byName(name).account.passwordExpires).toBe(expiry);
    });

    it('C5 knows when passwords were set, and that 0 means unknown', async () => {
      const { byName } = await read({ filter: '(|(sAMAccountName=person1)(sAMAccountName=must-change))' });

      expect(byName('person1').account.passwordLastSet).toBe(passwordsSetAt);
      expect(byName('must-change').account).toMatchObject({ passwordLastSet: null, mustChangePassword: true });
    });

    it('C4 reads the last logon and states its accuracy', async () => {
      const { byName } = await read({ filter: '(|(sAMAccountName=person7)(sAMAccountName=seller))' });

      expect(byName('person7').account).toMatchObject({ lastLogon: passwordsSetAt + 7000, lastLogonAccuracy: 'within 14 days' });
      expect(byName('seller').account.lastLogon).toBe('never');
    });

    it('C3 accountExpires reaches the day', async () => {
      const { byName } = await read({ filter: '(|(sAMAccountName=expired)(sAMAccountName=person1))' });

      expect(byName('expired').account.expires).toBe(longAgo);
      expect(byName('person1').account.expires).toBe('never');
    });
  });

  describe('scope', () => {
    const { allStaff, salesTeam, innerTeam, empty } = sampleGroups;
    const team = ['comma', 'never-expires', 'seller'];

    it('reads below the search bases only, and nothing twice where they overlap', async () => {
      expect(await namesOf({ searchBases: [sampleUnits.sales] })).toEqual(['seller']);
      expect(await namesOf({ searchBases: [sampleUnits.sales, sampleUnits.former] })).toEqual(['leaver', 'seller']);
      const overlapping = await namesOf({
        searchBases: [sampleUnits.sales, sampleUnits.staff, sampleUnits.sales.toLowerCase()],
        filter: '(sn=Seller)',
      });
      expect(overlapping).toEqual(['seller']);
    });

    it('leaves out excluded OUs with all below them', async () => {
      const names = await namesOf({ excludeOus: [sampleUnits.staff] });

      expect(names).toEqual([...Object.keys(contractPeople), 'leaver', 'svc-rollcall'].toSorted());
    });

    it('counts what it leaves out, by reason', async () => {
      const { proof } = await read({ excludeOus: [sampleUnits.sales.toUpperCase()] });

      expect(proof.users).toBe(expectedCount - 1);
      expect(Object.values(proof.leftOut).reduce((sum, count) => sum + count, 0)).toBe(1);
    });

    it.each([
      ['a group whose nested groups lead back to it', [allStaff], team],
      ['a group in the middle of the circle', [innerTeam], team],
      ['several groups', [salesTeam, sampleGroups.policy], [...team, 'fine-grained-group'].toSorted()],
      ['an empty group', [empty], []],
    ])('includes the members of %s', async (_, includeGroups, expected) => {
      expect(await namesOf({ includeGroups })).toEqual(expected);
    });

    it('includes everybody whose primary group it is', async () => {
      const { proof } = await read({ includeGroups: [`CN=Domain Users,CN=Users,${sambaBase}`] });

      expect(proof.users).toBe(expectedCount);
    });

    it('excludes the members of groups, nested ones too', async () => {
      const names = await namesOf({ excludeGroups: [allStaff], filter: '(|(sn=Seller)(sn=Never)(sn=Quill)(sn=Leaver))' });

      // The contract's own Quill is in no group.
      expect(names).toEqual(['leaver', 'quill']);
    });

    it('E10 tells who is in the groups that rules name: nested, in circles, by primary group, more than an answer holds', async () => {
      const watchedGroups = [allStaff, empty, everybodyGroup, `CN=Domain Users,CN=Users,${sambaBase}`];
      const { proof, entries, byName } = await read({ watchedGroups });
      const [staff = '', , everybody = '', domainUsers = ''] = watchedGroups.map((dn) => dn.toLowerCase());
      const inGroup = (key: string) => entries.filter(({ groups }) => groups?.includes(key) === true);

      expect(proof).toMatchObject({ complete: true, users: expectedCount, groups: watchedGroups.map((dn) => dn.toLowerCase()).sort() });
      expect(
        inGroup(staff)
          .map(({ person }) => person.samAccountName ?? '')
          .toSorted(),
      ).toEqual(team);
      // All of the circle are below it: its middle leads to the group that everybody of the team is in.
      expect(inGroup(everybody)).toHaveLength(ordinary + team.length);
      expect(inGroup(domainUsers)).toHaveLength(expectedCount);
      expect(byName('seller').groups).toEqual([everybody, domainUsers, staff].toSorted());
      expect(byName('leaver').groups).toEqual([domainUsers]);
    });

    it('E10 C1 refuses a group that is not there, and does not take groups for a part of the scope', async () => {
      const narrow = { filter: '(sAMAccountName=amy)' };

      expect((await failureOf(read({ ...narrow, watchedGroups: [`CN=Nobody,${sambaBase}`] }))).code).toBe('DIRECTORY_BASE_NOT_FOUND');
      expect((await read({ ...narrow, watchedGroups: [allStaff] })).proof.scopeKey).toBe((await read(narrow)).proof.scopeKey);
    });

    it('narrows by the operator’s filter', async () => {
      expect(await namesOf({ filter: '(&(givenName=S*)(!(sn=Nobody))(sAMAccountName=seller))' })).toEqual(['seller']);
      expect(await namesOf({ filter: '(userAccountControl:1.2.840.113556.1.4.803:=2)' })).toEqual(['disabled', 'dora', 'leaver']);
      expect(await namesOf({ filter: '(sn=Świątek-Łoś)' })).toEqual(['accented']);
    });

    it('C1 gives each scope its own key', async () => {
      const narrow = '(sAMAccountName=amy)';
      const scopes: Partial<ActiveDirectoryConfig>[] = [
        { filter: narrow },
        { filter: '(sAMAccountName=zoe)' },
        { filter: narrow, searchBases: [sampleUnits.staff] },
        { filter: narrow, excludeOus: [sampleUnits.sales] },
        { filter: narrow, excludeGroups: [allStaff] },
        { filter: narrow, includeGroups: [allStaff] },
        { filter: narrow, bindDn: 'Administrator@corp.example.test', password: administratorPassword },
      ];

      const keys: string[] = [];
      for (const scope of scopes) keys.push((await read(scope)).proof.scopeKey);

      expect(new Set(keys).size).toBe(scopes.length);
      expect((await read({ filter: narrow, servers: [server.url] }, 'plain')).proof.scopeKey).toBe(keys[0]);
    });

    it.each([
      ['search base', { searchBases: [`OU=Nowhere,${sambaBase}`] }, 'DIRECTORY_BASE_NOT_FOUND'],
      ['search base of another domain', { searchBases: ['DC=other,DC=example,DC=test'] }, 'DIRECTORY_REFERRAL'],
      ['search base that is no DN', { searchBases: ['Staff'] }, 'DIRECTORY_BASE_NOT_FOUND'],
      ['group', { includeGroups: [`CN=Nobody,${sambaBase}`] }, 'DIRECTORY_BASE_NOT_FOUND'],
      ['filter', { filter: '(sn=' }, 'DIRECTORY_FILTER_INVALID'],
    ])('refuses a %s that is wrong', async (_, changes, code) => {
      expect((await failureOf(read(changes))).code).toBe(code);
    });
  });

  describe('signing in', () => {
    const refused: readonly (readonly [string, string, string, RegExp])[] = [
      ['a wrong password', 'seller@corp.example.test', 'Wrong-Password-1', /password/],
      ['nobody', 'nobody@corp.example.test', 'Sample-Nobody-1', /password|no such user/],
      ['a disabled account', 'disabled@corp.example.test', samplePasswords.disabled, /disabled/],
      ['an expired account', 'expired@corp.example.test', samplePasswords.expired, /expired/],
      ['an account that must change its password', 'must-change@corp.example.test', samplePasswords.mustChange, /must be changed/],
      ['an account whose password expired', 'password-expired@corp.example.test', samplePasswords.passwordExpired, /password has expired/],
    ];

    it.each(refused)('says in words why it refuses %s', async (_, bindDn, password, words) => {
      const error = await failureOf(check({ bindDn, password }));

      expect(error.code).toBe('DIRECTORY_BIND_REJECTED');
      expect(error.message).toMatch(words);
      expect(error.message).not.toContain(password);
    });

    it('says that an account is locked out', async () => {
      await server.addUsers(
        record(`CN=Lena Locked,${sampleUnits.staff}`, { objectClass: 'user', sAMAccountName: 'lena', userAccountControl: '512' }),
      );
      const credentials = { bindDn: 'lena@corp.example.test', password: 'Wrong-Password-1' };

      const messages: string[] = [];
      for (let attempt = 1; attempt <= 5; attempt += 1) messages.push((await failureOf(check(credentials))).message);
      await server.addUsers(`dn: CN=Lena Locked,${sampleUnits.staff}\nchangetype: delete\n`);

      expect(messages.at(-1)).toMatch(/locked/);
    });

    it('says that the server requires encryption, and reads by StartTLS there', async () => {
      await using strict = await startSambaAd({ steps, clearTextBinds: false });

      const error = await failureOf(createActiveDirectorySource(configFor(strict, 'plain')).check());
      const { proof } = await readAll(createActiveDirectorySource(configFor(strict, 'StartTLS', { filter: '(sn=Sample)' })));

      expect(error.code).toBe('DIRECTORY_SIGNING_REQUIRED');
      expect(proof.complete).toBe(true);
    });
  });

  describe('trust', () => {
    const transportsWithTls: readonly Transport[] = ['StartTLS', 'LDAPS'];

    it.each(transportsWithTls)('accepts the pinned certificate, and no other pin, over %s', async (transport) => {
      const tls = configFor(server, transport).tls;
      const pinned = await check({ tls: { ...tls, caFile: '', pinSha256: server.certificateSha256 } }, transport);
      const other = await failureOf(check({ tls: { ...tls, caFile: '', pinSha256: 'ab'.repeat(32) } }, transport));
      const unknown = await failureOf(check({ tls: { ...tls, caFile: '' } }, transport));

      expect(pinned.server).not.toBe('');
      expect(other.code).toBe('DIRECTORY_TLS_PIN_MISMATCH');
      expect(unknown.code).toBe('DIRECTORY_TLS_UNTRUSTED');
    });

    it.each([
      ['wrongName', 'DIRECTORY_TLS_NAME_MISMATCH'],
      ['expired', 'DIRECTORY_TLS_EXPIRED'],
      ['selfSigned', 'DIRECTORY_TLS_UNTRUSTED'],
    ] as const)('refuses a domain controller with a certificate that is %s', async (kind, code) => {
      const certificates = makeTestCertificates();
      try {
        await using other = await startSambaAd({ steps, certificate: { ...certificates[kind], caFile: certificates.caFile } });

        for (const transport of transportsWithTls) {
          expect((await failureOf(createActiveDirectorySource(configFor(other, transport)).check())).code).toBe(code);
        }
      } finally {
        certificates.remove();
      }
    });

    it('tells what it found when it is checked', async () => {
      const { facts } = await check();

      expect(JSON.stringify(facts)).toMatch(/corp\.example\.test/i);
    });
  });

  it('goes to the next domain controller when the first is gone', async () => {
    const first = await startSambaAd({ steps });
    const gone = first.ldapsUrl;
    await first.stop();

    const { proof } = await read({ servers: [gone, server.ldapsUrl], filter: '(sn=Sample)' });

    expect(proof).toMatchObject({ complete: true, server: server.ldapsUrl });
  });
});
