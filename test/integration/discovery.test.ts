import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource, withDirectorySession } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { findDomainControllers } from '../../agent/directory/active-directory/discovery/find-domain-controllers.ts';
import { readForest } from '../../agent/directory/active-directory/discovery/read-forest.ts';
import { passingMemory } from '../../agent/directory/active-directory/discovery/remembered.ts';
import type { SourceMemory } from '../../core/ports/directory-source.ts';
import { failureOf, keepPhone, readAll } from '../contract/directory-source.contract.ts';
import { partFor } from './real-parts.ts';
import { type SambaDc, type SambaForest, startSambaForest } from './samba-forest.ts';
import { record } from './sample-domain.ts';

const part = partFor('finding the controllers of a Samba forest', 'samba');
const staff = 'OU=Staff,DC=corp,DC=example,DC=test';
const steps = [
  {
    ldif: [
      record(staff, { objectClass: 'organizationalUnit' }),
      record(`CN=amy,${staff}`, { objectClass: 'user', sAMAccountName: 'amy', userAccountControl: '512' }),
    ].join('\n'),
  },
];

describe.skipIf(part.isMissing)(part.title, () => {
  let forest: SambaForest;
  let first: SambaDc;
  let branch: SambaDc;

  beforeAll(async () => {
    // DNS prefers the first; the place of the tests is in the site of the second.
    forest = await startSambaForest({ steps, dns: { dc1: { priority: 0, weight: 100 }, dc2: { priority: 10, weight: 100 } } });
    [first, branch] = forest.dcs as [SambaDc, SambaDc];
  });
  afterAll(async () => {
    await forest?.stop();
  });

  function config(changes: Partial<ActiveDirectoryConfig> = {}): ActiveDirectoryConfig {
    return {
      name: 'corp',
      domain: forest.domain,
      servers: [],
      dnsServers: forest.dnsServers,
      subnets: ['127.0.0.0/8'],
      bindDn: forest.bindDn,
      password: forest.password,
      searchBases: [],
      filter: '',
      excludeOus: [],
      includeGroups: [],
      excludeGroups: [],
      tls: { mode: 'ldaps', caFile: forest.caFile, serverName: '', pinSha256: '', verify: true },
      parsePhone: keepPhone,
      ...changes,
    };
  }

  function read(memory: SourceMemory, changes: Partial<ActiveDirectoryConfig> = {}) {
    return readAll(createActiveDirectorySource(config(changes)), { request: { memory } });
  }

  it('goes by DNS to the controller of the own site, by its name, and keeps to it', async () => {
    const memory = passingMemory();

    const { proof } = await read(memory);
    const { controllers } = await findDomainControllers(config(), memory);

    expect(proof).toMatchObject({ complete: true, server: `ldaps://${branch.hostName}`, site: 'Branch', family: 'ad:corp.example.test' });
    expect(memory.value).toMatchObject({ site: 'Branch', siteWhy: '127.0.0.0/8 is in the subnet 127.0.0.0/8 of the site Branch' });
    expect(controllers.map(({ host, fromSite }) => [host, fromSite])).toEqual([
      [branch.hostName, true],
      [first.hostName, false],
    ]);
  });

  it('goes by StartTLS at the port of the record too', async () => {
    const tls = { ...config().tls, mode: 'starttls' } as const;

    expect((await read(passingMemory(), { tls })).proof.server).toBe(`ldap://${branch.hostName}`);
  });

  it('stays at DNS’s first choice where no subnet of the forest fits', async () => {
    const memory = passingMemory();

    expect((await read(memory, { subnets: ['172.16.0.0/24'] })).proof.server).toBe(`ldaps://${first.hostName}`);
    expect(memory.value).toMatchObject({ site: null, siteWhy: expect.stringContaining('172.16.0.0/24') });
  });

  it('reads the forest’s own list of sites, subnets and controllers', async () => {
    expect(await withDirectorySession(config(), readForest)).toMatchObject({
      sites: ['Branch', 'Default-First-Site-Name', 'Depot'],
      controllers: [
        { host: first.hostName, site: 'Default-First-Site-Name', domain: forest.domain },
        { host: branch.hostName, site: 'Branch', domain: forest.domain },
      ],
      serverSite: 'Branch',
      gap: null,
    });
  });

  it.each([
    ['a base', { searchBases: ['OU=Staff,DC=other,DC=example,DC=test'] }],
    ['an OU to exclude', { excludeOus: ['OU=Staff,DC=other,DC=example,DC=test'] }],
    ['a group', { includeGroups: ['CN=All,DC=other,DC=example,DC=test'] }],
  ])('says which domain %s belongs to', async (_, changes) => {
    const error = await failureOf(read(passingMemory(), changes));

    expect(error.code).toBe('DIRECTORY_REFERRAL');
    expect(error.message).toContain('belongs to other.example.test');
  });

  it('says that DNS knows no controller of a domain', async () => {
    const error = await failureOf(read(passingMemory(), { domain: 'nowhere.corp.example.test' }));

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
    expect(error.message).toContain('_ldap._tcp.dc._msdcs.nowhere.corp.example.test (SRV)');
  });

  it('reads another one while the nearest is down, and tries that last until it has rested', async () => {
    const memory = passingMemory();
    await read(memory);
    await branch.stop();

    const { proof } = await read(memory);
    expect(proof.server).toBe(`ldaps://${first.hostName}`);
    expect(memory.value).toMatchObject({ servers: { [`ldaps://${branch.hostName}`]: { failures: 1 } } });

    await branch.start();
    expect((await read(memory)).proof.server).toBe(`ldaps://${first.hostName}`);
    await memory.keep({ ...memory.value, servers: {} });
    expect((await read(memory)).proof.server).toBe(`ldaps://${branch.hostName}`);
  });
});
