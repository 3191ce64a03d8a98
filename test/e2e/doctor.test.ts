import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DoctorDocument, FindingDocument } from '../../agent/cli/documents-doctor.ts';
import { makeTestCertificates, type TestCertificate } from '../fixtures/tls.ts';
import { sampleAccount, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { startLdapStandIn } from '../sandbox/ldap/server.ts';
import { createCertificateAuthority } from '../sandbox/proxy/certificate-authority.ts';
import { startConnectProxy } from '../sandbox/proxy/connect-proxy.ts';
import { crowd } from './people.ts';
import { itGlueHost, startSecureSite } from './secure-site.ts';
import { type Site, startSite, writes } from './site.ts';

interface Examined {
  readonly exit: number | null;
  readonly document: DoctorDocument;
  /** The findings of a code. */
  readonly of: (code: string) => readonly FindingDocument[];
}

async function examine(site: Site): Promise<Examined> {
  const { exit, stdout, stderr } = await site.call('doctor', '--json');
  if (stdout === '') throw new Error(stderr);
  const document = JSON.parse(stdout) as DoctorDocument;
  return { exit, document, of: (code) => document.findings.filter((finding) => finding.code === code) };
}

describe('doctor', () => {
  it.concurrent('finds nothing worse than a note on a site that is well, in figures, and writes nothing', async () => {
    await using site = await startSite({ people: crowd(6) });
    await site.call('sync');
    const before = writes(site);

    const { exit, document, of } = await examine(site);
    const people = await site.run('doctor');

    expect(document.findings.filter(({ state }) => state === 'warning' || state === 'problem')).toEqual([]);
    expect([exit, people.exit]).toEqual([0, 0]);
    expect(of('ITGLUE_RIGHTS').map(({ seen }) => seen)).toEqual(['6 can be read', '1 can be read', '6 can be read']);
    expect(of('REACHABLE').map(({ part, state }) => [part, state])).toEqual([
      ['it-glue', 'ok'],
      ['psa', 'ok'],
    ]);
    expect(of('CLOCK')[0]).toMatchObject({ state: 'ok', seen: 'right (IT Glue), right (Kaseya BMS)' });
    expect(of('PSA_COMPANY')[0]?.seen).toMatch(/company Acme Fittings \(250\), of equal name, contacts 7/);
    expect(people.stdout).toMatch(/✔ IT Glue\n[^]*without objection\.\n$/);
    expect(people.stdout + JSON.stringify(document)).not.toMatch(/Kesten|@acme\.test/);
    expect(writes(site)).toBe(before);
  });

  it.concurrent('works when the configuration names what cannot be reached: each cause once, each with a remedy', async () => {
    await using site = await startSite({
      sections: { itglue: { baseUrl: 'https://no-such-host.invalid' }, psa: { baseUrl: 'http://127.0.0.1:1' } },
    });
    const { exit, document } = await examine(site);
    const people = await site.call('doctor');

    expect(exit).toBe(1);
    const problems = document.findings.filter(({ state }) => state === 'problem');
    expect(problems.map(({ part, code }) => [part, code])).toEqual([
      ['it-glue', 'REACHABLE'],
      ['psa', 'REACHABLE'],
      ['directory', 'DIRECTORY_USERS'],
    ]);
    expect(problems[0]).toMatchObject({
      seen: expect.stringContaining('the name does not resolve'),
      remedy: expect.stringContaining('DNS'),
    });
    expect(problems[1]).toMatchObject({ seen: expect.stringContaining('refused'), remedy: expect.stringContaining('firewall') });
    expect(people.stdout.indexOf('✘ Problem')).toBe(0);
  });

  it.concurrent('names a refused key, a refused sign-in, a missing file and secrets that others read', async () => {
    await using site = await startSite({
      sections: {
        itglue: { apiKey: 'file:key' },
        directories: [{ name: 'corp', type: 'ldif', file: 'none.ldif' }],
      },
    });
    Object.assign(site.environment, { TEST_BMS_PASSWORD: 'wrong' });
    writeFileSync(join(site.folder, 'key'), 'ITG.wrong\n');
    chmodSync(join(site.folder, 'key'), 0o644);
    chmodSync(site.folder, 0o755);
    chmodSync(join(site.folder, 'config.json'), 0o666);

    const { exit, document, of } = await examine(site);

    expect(exit).toBe(1);
    expect(of('ITGLUE_KEY')[0]).toMatchObject({ state: 'problem', error: 'ITGLUE_KEY_REJECTED' });
    expect(of('PSA_SIGN_IN')[0]).toMatchObject({ state: 'problem', error: 'PSA_CREDENTIALS_REJECTED' });
    expect(of('DIRECTORY')[0]).toMatchObject({ state: 'problem', error: 'LDIF_UNREADABLE' });
    const modes = of('FILE_MODES').filter(({ state }) => state === 'warning');
    expect(modes.map(({ remedy }) => remedy)).toEqual([
      `chmod go-w ${join(site.folder, 'config.json')}`,
      `chmod 600 ${join(site.folder, 'key')}`,
    ]);
    expect(of('ITGLUE_RIGHTS')).toEqual([]);
    expect(JSON.stringify(document)).not.toMatch(/ITG\.wrong|"wrong"/);
  });

  it.concurrent('names an organization, a company, types and contact types that are not there', async () => {
    await using site = await startSite({
      people: crowd(2),
      sections: {
        collector: { name: 'hq', organization: '999' },
        contacts: { contactTypeRules: [{ when: { status: 'Disabled' }, contactType: 'Former Employee' }] },
      },
    });
    const { of } = await examine(site);

    expect(of('ITGLUE_ORGANIZATION')[0]).toMatchObject({ state: 'problem', error: 'ITGLUE_ORGANIZATION_NOT_FOUND' });
    expect(of('ITGLUE_CONTACT_TYPES')[0]).toMatchObject({ state: 'problem', seen: expect.stringContaining('"Former Employee"') });

    site.configure({ psa: { company: '77777' } });
    expect((await examine(site)).of('PSA_COMPANY')[0]).toMatchObject({ state: 'problem', error: 'PSA_COMPANY_NOT_FOUND' });
    site.configure({ psa: { emailType: 'Nowhere' } });
    expect((await examine(site)).of('PSA_COMPANY')[0]).toMatchObject({ state: 'problem', error: 'PSA_TYPE_NOT_FOUND' });
    site.configure({ psa: { emailType: '' } });
    expect((await examine(site)).of('PSA_COMPANY')[0]).toMatchObject({ state: 'warning' });
  });

  it.concurrent('goes on when a secret is not set and the store is damaged', async () => {
    await using site = await startSite({ people: crowd(1), sections: { itglue: { apiKey: 'env:NOT_SET_ANYWHERE' } } });
    mkdirSync(join(site.folder, 'state'), { mode: 0o700 });
    writeFileSync(join(site.folder, 'state', 'rollcall.db'), 'this is no database, whatever its name says\n'.repeat(100));

    const { exit, of } = await examine(site);

    expect(exit).toBe(1);
    expect(of('SECRETS')[0]).toMatchObject({ state: 'problem', error: 'SECRET_NOT_SET' });
    expect(of('ITGLUE_KEY')[0]).toMatchObject({ state: 'problem', error: 'SECRET_NOT_SET' });
    expect(of('STORE')[0]).toMatchObject({ state: 'problem', error: 'STORE_UNUSABLE' });
    expect(of('PSA_SIGN_IN')[0]).toMatchObject({ state: 'ok' });
    expect(of('DIRECTORY')[0]).toMatchObject({ state: 'ok' });
  });

  it.concurrent('tells by which way each host goes, who inspects TLS, and that the environment is not asked', async () => {
    await using secure = await startSecureSite();
    const { site } = secure;
    const authority = createCertificateAuthority('Example Inspection CA');
    await using proxy = await startConnectProxy({ targets: secure.targets, inspect: { authority, upstreamCa: secure.authority.ca } });
    Object.assign(site.environment, { HTTPS_PROXY: 'http://me:hush@elsewhere.example.test:1' });

    secure.configure({ url: proxy.url, caFile: authority.caFile });
    const known = await examine(site);
    secure.configure({ url: proxy.url });
    const unknown = await examine(site);
    secure.configure({});
    const straight = await examine(site);
    proxy.fault = { kind: 'answer', status: 407, headers: ['Proxy-Authenticate: NTLM'] };
    secure.configure({ url: proxy.url, caFile: authority.caFile });
    const refused = await examine(site);
    authority.remove();

    expect(known.exit).toBe(0);
    expect(known.of('REACHABLE')[0]?.seen).toContain(`through the proxy ${proxy.url}`);
    expect(known.of('TLS_INSPECTION').map(({ state, seen }) => [state, seen.includes('Example Inspection CA')])).toEqual([
      ['note', true],
      ['note', true],
    ]);
    expect(known.of('CERTIFICATE')[0]).toMatchObject({ state: 'ok', seen: expect.stringMatching(/^2\d days left/) });
    expect(known.of('ENVIRONMENT_PROXY')[0]).toMatchObject({ state: 'ok' });
    expect(unknown.of('REACHABLE')[0]).toMatchObject({
      state: 'problem',
      error: 'HTTP_CERTIFICATE_REJECTED',
      seen: expect.stringMatching(/Example Inspection CA.*looks like TLS inspection/),
    });
    expect(straight.of('ENVIRONMENT_PROXY')[0]).toMatchObject({ state: 'warning' });
    expect(straight.of('REACHABLE')[0]).toMatchObject({ state: 'problem', subject: expect.stringContaining(itGlueHost) });
    expect(refused.of('REACHABLE')[0]).toMatchObject({
      error: 'HTTP_PROXY_CREDENTIALS_REJECTED',
      seen: expect.stringContaining('takes only NTLM'),
    });
    expect(JSON.stringify([known.document, straight.document])).not.toContain('hush');
  });

  it.concurrent('looks at each directory by itself: certificate, users, and who refuses', async () => {
    const certificates = makeTestCertificates();
    const entries = sampleDirectory([userEntry(1), userEntry(2)]);
    await using open = new AsyncDisposableStack();
    const start = async (certificate: TestCertificate, users = entries): Promise<string> => {
      const server = await startLdapStandIn({ accounts: [sampleAccount], entries: users, scheme: 'ldaps', certificate });
      open.defer(() => server.stop());
      return server.url;
    };
    const directory = (name: string, url: string, more: object = {}) => ({
      name,
      type: 'active-directory',
      domain: 'corp.example.test',
      servers: [url],
      bindDn: sampleAccount.names[0] ?? '',
      password: 'env:TEST_AD_PASSWORD',
      tls: { caFile: certificates.caFile },
      ...more,
    });
    await using site = await startSite({
      sections: {
        directories: [
          directory('well', await start(certificates.good)),
          directory('empty', await start(certificates.good, sampleDirectory([]))),
          directory('untrusted', await start(certificates.selfSigned)),
          directory('gone', 'ldaps://127.0.0.1:1'),
          directory('refusing', await start(certificates.good), { bindDn: 'CN=Nobody,DC=corp,DC=example,DC=test' }),
        ],
      },
    });
    Object.assign(site.environment, { TEST_AD_PASSWORD: sampleAccount.password });

    const { exit, of } = await examine(site);
    certificates.remove();

    expect(exit).toBe(1);
    const told = (code: string) => of(code).map(({ subject, state, error }) => [subject, state, error]);
    expect(told('DIRECTORY')).toEqual([
      ['well', 'ok', null],
      ['empty', 'ok', null],
      ['refusing', 'problem', 'DIRECTORY_BIND_REJECTED'],
    ]);
    // What is wrong with a server is told there, once.
    expect(told('DIRECTORY_CERTIFICATE').filter(([, state]) => state !== 'ok')).toEqual([
      ['untrusted', 'problem', 'DIRECTORY_TLS_UNTRUSTED'],
    ]);
    expect(told('DIRECTORY_REACHABLE').filter(([, state]) => state !== 'ok')).toEqual([['gone', 'problem', 'DIRECTORY_UNREACHABLE']]);
    expect(of('DIRECTORY_CERTIFICATE')[0]).toMatchObject({ subject: 'well', state: 'ok', seen: expect.stringMatching(/^36\d days left/) });
    expect(of('DIRECTORY_USERS').map(({ subject }) => subject)).toEqual(['well', 'empty']);
    // A password that is refused is not tried again.
    expect(of('DIRECTORY_SIGN_IN').map(({ subject }) => subject)).toEqual(['well', 'empty']);
  });

  it.concurrent('waits for nobody for long: an address that takes connections and says nothing is a finding', async () => {
    await using site = await startSite({ people: crowd(1) });
    const held = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      held.listen(0, '127.0.0.1', resolve);
    });
    const address = held.address();
    site.configure({ itglue: { baseUrl: `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` } });

    const { of } = await examine(site);
    held.close();

    expect(of('REACHABLE').find(({ part }) => part === 'it-glue')).toMatchObject({
      state: 'problem',
      seen: expect.stringContaining('TLS was not finished in time'),
    });
    expect(of('PSA_SIGN_IN')[0]).toMatchObject({ state: 'ok' });
  });
});
