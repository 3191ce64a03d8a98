import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InitDocument } from '../../agent/cli/documents-init.ts';
import { type Site, startSite } from '../e2e/site.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { partFor } from './real-parts.ts';
import { type SambaAd, startSambaAd } from './samba-ad.ts';
import { sambaBase } from './samba-directory.ts';
import { record } from './sample-domain.ts';

const part = partFor('init and a real Active Directory', 'samba');
const certificates = makeTestCertificates();
const ca = new X509Certificate(certificates.ca);
const caSha256 = ca.fingerprint256.replaceAll(':', '').toLowerCase();

let site: Site;
let server: SambaAd;

beforeAll(async () => {
  if (part.isMissing) return;
  site = await startSite();
  const { good, caFile, ca: caText } = certificates;
  // Samba sends what stands in its certificate file, as a controller sends what its store leads to.
  const certFile = join(dirname(caFile), 'chain.pem');
  writeFileSync(certFile, `${good.cert}${caText}`);
  const person = (name: string) =>
    record(`CN=${name},OU=Staff,${sambaBase}`, {
      objectClass: 'user',
      sAMAccountName: name.toLowerCase(),
      givenName: name,
      sn: 'Sample',
      mail: `${name.toLowerCase()}@acme.test`,
      userAccountControl: '512',
    });
  server = await startSambaAd({
    certificate: { ...good, certFile, caFile },
    steps: [{ ldif: [record(`OU=Staff,${sambaBase}`, { objectClass: 'organizationalUnit' }), person('Ada'), person('Alan')].join('\n') }],
  });
  site.environment['INIT_KEY'] = site.itGlue.apiKey;
  site.environment['INIT_PASSWORD'] = server.password;
});
afterAll(async () => {
  certificates.remove();
  await server?.stop();
  await site?.[Symbol.asyncDispose]();
});

function init(folder: string, ...more: readonly string[]) {
  const place = join(site.folder, folder);
  const places = ['--config', join(place, 'config.json'), '--state', join(place, 'state')];
  const words = [
    'init',
    '--non-interactive',
    '--json',
    '--server',
    server.ldapsUrl,
    '--bind-user',
    server.bindDn,
    '--bind-password-from',
    'env:INIT_PASSWORD',
    '--itglue-url',
    site.itGlue.url,
    '--itglue-key-from',
    'env:INIT_KEY',
  ];
  return site.call(...words, '--organization', site.organization, '--psa-type', 'none', ...places, ...more);
}

function written(folder: string): { readonly directories: readonly { readonly tls: unknown; readonly name: string }[] } {
  return JSON.parse(readFileSync(join(site.folder, folder, 'config.json'), 'utf8')) as ReturnType<typeof written>;
}

describe.skipIf(part.isMissing)(part.title, () => {
  it('trusts the CA that it shows by its fingerprint, reads the domain from it, and plans', async () => {
    const ended = await init('by-ca', '--trust-fingerprint', caSha256, '--create', 'auto');

    expect(ended.exit).toBe(0);
    const document = ended.json as InitDocument;
    expect(document.directory).toMatchObject({ name: 'corp', domain: 'corp.example.test', trust: { kind: 'ca', sha256: caSha256 } });
    expect(document.directory.users).toBeGreaterThanOrEqual(3);
    expect(document.plans[0]?.changes.filter(({ kind }) => kind === 'create')).toHaveLength(2);
    expect(written('by-ca').directories[0]).toMatchObject({ tls: { caFile: 'corp-ca.pem' }, password: 'vault:directory-corp' });
    expect(new X509Certificate(readFileSync(join(site.folder, 'by-ca', 'corp-ca.pem'))).fingerprint256).toBe(ca.fingerprint256);
  });

  it('trusts nothing without a fingerprint, and nothing with another one', async () => {
    const without = await init('no', '--no-plan');
    const other = await init('no', '--no-plan', '--trust-fingerprint', 'ab'.repeat(32));

    expect(without.json).toMatchObject({ error: { code: 'DIRECTORY_TLS_UNTRUSTED' } });
    expect(other.json).toMatchObject({ error: { code: 'DIRECTORY_TLS_PIN_MISMATCH' } });
  });

  it('pins the certificate where no CA is published, and takes the CA as soon as one is', async () => {
    const leaf = certificates.good.sha256;
    await init('pinned', '--no-plan', '--trust-fingerprint', leaf);
    expect(written('pinned').directories[0]).toMatchObject({ tls: { pinSha256: leaf } });

    const services = `CN=Public Key Services,CN=Services,CN=Configuration,${sambaBase}`;
    await server.addUsers(
      record(`CN=Example Test CA,CN=Certification Authorities,${services}`, {
        objectClass: 'certificationAuthority',
        cACertificate: ca.raw,
        authorityRevocationList: Buffer.from([0]),
        certificateRevocationList: Buffer.from([0]),
      }),
    );
    await init('published', '--no-plan', '--trust-fingerprint', leaf);
    await init('still-pinned', '--no-plan', '--trust-fingerprint', leaf, '--pin');

    expect(written('published').directories[0]).toMatchObject({ tls: { caFile: 'corp-ca.pem' } });
    expect(written('still-pinned').directories[0]).toMatchObject({ tls: { pinSha256: leaf } });
  });

  it('says what is wrong with a password, and writes nothing', async () => {
    site.environment['INIT_PASSWORD'] = 'Wrong-Pass-1';
    const ended = await init('wrong', '--no-plan', '--trust-fingerprint', caSha256);
    site.environment['INIT_PASSWORD'] = server.password;

    expect(ended.json).toMatchObject({ error: { code: 'DIRECTORY_BIND_REJECTED' } });
    expect(() => written('wrong')).toThrow(/ENOENT/);
  });
});
