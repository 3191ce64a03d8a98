import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { TlsConfig } from '../../agent/directory/active-directory/config.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { makeTestCertificates, type TestCertificate } from '../fixtures/tls.ts';
import type { Fault } from '../sandbox/ldap/faults.ts';
import { sampleAccount } from '../sandbox/ldap/sample-directory.ts';
import type { LdapStandIn } from '../sandbox/ldap/server.ts';
import { failureOf } from './directory-source.contract.ts';
import { readInTime, sampleConfig, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();
const certificates = makeTestCertificates();
const { caFile } = certificates;

afterAll(() => certificates.remove());

type Transport = 'StartTLS' | 'LDAPS';

function startSecure(transport: Transport, certificate: TestCertificate, faults: readonly Fault[] = []): Promise<LdapStandIn> {
  return start(5, { scheme: transport === 'LDAPS' ? 'ldaps' : 'ldap', certificate, faults });
}

function tlsOf(transport: Transport, changes: Partial<TlsConfig>): TlsConfig {
  return { mode: transport === 'StartTLS' ? 'starttls' : 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true, ...changes };
}

/** Whatever went wrong: the password was sent neither in clear nor to a server that was not trusted. */
function expectNoPasswordGiven(server: LdapStandIn): void {
  expect(server.clearBytes().includes(sampleAccount.password)).toBe(false);
  expect(server.received.filter((request) => request.operation === 'bind')).toEqual([]);
}

describe.each<Transport>(['StartTLS', 'LDAPS'])('trust over %s', (transport) => {
  const { good, expired, wrongName, localhostOnly, selfSigned } = certificates;
  const colons = good.sha256.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');
  const base64 = Buffer.from(good.sha256, 'hex').toString('base64');
  const otherPin = createHash('sha256').update('another certificate').digest('hex');

  const trusted: readonly (readonly [string, TestCertificate, Partial<TlsConfig>])[] = [
    ['a certificate of the given CA', good, { caFile }],
    ['a pinned certificate of an unknown CA', good, { pinSha256: good.sha256 }],
    ['a pin written with colons in upper case', good, { pinSha256: colons }],
    ['a pin written in base64', good, { pinSha256: base64 }],
    ['a pinned self-signed certificate', selfSigned, { pinSha256: selfSigned.sha256 }],
    ['the CA and the pin together', good, { caFile, pinSha256: good.sha256 }],
    ['another name in the certificate, given as serverName', wrongName, { caFile, serverName: 'other.example.test' }],
    ['anything on a loopback address with verify off', selfSigned, { verify: false }],
  ];

  it.each(trusted)('accepts %s', async (_, certificate, changes) => {
    const server = await startSecure(transport, certificate);

    const { proof } = await readInTime(server, { tls: tlsOf(transport, changes) });

    expect(proof).toMatchObject({ complete: true, users: 6 });
    expect(server.received.filter((request) => request.operation === 'bind').map(({ secure }) => secure)).toEqual([true]);
    expect(server.clearBytes().includes(sampleAccount.password)).toBe(false);
  });

  const untrusted: readonly (readonly [string, TestCertificate, Partial<TlsConfig>, ErrorCode])[] = [
    ['a CA that nobody knows', good, {}, 'DIRECTORY_TLS_UNTRUSTED'],
    ['a self-signed certificate', selfSigned, {}, 'DIRECTORY_TLS_UNTRUSTED'],
    ['a self-signed certificate although a CA is given', selfSigned, { caFile }, 'DIRECTORY_TLS_UNTRUSTED'],
    ['an expired certificate', expired, { caFile }, 'DIRECTORY_TLS_EXPIRED'],
    ['another server’s certificate', wrongName, { caFile }, 'DIRECTORY_TLS_NAME_MISMATCH'],
    ['P5 a certificate for localhost when the address is 127.0.0.1', localhostOnly, { caFile }, 'DIRECTORY_TLS_NAME_MISMATCH'],
    ['a serverName that is not in the certificate', good, { caFile, serverName: 'dc9.corp.example.test' }, 'DIRECTORY_TLS_NAME_MISMATCH'],
    ['another certificate than the pinned one', good, { pinSha256: otherPin }, 'DIRECTORY_TLS_PIN_MISMATCH'],
    ['another certificate than the pinned one, of the given CA', good, { caFile, pinSha256: otherPin }, 'DIRECTORY_TLS_PIN_MISMATCH'],
  ];

  it.each(untrusted)('refuses %s, and gives it no password', async (_, certificate, changes, code) => {
    const server = await startSecure(transport, certificate);

    const error = await failureOf(readInTime(server, { tls: tlsOf(transport, changes) }));

    expect(error.code).toBe(code);
    expect(error.message).toContain(server.url);
    expectNoPasswordGiven(server);
  });

  it('P5 asks for the name that it verifies', async () => {
    const server = await startSecure(transport, certificates.good);

    await readInTime(server, { tls: tlsOf(transport, { caFile, serverName: 'dc1.corp.example.test' }) });

    expect(server.askedNames).toEqual(['dc1.corp.example.test']);
  });

  const handshakes: readonly (readonly [string, Fault, readonly ErrorCode[]])[] = [
    ['P4 P14 is never answered', { at: 'handshake', does: 'stall' }, ['DIRECTORY_TIMEOUT']],
    ['is reset (a DC without a certificate)', { at: 'handshake', does: 'drop' }, ['DIRECTORY_TLS_FAILED']],
    ['is answered with no TLS', { at: 'handshake', does: 'garbage' }, ['DIRECTORY_TLS_FAILED']],
  ];

  it.each(handshakes)('ends in time when the handshake %s', async (_, fault, codes) => {
    const server = await startSecure(transport, certificates.good, [fault]);

    const error = await failureOf(readInTime(server, { tls: tlsOf(transport, { caFile }) }));

    expect(codes).toContain(error.code);
    expectNoPasswordGiven(server);
  });

  it('says facts of the certificate when it is checked', async () => {
    const server = await startSecure(transport, certificates.good);

    const check = await createActiveDirectorySource(sampleConfig([server.url], { tls: tlsOf(transport, { caFile }) })).check();

    const until = new X509Certificate(certificates.good.cert).validToDate.toISOString().slice(0, 10);
    expect(JSON.stringify(check.facts)).toContain(until);
  });

  it('P2 P3 never binds again, in clear or otherwise, when the server closes in mid-read', async () => {
    const server = await startSecure(transport, certificates.good, [{ at: 'search', page: 2, does: 'drop' }]);

    const error = await failureOf(readInTime(server, { tls: tlsOf(transport, { caFile }), pageSize: 2 }));

    expect(error.code).toBe('DIRECTORY_UNREACHABLE');
    expect(server.received.filter((request) => request.operation === 'bind')).toHaveLength(1);
    expect(server.connections.accepted).toBe(1);
    expect(server.clearBytes().includes(sampleAccount.password)).toBe(false);
  });
});

describe('StartTLS', () => {
  const faults: readonly (readonly [string, Fault, readonly ErrorCode[]])[] = [
    ['is refused', { at: 'starttls', does: { code: 52, message: 'Error initializing SSL/TLS' } }, ['DIRECTORY_TLS_FAILED']],
    ['is unknown', { at: 'starttls', does: { code: 2, message: 'unsupported extended operation' } }, ['DIRECTORY_TLS_FAILED']],
    ['is never answered', { at: 'starttls', does: 'stall' }, ['DIRECTORY_TIMEOUT']],
    ['ends the connection', { at: 'starttls', does: 'drop' }, ['DIRECTORY_TLS_FAILED', 'DIRECTORY_UNREACHABLE']],
    ['is answered with no LDAP', { at: 'starttls', does: 'garbage' }, ['DIRECTORY_PROTOCOL', 'DIRECTORY_TLS_FAILED']],
  ];

  it.each(faults)('ends in time, and without a password sent, when it %s', async (_, fault, codes) => {
    const server = await startSecure('StartTLS', certificates.good, [fault]);

    const error = await failureOf(readInTime(server, { tls: tlsOf('StartTLS', { caFile }) }));

    expect(codes).toContain(error.code);
    expectNoPasswordGiven(server);
  });

  it('P6 does not speak TLS to a port for clear text before it was agreed', async () => {
    const server = await startSecure('StartTLS', certificates.good);

    await readInTime(server, { tls: tlsOf('StartTLS', { caFile }) });

    expect(server.received[0]).toMatchObject({ operation: 'starttls', secure: false });
    expect(server.received.slice(1).every(({ secure }) => secure)).toBe(true);
  });

  it('is what a server that requires encryption accepts', async () => {
    const server = await start(5, { certificate: certificates.good, requiresEncryption: true });

    const { proof } = await readInTime(server, { tls: tlsOf('StartTLS', { caFile }) });

    expect(proof.complete).toBe(true);
  });
});

describe('addresses', () => {
  it.each([
    ['a password in clear to another machine', { servers: ['ldap://dc1.corp.example.test'] }],
    ['no verification of another machine', { servers: ['ldaps://dc1.corp.example.test'], tls: tlsOf('LDAPS', { verify: false }) }],
    ['credentials in an address', { servers: ['ldaps://user:secret@dc1.corp.example.test'] }],
    ['another protocol', { servers: ['https://dc1.corp.example.test'] }],
    ['no address at all', { servers: ['dc1.corp.example.test'] }],
  ])('refuses %s before anything is sent', async (_, changes) => {
    const error = await failureOf(createActiveDirectorySource(sampleConfig([], changes)).check());

    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).not.toContain('secret');
  });

  it('says that servers must be named', async () => {
    const error = await failureOf(createActiveDirectorySource(sampleConfig([])).check());

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
  });

  it('refuses a CA file that is not there, or holds no certificate, by its path', async () => {
    for (const path of ['/nonexistent/ca.pem', certificates.good.keyFile]) {
      const server = await startSecure('LDAPS', certificates.good);

      const error = await failureOf(readInTime(server, { tls: tlsOf('LDAPS', { caFile: path }) }));

      expect(error.message).toContain(path);
      expectNoPasswordGiven(server);
    }
  });
});
