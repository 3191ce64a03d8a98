import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Site, startSite } from '../../e2e/site.ts';
import { type SambaAd, startSambaAd } from '../../integration/samba-ad.ts';
import { sambaBase } from '../../integration/samba-directory.ts';
import type { BootedSystem } from './booted-system.ts';

const names = ['ada', 'ben', 'cleo'] as const;
const staff = `OU=Staff,${sambaBase}`;

/** A real domain controller and the stand-ins of both clouds, for a service that runs in a system of its own. */
export interface Customer extends AsyncDisposable {
  readonly site: Site;
  readonly samba: SambaAd;
  /** How many contacts a sync makes. */
  readonly people: number;
  /** The configuration as it is written into a system, its CA beside it. */
  configuration(folder: string): string;
  /** `NAME=VALUE` lines of its secrets. */
  readonly variables: string;
  /** Writes CA, configuration and variables into a system; what `rollcall init` would do. */
  settle(system: BootedSystem, folder?: string): void;
}

export async function startCustomer(): Promise<Customer> {
  await using open = new AsyncDisposableStack();
  const samba = open.use(await startSambaAd());
  const users = names.map((name) =>
    [
      `dn: CN=${name},${staff}`,
      'objectClass: user',
      `sAMAccountName: ${name}`,
      `givenName: ${name}`,
      'sn: Kesten',
      `mail: ${name}@acme.test`,
      'physicalDeliveryOfficeName: Head Office',
      `telephoneNumber: +1 415 555 01${10 + names.indexOf(name)}`,
      'userAccountControl: 512',
      '',
    ].join('\n'),
  );
  await samba.addUsers([`dn: ${staff}\nobjectClass: organizationalUnit\n`, ...users].join('\n'));
  const site = open.use(await startSite());
  const directory = {
    name: 'corp',
    type: 'active-directory',
    domain: 'corp.example.test',
    servers: [samba.ldapsUrl],
    bindDn: samba.bindDn,
    password: 'env:TEST_AD_PASSWORD',
    searchBases: [staff],
  };
  const secrets = { ...site.environment, TEST_AD_PASSWORD: samba.password };
  const variables = Object.entries(secrets)
    .filter(([name, value]) => name.startsWith('TEST_') && value !== undefined)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('');
  const configuration = (folder: string): string => {
    site.configure({ directories: [{ ...directory, tls: { caFile: join(folder, 'ca.pem') } }] });
    return readFileSync(join(site.folder, 'config.json'), 'utf8');
  };
  const owned = open.move();
  return {
    site,
    samba,
    people: names.length,
    configuration,
    variables,
    settle(system, folder = '/etc/rollcall') {
      mkdirSync(join(system.root, folder), { recursive: true });
      copyFileSync(samba.caFile, join(system.root, folder, 'ca.pem'));
      system.write(join(folder, 'config.json'), configuration(folder));
      system.write('/etc/default/rollcall', variables, 0o600);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
