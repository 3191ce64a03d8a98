import { toLdif } from '../../e2e/ldif-people.ts';
import { crowd } from '../../e2e/people.ts';
import type { BootedSystem } from './booted-system.ts';

/** A configuration for tests that look at the service alone: an export of a directory, and an IT Glue that is away. */
const configuration = {
  collector: { name: 'hq', organization: '4711' },
  directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }],
  itglue: { baseUrl: 'http://127.0.0.1:9', apiKey: 'env:TEST_ITGLUE_KEY' },
  psa: { type: 'none' },
  console: { listen: '' },
};

/** Writes it into a system, with the variables that the service is to have. */
export function settleQuietly(system: BootedSystem, variables: Readonly<Record<string, string>> = {}, folder = '/etc/rollcall'): void {
  system.write(`${folder}/config.json`, JSON.stringify(configuration));
  system.write(`${folder}/users.ldif`, toLdif(crowd(3)));
  setVariables(system, variables);
}

export function setVariables(system: BootedSystem, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ TEST_ITGLUE_KEY: 'a made-up key', ...variables }).map(([name, value]) => `${name}="${value}"\n`);
  system.write('/etc/default/rollcall', lines.join(''), 0o600);
}
