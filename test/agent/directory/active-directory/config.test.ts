import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../../../agent/directory/active-directory/active-directory-source.ts';
import { type ActiveDirectoryConfig, isLoopback, pageSizeOf, readAddresses } from '../../../../agent/directory/active-directory/config.ts';
import { readTlsTrust } from '../../../../agent/directory/active-directory/tls-trust.ts';
import { firstReadRequest } from '../../../../core/collect/first-read.ts';
import { RollcallError } from '../../../../core/errors.ts';

const config: ActiveDirectoryConfig = {
  name: 'corp',
  domain: 'corp.example.test',
  servers: ['ldaps://dc1.corp.example.test'],
  bindDn: 'svc@corp.example.test',
  password: 'correct horse',
  searchBases: [],
  filter: '',
  excludeOus: [],
  includeGroups: [],
  excludeGroups: [],
  tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
  parsePhone: (raw) => ({ raw, e164: null, extension: null }),
};

function codeOf(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    return error instanceof RollcallError ? error.code : String(error);
  }
}

describe('the addresses of servers', () => {
  it.each([
    ['ldaps://dc1.corp.example.test', 'ldaps', { host: 'dc1.corp.example.test', port: 636, security: 'tls' }],
    ['ldaps://DC1:10636/', 'starttls', { host: 'dc1', port: 10636, security: 'tls', url: 'ldaps://DC1:10636' }],
    ['ldap://dc1.corp.example.test', 'starttls', { host: 'dc1.corp.example.test', port: 389, security: 'starttls' }],
    ['ldap://127.0.0.1:1389', 'ldaps', { host: '127.0.0.1', port: 1389, security: 'none' }],
    ['ldap://localhost', 'starttls', { host: 'localhost', port: 389, security: 'starttls' }],
    ['ldaps://[fd00::1]:636', 'ldaps', { host: 'fd00::1', port: 636, security: 'tls' }],
    ['ldap://[::1]', 'ldaps', { host: '::1', port: 389, security: 'none' }],
  ] as const)('reads %s with mode %s', (server, mode, address) => {
    expect(readAddresses({ ...config, servers: [server], tls: { ...config.tls, mode } })[0]).toMatchObject(address);
  });

  it.each([
    ['a password in clear over the network', { servers: ['ldap://dc1.corp.example.test'] }, 'CONFIG_INVALID'],
    ['a name that begins like loopback', { servers: ['ldap://127.0.0.1.example.test'] }, 'CONFIG_INVALID'],
    ['an unverified server', { tls: { ...config.tls, verify: false } }, 'CONFIG_INVALID'],
    ['another protocol', { servers: ['https://dc1'] }, 'CONFIG_INVALID'],
    ['no address', { servers: ['dc1'] }, 'CONFIG_INVALID'],
    ['a password in the address', { servers: ['ldaps://user:secret@dc1'] }, 'CONFIG_INVALID'],
    ['a path', { servers: ['ldaps://dc1/DC=test'] }, 'CONFIG_INVALID'],
    ['no host', { servers: ['ldaps://'] }, 'CONFIG_INVALID'],
    ['the global catalog', { servers: ['ldaps://dc1:3269'] }, 'CONFIG_INVALID'],
    ['no account', { bindDn: ' ' }, 'CONFIG_INVALID'],
    ['P15 no password', { password: '' }, 'SECRET_EMPTY'],
    ['one bad server of two', { servers: ['ldaps://dc1', 'ldap://dc2'] }, 'CONFIG_INVALID'],
  ] as const)('refuses %s', (_, changes, code) => {
    expect(codeOf(() => readAddresses({ ...config, ...changes }))).toBe(code);
  });

  it('are none when they are to be found by DNS', () => {
    expect(readAddresses({ ...config, servers: [] })).toEqual([]);
    expect(codeOf(() => readAddresses({ ...config, servers: [], password: '' }))).toBe('SECRET_EMPTY');
  });

  it('never shows a password in an error', () => {
    const servers = ['ldaps://user:hunter2@dc1'];
    try {
      readAddresses({ ...config, servers });
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify([error, String(error), (error as RollcallError).place])).not.toContain('hunter2');
    }
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['localhost', true],
    ['localhost.example.test', false],
    ['128.0.0.1', false],
    ['127.0.0.1.example.test', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  it.each([
    [undefined, 200],
    [5000, 1000],
    [0, 1],
    [50, 50],
  ])('reads pages of %s entries as %s', (pageSize, expected) => {
    expect(pageSizeOf(pageSize === undefined ? config : { ...config, pageSize })).toBe(expected);
  });

  it('refuses a wrong filter before anything is sent', async () => {
    const source = createActiveDirectorySource({ ...config, servers: [], filter: '(department=Sales' });
    const sink = { onPage: () => undefined, onRestart: () => undefined };

    await expect(source.read(sink, firstReadRequest)).rejects.toMatchObject({ code: 'DIRECTORY_FILTER_INVALID' });
    await expect(source.check()).rejects.toMatchObject({ code: 'DIRECTORY_FILTER_INVALID' });
  });
});

describe('what certificates are trusted', () => {
  const hex = createHash('sha256').update('certificate').digest('hex');
  const colons = hex.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');

  it.each([[hex], [colons], [Buffer.from(hex, 'hex').toString('base64')], [` ${hex} `]])('reads the pin %s', async (pinSha256) => {
    expect(await readTlsTrust({ ...config.tls, pinSha256 }, 'corp')).toMatchObject({ pin: hex, verifyChain: false });
  });

  it.each([['abc'], [hex.slice(2)], [`${hex}00`], ['z'.repeat(64)]])('refuses the pin %s', async (pinSha256) => {
    await expect(readTlsTrust({ ...config.tls, pinSha256 }, 'corp')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('verifies the chain unless a pin takes its place', async () => {
    expect(await readTlsTrust(config.tls, 'corp')).toMatchObject({ pin: null, verifyChain: true });
  });

  it('refuses a CA file that is none', async () => {
    await expect(readTlsTrust({ ...config.tls, caFile: '/nowhere/ca.pem' }, 'corp')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(readTlsTrust({ ...config.tls, caFile: import.meta.filename }, 'corp')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
