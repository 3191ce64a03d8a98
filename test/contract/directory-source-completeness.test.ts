import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import { type Fault } from '../sandbox/ldap/faults.ts';
import { sampleBase, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { failureOf } from './directory-source.contract.ts';
import { readInTime, sampleConfig, unprovenWords, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();

describe('C1 the proven end', () => {
  it('P1 goes on after an empty page with a cookie', async () => {
    const server = await start(25, { faults: [{ at: 'search', page: 2, times: 1, does: 'empty-page' }] });

    const { proof, entries } = await readInTime(server);

    expect(proof).toMatchObject({ complete: true, gaps: [] });
    expect(entries).toHaveLength(26);
  });

  it('P1 goes on after an empty first page', async () => {
    const server = await start(25, { faults: [{ at: 'search', page: 1, times: 1, does: 'empty-page' }] });

    const { proof, entries } = await readInTime(server);

    expect(proof.complete).toBe(true);
    expect(entries).toHaveLength(26);
  });

  it.each([1, 9, 10, 11, 20, 26, 40])('reads 26 users whole with pages of %d', async (pageSize) => {
    const server = await start(25);

    const { proof, entries } = await readInTime(server, { pageSize });

    expect(proof).toMatchObject({ complete: true, users: 26 });
    expect(new Set(entries.map((entry) => entry.immutableId)).size).toBe(26);
  });

  const unproven: readonly (readonly [string, Fault])[] = [
    ['P11 a size limit on the first page', { at: 'search', page: 1, does: { result: { code: 4 }, entries: true } }],
    ['P11 a size limit on a later page', { at: 'search', page: 2, does: { result: { code: 4 }, entries: true } }],
    ['P12 a time limit', { at: 'search', page: 2, does: { result: { code: 3 }, entries: true } }],
    ['an administrative limit', { at: 'search', page: 3, does: { result: { code: 11 }, entries: true } }],
    ['a limit with a cookie left over', { at: 'search', page: 2, does: { result: { code: 11 }, entries: true, cookie: true } }],
    [
      'a cookie that is refused',
      {
        at: 'search',
        page: 2,
        does: { result: { code: 12, message: '00000057: LdapErr: DSID-0C0907E1, comment: Error processing control' } },
      },
    ],
    ['a cookie that is refused as unwilling', { at: 'search', page: 2, does: { result: { code: 53 } } }],
    ['an answer without the paging control', { at: 'search', page: 2, does: 'no-control' }],
    ['a page that repeats for ever', { at: 'search', does: 'repeat-page' }],
    ['empty pages for ever', { at: 'search', does: 'empty-page' }],
    ['an operations error', { at: 'search', page: 2, does: { result: { code: 1 } } }],
  ];

  it.each(unproven)('is not proven by %s', async (_, fault) => {
    const server = await start(25, { faults: [fault] });
    const deadlines = { connectMs: 900, handshakeMs: 900, requestMs: 1800, idleMs: 900, readMs: 3000 };

    const words = await unprovenWords(readInTime(server, { deadlines }), [
      'DIRECTORY_INCOMPLETE',
      'DIRECTORY_TIMEOUT',
      'DIRECTORY_PROTOCOL',
    ]);

    expect(words).toMatch(/^incomplete: ./);
  });

  it('counts no user twice when a page repeats', async () => {
    const server = await start(25, { faults: [{ at: 'search', page: 1, times: 1, does: 'repeat-page' }] });
    const seen: string[] = [];

    await createActiveDirectorySource(sampleConfig([server.url], { pageSize: 10 }))
      .read({ onPage: (page) => void seen.push(...page.map((entry) => entry.immutableId)), onRestart: () => undefined }, firstReadRequest)
      .catch(() => undefined);

    expect(new Set(seen).size).toBe(seen.length);
  });

  it('C1 is not proven when a value range stays unread', async () => {
    const proxyAddresses = Array.from({ length: 3200 }, (_, index) => `smtp:alias${index}@example.test`);
    const server = await start([userEntry(1, { proxyAddresses })], {
      faults: [{ at: 'search', of: 'range', does: { result: { code: 1 } } }],
    });

    const words = await unprovenWords(readInTime(server));

    expect(words).toMatch(/^incomplete: ./);
  });

  it('P7 reads value ranges to their end', async () => {
    const proxyAddresses = ['SMTP:user1@example.test', ...Array.from({ length: 3200 }, (_, index) => `smtp:alias${index}@example.test`)];
    const server = await start([userEntry(1, { proxyAddresses }), userEntry(2)]);

    const { proof, byName } = await readInTime(server);

    expect(proof.complete).toBe(true);
    expect(byName('user1').person.aliases).toHaveLength(3200);
    expect(byName('user2').person.aliases).toHaveLength(1);
  });

  it('goes on through any number of pages of which all users are left out', async () => {
    const excluded = Array.from({ length: 1100 }, (_, index) => userEntry(index + 1, {}, `OU=Former Staff,${sampleBase}`));
    const server = await start([...excluded, userEntry(5000)]);

    const { proof } = await readInTime(server, { pageSize: 1, excludeOus: [`OU=Former Staff,${sampleBase}`], deadlines: {} });

    expect(proof).toMatchObject({ complete: true, users: 2 });
  });

  it('does not believe a domain controller that has not received its domain yet', async () => {
    const entries = sampleDirectory([userEntry(1)]).map((entry) =>
      entry.dn === '' ? { ...entry, attributes: { ...entry.attributes, isSynchronized: ['FALSE'] } } : entry,
    );
    const server = await start([], { entries });

    expect(await unprovenWords(readInTime(server))).toMatch(/^incomplete: ./);
  });

  it('P10 passes over references to other domains', async () => {
    const server = await start(25, { faults: [{ at: 'search', does: 'references' }] });

    const { proof, entries } = await readInTime(server);

    expect(proof.complete).toBe(true);
    expect(entries).toHaveLength(26);
  });

  const elsewhere = 'OU=Staff,DC=other,DC=example,DC=test';

  it.each([
    ['a base', { searchBases: [elsewhere] }],
    ['an OU to exclude', { excludeOus: [elsewhere] }],
    ['a group to include', { includeGroups: [elsewhere] }],
    ['a group to exclude', { excludeGroups: [elsewhere] }],
  ])('P10 says that %s belongs to another domain', async (_, changes) => {
    const server = await start(1);

    const error = await failureOf(readInTime(server, changes));

    expect(error.code).toBe('DIRECTORY_REFERRAL');
    expect(error.message).toContain('belongs to other.example.test');
  });

  it('P10 says in a check that a base belongs to another domain, and asks no other server', async () => {
    const servers = [await start(1), await start(1)] as const;
    const config = sampleConfig(
      servers.map(({ url }) => url),
      { searchBases: [elsewhere] },
    );

    const error = await failureOf(createActiveDirectorySource(config).check());

    expect(error.code).toBe('DIRECTORY_REFERRAL');
    expect(error.message).toContain('belongs to other.example.test');
    expect(servers[1].connections.accepted).toBe(0);
  });

  it('P10 says what a server refers to when it is asked for a base alone', async () => {
    const referrals = ['ldap://child.corp.example.test/DC=child,DC=corp,DC=example,DC=test'];
    const server = await start(1, { faults: [{ at: 'search', of: 'entry', does: { result: { code: 10, message: '', referrals } } }] });
    const config = sampleConfig([server.url], { searchBases: [`OU=Staff,DC=child,${sampleBase}`] });

    const error = await failureOf(createActiveDirectorySource(config).check());

    expect(error.code).toBe('DIRECTORY_REFERRAL');
    expect(error.message).toContain('belongs to child.corp.example.test');
  });

  it('P10 says that a child domain has taken over a part of the base', async () => {
    const referrals = ['ldap://child.corp.example.test/OU=Staff,DC=child,DC=corp,DC=example,DC=test'];
    const server = await start(1, { faults: [{ at: 'search', does: { result: { code: 10, message: '', referrals } } }] });

    const error = await failureOf(readInTime(server));

    expect(error.code).toBe('DIRECTORY_REFERRAL');
    expect(error.message).toContain('belongs to child.corp.example.test');
  });

  it.each([
    ['a search base', { searchBases: [`OU=Nowhere,${sampleBase}`] }],
    ['one of two search bases', { searchBases: [`OU=Staff,${sampleBase}`, `OU=Nowhere,${sampleBase}`] }],
    ['a group to include', { includeGroups: [`CN=Nobody,${sampleBase}`] }],
    ['a group to exclude', { excludeGroups: [`CN=Nobody,${sampleBase}`] }],
    ['an OU to exclude', { excludeOus: [`OU=Nowhere,${sampleBase}`] }],
  ])('refuses %s that does not exist', async (_, changes) => {
    const server = await start(1);

    const error = await failureOf(readInTime(server, changes));

    expect(error.code).toBe('DIRECTORY_BASE_NOT_FOUND');
  });

  it('says that rights are missing', async () => {
    const server = await start(1, {
      faults: [{ at: 'search', does: { result: { code: 50, message: '00002098: SecErr: DSID-03150F94' } } }],
    });

    expect((await failureOf(readInTime(server))).code).toBe('DIRECTORY_RIGHTS');
  });

  it('refuses an operator filter that is no filter before it connects', async () => {
    const server = await start(1);

    const error = await failureOf(readInTime(server, { filter: '(&(sn=Sample)' }));

    expect(error.code).toBe('DIRECTORY_FILTER_INVALID');
    expect(server.connections.accepted).toBe(0);
  });
});
