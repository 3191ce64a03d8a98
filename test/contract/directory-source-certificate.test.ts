import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig, TlsConfig } from '../../agent/directory/active-directory/config.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import type { LdapResult } from '../sandbox/ldap/message.ts';
import { sampleAccount } from '../sandbox/ldap/sample-directory.ts';
import type { LdapStandIn } from '../sandbox/ldap/server.ts';
import { failureOf } from './directory-source.contract.ts';
import { readInTime, sampleConfig, useStandIns } from './directory-source.subjects.ts';

const start = useStandIns();
const certificates = makeTestCertificates();
const client = certificates.issue('svc-rollcall', ['DNS:collector.example.test']);
const other = certificates.issue('another', ['DNS:another.example.test']);

afterAll(() => certificates.remove());

type Transport = 'StartTLS' | 'LDAPS';

/** Active Directory's way with certificates; it knows the account of one. */
function startDirectory(transport: Transport, does?: LdapResult): Promise<LdapStandIn> {
  return start(5, {
    scheme: transport === 'LDAPS' ? 'ldaps' : 'ldap',
    certificate: certificates.good,
    accounts: [{ ...sampleAccount, certificate: client.sha256 }],
    faults: does === undefined ? [] : [{ at: 'bind', does }],
  });
}

function byCertificate(transport: Transport, files: Pick<TlsConfig, 'certFile' | 'keyFile'> = client): Partial<ActiveDirectoryConfig> {
  const { certFile, keyFile } = files;
  const mode = transport === 'StartTLS' ? 'starttls' : 'ldaps';
  const tls: TlsConfig = { mode, caFile: certificates.caFile, serverName: '', pinSha256: '', verify: true };
  return {
    bindDn: '',
    password: '',
    tls: { ...tls, ...(certFile === undefined ? {} : { certFile }), ...(keyFile === undefined ? {} : { keyFile }) },
  };
}

function operations({ received }: LdapStandIn): readonly string[] {
  return received.map(({ operation, mechanism }) => (mechanism === undefined ? operation : `${operation} ${mechanism}`));
}

describe.each<Transport>(['StartTLS', 'LDAPS'])('a client certificate over %s', (transport) => {
  it('signs in without a name and a password, and reads', async () => {
    const server = await startDirectory(transport);

    const { proof } = await readInTime(server, byCertificate(transport));

    expect(proof).toMatchObject({ complete: true, users: 6, ownAccountId: expect.any(String) as unknown });
    expect(operations(server)).not.toContain('bind');
    expect(operations(server).includes('bind EXTERNAL')).toBe(transport === 'StartTLS');
  });

  it('tells as whom it is signed in', async () => {
    const server = await startDirectory(transport);

    const { facts } = await createActiveDirectorySource(sampleConfig([server.url], byCertificate(transport))).check();

    expect(facts['signed in as']).toBe('u:CORP\\svc-rollcall');
  });

  it('P15 that belongs to no account is refused, and read is nothing', async () => {
    const server = await startDirectory(transport);

    const error = await failureOf(readInTime(server, byCertificate(transport, other)));

    expect(error.code).toBe('DIRECTORY_BIND_REJECTED');
    expect(error.message).toMatch(/signs nobody in by the certificate .*another\.pem/u);
    expect(operations(server)).not.toContain('search');
  });

  it('goes to another server when this one is too busy to sign anybody in', async () => {
    if (transport === 'LDAPS') return;
    const busy = await startDirectory(transport, { code: 51, message: 'busy' });
    const good = await startDirectory(transport);
    const source = createActiveDirectorySource(sampleConfig([busy.url, good.url], byCertificate(transport)));

    expect((await source.check()).server).toBe(good.url);
  });
});

describe('a client certificate', () => {
  const folder = certificates.caFile.replace(/ca\.pem$/u, '');
  const locked = `${folder}locked.key`;
  const empty = `${folder}empty.pem`;
  execFileSync('openssl', ['pkey', '-in', client.keyFile, '-aes256', '-passout', 'pass:canary-phrase', '-out', locked]);
  writeFileSync(empty, 'nothing');
  const { certFile, keyFile } = client;

  it.each<[string, Pick<TlsConfig, 'certFile' | 'keyFile'>, RegExp]>([
    ['whose file is not there', { certFile: `${folder}none.pem`, keyFile }, /tls\.certFile .*none\.pem cannot be read \(ENOENT\)/u],
    ['whose key is not there', { certFile, keyFile: `${folder}none.key` }, /tls\.keyFile .*none\.key cannot be read \(ENOENT\)/u],
    ['whose key is not named', { certFile }, /go together, and tls\.keyFile is not set/u],
    ['that is none', { certFile: empty, keyFile }, /holds no certificate in PEM form/u],
    ['whose key is none', { certFile, keyFile: empty }, /holds no private key in PEM form/u],
    ['whose key has a passphrase', { certFile, keyFile: locked }, /locked\.key is protected by a passphrase.*openssl pkey/u],
    ['with the key of another one', { certFile, keyFile: other.keyFile }, /another\.key does not belong to the certificate/u],
    ['that has expired', certificates.expired, /expired\.pem expired on Jan {2}1 00:00:00 2021 GMT/u],
  ])('%s is told before anything is sent', async (_what, files, message) => {
    const server = await startDirectory('LDAPS');

    const error = await failureOf(readInTime(server, byCertificate('LDAPS', files)));

    expect([error.code, server.connections.accepted]).toEqual(['DIRECTORY_CLIENT_CERTIFICATE', 0]);
    expect(error.message).toMatch(message);
  });

  it.each<[string, Partial<ActiveDirectoryConfig>, readonly string[]]>([
    ['without TLS', {}, ['ldap://127.0.0.1:3890']],
    ['with a password besides', { bindDn: 'svc', password: 'secret' }, ['ldaps://127.0.0.1:6360']],
  ])('%s is refused before anything is sent', async (_what, changes, servers) => {
    const source = createActiveDirectorySource(sampleConfig(servers, { ...byCertificate('LDAPS'), ...changes }));

    expect((await failureOf(source.check())).code).toBe('CONFIG_INVALID');
  });
});
