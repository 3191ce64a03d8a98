import { describe, expect, it } from 'vitest';
import { demandAll, type InitWords, readGiven, serverUrl } from '../../../agent/init/given.ts';
import { RollcallError } from '../../../core/errors.ts';

function problemsOf(words: Partial<InitWords>): string {
  try {
    readGiven({ plan: true, nonInteractive: true, ...words }, null);
    return '';
  } catch (error) {
    return error instanceof RollcallError && error.code === 'USAGE' ? error.message : String(error);
  }
}

describe('the options of init', () => {
  it.each([
    ['--server', { server: ['ldap://dc1.corp.test'] }],
    ['--server', { server: ['dc1.corp.test/path'] }],
    ['--server', { server: ['ldaps://user:Hidden-1@dc1.corp.test'] }],
    ['--domain', { domain: 'corp' }],
    ['--domain', { domain: '10.0.0.1' }],
    ['--itglue-url', { itglueUrl: 'http://api.example.com' }],
    ['--psa-url', { psaUrl: 'ftp://api.example.com' }],
    ['--trust-fingerprint', { trustFingerprint: 'AB:CD' }],
    ['--pin', { pin: true }],
    ['--itglue-region', { itglueRegion: 'asia' }],
    ['--psa-type', { psaType: 'tigerpaw' }],
    ['--psa-tenant', { psaType: 'connectwise', psaTenant: 'Example MSP' }],
    ['--psa-password-from', { psaType: 'autotask', psaPasswordFrom: 'env:PASSWORD' }],
    ['--psa-client-id', { psaType: 'none', psaClientId: 'x' }],
    ['--psa-key-field', { psaType: 'autotask', psaKeyField: 'userDefinedField1' }],
    ['--psa-private-key-from', { psaPrivateKeyFrom: 'Sample-Pass-1' }],
    ['--psa-secret-from', { psaSecretFrom: 'Sample-Pass-1' }],
    ['--create', { create: 'yes' }],
    ['--bind-password-from', { bindPasswordFrom: 'Sample-Pass-1' }],
    ['--psa-password-from', { psaPasswordFrom: 'env:not-a-name' }],
    ['--itglue-key-from', { itglueKeyFrom: 'stdin', keepReferences: true }],
    ['--ldif', { ldif: 'users.ldif', domain: 'corp.test' }],
    ['--ca-file and --trust-fingerprint', { caFile: 'ca.pem', trustFingerprint: 'a'.repeat(64) }],
    ['--proxy-user and --proxy-password-from', { proxyUser: 'rollcall' }],
    ['--directory-name', { directoryName: '../corp' }],
  ] as const)('refuses a wrong %s', (option, words) => {
    const message = problemsOf(words);

    expect(message).toContain(option);
    expect(message).not.toMatch(/Sample-Pass-1|Hidden-1/);
  });

  it('tells all that is wrong at once', () => {
    expect(problemsOf({ create: 'x', psaType: 'y' }).split('\n')).toHaveLength(3);
  });

  it('takes a fingerprint as Windows and openssl write it, and a bare host', () => {
    const given = readGiven(
      { plan: true, trustFingerprint: 'AB:'.repeat(31).concat('AB'), server: ['DC1.corp.test', 'ldaps://dc2:1636/'] },
      '4711',
    );

    expect(given).toMatchObject({
      trustFingerprint: 'ab'.repeat(32),
      servers: ['ldaps://DC1.corp.test', 'ldaps://dc2:1636'],
      organization: '4711',
    });
    expect(serverUrl('ldap://dc1')).toBe('ldap://dc1');
  });

  it('demands nothing of a PSA when there is none, nor of a domain when there is an export', () => {
    const given = readGiven({ plan: true, ldif: 'u.ldif', psaType: 'none', itglueKeyFrom: 'env:KEY' }, '4711');

    expect(() => demandAll(given)).not.toThrow();
  });

  it.each([
    ['bms', {}, ['--psa-tenant', '--psa-user', '--psa-password-from']],
    ['pulseway', { psaUser: 'api' }, ['--psa-tenant', '--psa-password-from']],
    ['connectwise', {}, ['--psa-company-login', '--psa-public-key', '--psa-client-id', '--psa-private-key-from']],
    ['connectwise', { psaCompanyLogin: 'msp', psaClientId: 'x' }, ['--psa-public-key', '--psa-private-key-from']],
    ['autotask', {}, ['--psa-user', '--psa-integration-code', '--psa-secret-from']],
    ['autotask', { psaUser: 'api', psaSecretFrom: 'env:SECRET' }, ['--psa-integration-code']],
  ] as const)('names what %s lacks of its own, given %j', (psaType, words, options) => {
    const given = readGiven({ plan: true, ldif: 'u.ldif', itglueKeyFrom: 'env:KEY', psaType, ...words }, '4711');

    expect(() => demandAll(given)).toThrow(`needs these answers too: ${options.join(', ')}.`);
  });

  it('names every missing answer', () => {
    expect(() => demandAll(readGiven({ plan: true }, null))).toThrow(
      /--bind-user.*--bind-password-from.*--itglue-key-from.*--organization.*--psa-type bms, vorex or pulseway \(with --psa-tenant, --psa-user and --psa-password-from\), connectwise \(.*\), autotask \(.*\), or none/,
    );
  });
});
