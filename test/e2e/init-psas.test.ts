import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InitDocument } from '../../agent/cli/documents-init.ts';
import { startAutotaskSandbox } from '../sandbox/autotask/autotask-sandbox.ts';
import { startConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import { type Site, startSite } from './site.ts';

let site: Site;

beforeEach(async () => {
  site = await startSite({ people: [{ sAMAccountName: 'ada', givenName: 'Ada', sn: 'Lovelace', mail: 'ada@acme.test' }] });
  site.environment['INIT_KEY'] = site.itGlue.apiKey;
});
afterEach(() => site[Symbol.asyncDispose]());

const file = () => join(site.folder, 'fresh', 'config.json');
const places = () => ['--config', file(), '--state', join(site.folder, 'fresh', 'state')];

function words(psa: readonly string[]): readonly string[] {
  const itGlue = ['--itglue-url', site.itGlue.url, '--itglue-key-from', 'env:INIT_KEY', '--organization', site.organization];
  const directory = ['--ldif', join(site.folder, 'users.ldif'), '--create', 'auto'];
  return ['init', '--non-interactive', '--json', ...places(), ...directory, ...itGlue, ...psa];
}

/** The whole of it: a configuration that holds, the secret in the vault, and a first plan that reached the PSA. */
async function expectSetUp(
  psa: readonly string[],
  { secret, section }: { readonly secret: string; readonly section: object },
): Promise<void> {
  const ended = await site.call(...words(psa));

  expect([ended.stderr, ended.exit]).toEqual(['', 0]);
  const document = ended.json as InitDocument;
  expect(document.planError).toBeNull();
  expect(document.plans).toMatchObject([{ error: null }]);
  const text = readFileSync(file(), 'utf8');
  expect((JSON.parse(text) as { psa: unknown }).psa).toEqual(section);
  expect(`${text}${ended.stdout}`).not.toContain(secret);
  const validated = await site.call('validate', '--json', ...places());
  expect([validated.json, validated.exit]).toMatchObject([{ valid: true }, 0]);
}

describe('init with another PSA than BMS', () => {
  it('sets ConnectWise PSA up, and leaves nothing behind when the client id is refused', async () => {
    const cw = await startConnectWiseSandbox();
    try {
      cw.data.addCompany({ id: 250, name: 'Acme Fittings' });
      cw.data.addSite({ companyId: 250, name: 'Head Office', primary: true });
      const { company, publicKey, privateKey, clientId } = cw.credentials;
      site.environment['INIT_CW'] = privateKey;
      const keys = ['--psa-company-login', company, '--psa-public-key', publicKey, '--psa-private-key-from', 'env:INIT_CW'];
      const psa = ['--psa-type', 'connectwise', '--psa-url', cw.url, ...keys, '--psa-key-field', 'userDefinedField10'];

      const refused = await site.call(...words([...psa, '--psa-client-id', 'wrong']));
      expect([refused.json, refused.exit]).toMatchObject([{ error: { code: 'PSA_CREDENTIALS_REJECTED' } }, 1]);
      expect(existsSync(join(site.folder, 'fresh'))).toBe(false);

      await expectSetUp([...psa, '--psa-client-id', clientId], {
        secret: privateKey,
        section: {
          type: 'connectwise',
          baseUrl: cw.url,
          credentials: { company, publicKey, clientId, privateKey: 'vault:psa' },
          emailType: 'Email',
          phoneType: 'Direct',
          externalKeyField: 'userDefinedField10',
        },
      });
      expect(cw.counts.writes).toBe(0);
    } finally {
      await cw.stop();
    }
  });

  it('sets Autotask PSA up, and leaves nothing behind when no zone knows the user', async () => {
    const at = await startAutotaskSandbox();
    try {
      at.data.addCompany({ id: 250, companyName: 'Acme Fittings' });
      const { userName, secret, integrationCode } = at.credentials;
      site.environment['INIT_AT'] = secret;
      const psa = [
        '--psa-type',
        'autotask',
        '--psa-url',
        at.url,
        '--psa-secret-from',
        'env:INIT_AT',
        '--psa-integration-code',
        integrationCode,
      ];

      const refused = await site.call(...words([...psa, '--psa-user', 'nobody@msp.example.test']));
      expect([refused.json, refused.exit]).toMatchObject([{ error: { code: 'PSA_CREDENTIALS_REJECTED' } }, 1]);
      expect(existsSync(join(site.folder, 'fresh'))).toBe(false);

      await expectSetUp([...psa, '--psa-user', userName], {
        secret,
        section: {
          type: 'autotask',
          baseUrl: at.url,
          credentials: { userName, integrationCode, secret: 'vault:psa' },
          emailType: 'Work',
          phoneType: 'Work',
        },
      });
      expect(at.counts.writes).toBe(0);
      expect(at.strayCredentials).toEqual([]);
    } finally {
      await at.stop();
    }
  });

  it('tells what the PSA needs besides, by name', async () => {
    const ended = await site.call(...words(['--psa-type', 'connectwise', '--psa-company-login', 'msp']));

    expect(ended.exit).toBe(2);
    expect(ended.stdout).toContain('needs these answers too: --psa-public-key, --psa-client-id, --psa-private-key-from.');
  });
});
