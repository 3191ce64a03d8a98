import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { proveTrust, readPresentedChain } from '../../../../agent/directory/active-directory/presented-chain.ts';
import { surveyDirectory } from '../../../../agent/directory/active-directory/survey.ts';
import { makeTestCertificates, type TestCertificate } from '../../../fixtures/tls.ts';
import type { Fault } from '../../../sandbox/ldap/faults.ts';
import { plainEntry, sampleAccount, sampleBase, sampleDirectory, userEntry } from '../../../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, startLdapStandIn } from '../../../sandbox/ldap/server.ts';

const certificates = makeTestCertificates();
afterAll(() => certificates.remove());
const caSha256 = new X509Certificate(certificates.ca).fingerprint256.replaceAll(':', '').toLowerCase();

const tls = { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true } as const;
const options = { directory: 'corp', tls, deadlines: { connectMs: 500, handshakeMs: 500 } };
const pinOf = (certificate: TestCertificate) => ({ ca: null, serverName: '', verifyChain: false, pin: certificate.sha256 });

let server: LdapStandIn;
afterEach(() => server.stop());

async function start(cert: string, key: string, more: { faults?: readonly Fault[]; published?: boolean } = {}): Promise<LdapStandIn> {
  const keyServices = `CN=Public Key Services,CN=Services,CN=Configuration,${sampleBase}`;
  const published = plainEntry(`CN=Example Test CA,CN=Certification Authorities,${keyServices}`, ['certificationAuthority'], {
    cACertificate: new X509Certificate(certificates.ca).raw,
  });
  server = await startLdapStandIn({
    scheme: 'ldaps',
    certificate: { key, cert },
    accounts: [sampleAccount],
    entries: [
      ...sampleDirectory([
        ...[1, 2, 3].map((number) => userEntry(number)),
        userEntry(4, {}, `OU=Sub,OU=Staff,${sampleBase}`),
        userEntry(5, {}, sampleBase),
      ]),
      plainEntry(keyServices, ['container']),
      ...(more.published === true ? [published] : []),
    ],
    faults: more.faults ?? [],
  });
  return server;
}

describe('looking at what a controller presents', () => {
  const { good, selfSigned, expired, ca } = certificates;

  it('shows the certificate and the CA that it sends, and says nothing to the server', async () => {
    await start(`${good.cert}${ca}`, good.key);

    const chain = await readPresentedChain(server.url, options);

    expect(chain.leaf).toMatchObject({ subject: 'CN=good', issuer: 'CN=Example Test CA', sha256: good.sha256 });
    expect(chain.leaf.sha1).toMatch(/^[0-9a-f]{40}$/);
    expect(chain.ca).toMatchObject({ subject: 'CN=Example Test CA', sha256: caSha256 });
    expect(new X509Certificate(chain.ca?.pem ?? '').ca).toBe(true);
    expect(chain.objection?.code).toBe('DIRECTORY_TLS_UNTRUSTED');
    expect(server.received).toEqual([]);
  });

  it.each([
    ['sends its certificate alone', good],
    ['signed its certificate itself', selfSigned],
  ])('has no CA to offer when the server %s', async (_what, certificate) => {
    await start(certificate.cert, certificate.key);

    expect(await readPresentedChain(server.url, options)).toMatchObject({ ca: null, leaf: { sha256: certificate.sha256 } });
  });

  it('does not take a certificate for the CA that did not sign the one before it', async () => {
    await start(`${selfSigned.cert}${ca}`, selfSigned.key);

    expect((await readPresentedChain(server.url, options)).ca).toBeNull();
  });

  it.each([
    ['the CA', good, { ca: [ca], serverName: '', verifyChain: true, pin: null }, null],
    ['the pin', good, pinOf(good), null],
    ['another pin', good, pinOf(selfSigned), 'DIRECTORY_TLS_PIN_MISMATCH'],
    ['the CA of an expired certificate', expired, { ca: [ca], serverName: '', verifyChain: true, pin: null }, 'DIRECTORY_TLS_EXPIRED'],
    ['another name', good, { ca: [ca], serverName: 'other.example.test', verifyChain: true, pin: null }, 'DIRECTORY_TLS_NAME_MISMATCH'],
  ] as const)('says what it objects to under %s', async (_what, certificate, trust, code) => {
    await start(certificate.cert, certificate.key);

    expect((await proveTrust(server.url, { ...options, trust }))?.code ?? null).toBe(code);
    expect(server.received).toEqual([]);
  });

  it.each([
    ['drops the handshake', [{ at: 'handshake', does: 'drop' }], 'DIRECTORY_TLS_FAILED'],
    ['never answers it', [{ at: 'handshake', does: 'stall' }], 'DIRECTORY_TIMEOUT'],
    ['speaks something else', [{ at: 'handshake', does: 'garbage' }], 'DIRECTORY_TLS_FAILED'],
  ] as const)('fails with a code when the server %s', async (_what, faults, code) => {
    await start(good.cert, good.key, { faults });

    await expect(readPresentedChain(server.url, options)).rejects.toMatchObject({ code });
  });

  it('stops at once when it is told to', async () => {
    await start(good.cert, good.key, { faults: [{ at: 'handshake', does: 'stall' }] });
    const stop = new AbortController();
    const looked = readPresentedChain(server.url, { ...options, deadlines: {}, signal: stop.signal });
    stop.abort();

    await expect(looked).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('surveying a domain', () => {
  const { good } = certificates;
  const config = () => ({
    name: 'corp',
    domain: 'corp.example.test',
    servers: [server.url],
    bindDn: 'svc-rollcall@corp.example.test',
    password: sampleAccount.password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls,
    trust: pinOf(good),
    parsePhone: (raw: string) => ({ raw, e164: null, extension: null }),
  });

  it('counts the users by top-level unit in one sign-in, and finds the CA that the forest publishes', async () => {
    await start(good.cert, good.key, { published: true });

    const survey = await surveyDirectory(config());

    expect(survey).toMatchObject({
      base: sampleBase,
      users: 6,
      units: [
        { dn: `OU=Staff,${sampleBase}`, users: 4 },
        { dn: `OU=Services,${sampleBase}`, users: 1 },
      ],
      publishedCa: { subject: 'CN=Example Test CA', sha256: caSha256 },
    });
    expect(survey.check.facts).toMatchObject({ users: 'readable' });
    expect(server.received.filter(({ operation }) => operation === 'bind')).toHaveLength(1);
  });

  it('offers no CA when none is published', async () => {
    await start(good.cert, good.key);

    expect((await surveyDirectory(config())).publishedCa).toBeNull();
  });

  it('sends a refused password once, and none to a server that is not the trusted one', async () => {
    await start(good.cert, good.key);

    await expect(surveyDirectory({ ...config(), password: 'wrong' })).rejects.toMatchObject({ code: 'DIRECTORY_BIND_REJECTED' });
    await expect(surveyDirectory({ ...config(), trust: pinOf(certificates.selfSigned) })).rejects.toMatchObject({
      code: 'DIRECTORY_TLS_PIN_MISMATCH',
    });
    expect(server.received.filter(({ operation }) => operation === 'bind')).toHaveLength(1);
  });
});
