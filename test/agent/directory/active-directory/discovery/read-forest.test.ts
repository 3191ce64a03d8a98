import { afterEach, describe, expect, it } from 'vitest';
import { withDirectorySession } from '../../../../../agent/directory/active-directory/active-directory-source.ts';
import { type Forest, readForest, siteOfServer } from '../../../../../agent/directory/active-directory/discovery/read-forest.ts';
import { failureOf } from '../../../../contract/directory-source.contract.ts';
import { sampleConfig, startSample } from '../../../../contract/directory-source.subjects.ts';
import type { LdapEntry } from '../../../../sandbox/ldap/entry.ts';
import { plainEntry, sampleBase } from '../../../../sandbox/ldap/sample-directory.ts';
import type { LdapStandIn, LdapStandInOptions } from '../../../../sandbox/ldap/server.ts';

const base = `CN=Sites,CN=Configuration,${sampleBase}`;
const running: LdapStandIn[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function forestOf(objects: readonly LdapEntry[], options: Partial<LdapStandInOptions> = {}): Promise<Forest | null> {
  const server = await startSample([plainEntry(base, ['sitesContainer']), ...objects], options);
  running.push(server);
  return await withDirectorySession(sampleConfig([server.url]), readForest);
}

function controller(name: string, site: string, isAlive = true): readonly LdapEntry[] {
  const dn = `CN=${name},CN=Servers,CN=${site},${base}`;
  const attributes = {
    cn: name,
    dNSHostName: `${name}.Corp.Example.Test`,
    serverReference: `CN=${name},OU=Domain Controllers,${sampleBase}`,
  };
  const settings = plainEntry(`CN=NTDS Settings,${dn}`, ['applicationSettings', 'nTDSDSA'], { cn: 'NTDS Settings' });
  return [plainEntry(dn, ['server'], attributes), ...(isAlive ? [settings] : [])];
}

describe('the sites of a forest', () => {
  it('come with their subnets and those controllers that still are some', async () => {
    const forest = await forestOf([
      plainEntry(`CN=Rome,${base}`, ['site'], { cn: 'Rome' }),
      plainEntry(`CN=Berlin\\, North,${base}`, ['site'], { cn: 'Berlin, North' }),
      plainEntry(`CN=10.20.0.0/16,CN=Subnets,${base}`, ['subnet'], { cn: '10.20.0.0/16', siteObject: `CN=Berlin\\, North,${base}` }),
      plainEntry(`CN=10.30.0.0/16,CN=Subnets,${base}`, ['subnet'], { cn: '10.30.0.0/16' }),
      ...controller('DC1', 'Rome'),
      ...controller('DC2', 'Rome', false),
      plainEntry(`CN=DC3,CN=Servers,CN=Rome,${base}`, ['server'], { cn: 'DC3' }),
    ]);

    expect(forest).toEqual({
      sites: ['Berlin, North', 'Rome'],
      subnets: [
        { name: '10.20.0.0/16', site: 'Berlin, North' },
        { name: '10.30.0.0/16', site: null },
      ],
      controllers: [{ host: 'dc1.corp.example.test', site: 'Rome', domain: 'corp.example.test' }],
      serverSite: 'Default-First-Site-Name',
      gap: null,
    });
  });

  it('come whole from a forest of many subnets', async () => {
    const subnets = Array.from({ length: 2500 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    const forest = await forestOf(
      subnets.map((cn) => plainEntry(`CN=${cn},CN=Subnets,${base}`, ['subnet'], { cn, siteObject: `CN=Rome,${base}` })),
    );

    expect(forest?.subnets).toHaveLength(2500);
  });

  it('say so when a limit cut them off', async () => {
    const forest = await forestOf([], {
      faults: [{ at: 'search', of: 'other', does: { result: { code: 4, message: '' }, entries: true } }],
    });

    expect(forest?.gap).toContain('size limit');
  });

  it('fail when they may not be read', async () => {
    const refused = forestOf([], { faults: [{ at: 'search', of: 'other', does: { result: { code: 50, message: '' } } }] });

    expect((await failureOf(refused)).code).toBe('DIRECTORY_RIGHTS');
  });
});

describe('the site in the name of a server', () => {
  it.each([
    [`CN=DC1,CN=Servers,CN=Berlin,${base}`, 'Berlin'],
    [`CN=NTDS Settings,CN=DC1,CN=Servers,CN=Berlin\\, North,${base}`, 'Berlin, North'],
    [`CN=Servers,CN=Servers,CN=Servers,${base}`, null],
    [`CN=DC1,OU=Domain Controllers,${sampleBase}`, null],
    [`CN=Servers,CN=Berlin,${base}`, null],
    ['', null],
    ['nonsense', null],
    [null, null],
  ])('of %s is %s', (dn, site) => {
    expect(siteOfServer(dn)).toBe(site);
  });
});
