import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorDocument, FindingDocument } from '../../agent/cli/documents-doctor.ts';
import { startSite } from '../e2e/site.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { type DnsStandIn, startDnsStandIn } from '../sandbox/dns/server.ts';
import { partFor } from './real-parts.ts';
import { type SambaAd, startSambaAd } from './samba-ad.ts';
import { allowRights, deletedObjectsOf } from './samba-changes.ts';
import { sambaBase } from './samba-directory.ts';
import { type SambaForest, startSambaForest } from './samba-forest.ts';
import { sampleDomain } from './sample-domain.ts';

const part = partFor('doctor on real domains', 'samba');
const steps = sampleDomain(20);

interface Examined {
  readonly exit: number | null;
  readonly findings: readonly FindingDocument[];
  readonly text: string;
  readonly status: unknown;
}

/** Examines directories by the program itself, after a scan. */
async function examine(directories: readonly object[], password: string, subnets: readonly string[] = []): Promise<Examined> {
  const collector = { name: 'hq', organization: '4711', location: 'Head Office', subnets };
  const named = directories.map((directory) => ({ type: 'active-directory', password: 'env:TEST_AD_PASSWORD', ...directory }));
  await using site = await startSite({ sections: { collector, directories: named } });
  Object.assign(site.environment, { TEST_AD_PASSWORD: password });
  await site.call('scan');
  const { exit, stdout } = await site.run('doctor', '--json');
  const { findings } = JSON.parse(stdout) as DoctorDocument;
  const own = findings.filter(({ part: of }) => of === 'directory');
  return { exit, findings: own, text: (await site.call('doctor')).stdout, status: (await site.call('status', '--json')).json };
}

/** Code, server and state of what is not well. */
function objections(findings: readonly FindingDocument[]): readonly string[] {
  return findings.flatMap(({ code, state, server = 'all' }) =>
    state === 'ok' ? [] : [`${code.replace('DIRECTORY_', '')} ${server} ${state}`],
  );
}

describe.skipIf(part.isMissing)(part.title, () => {
  describe('that are well set up', () => {
    let forest: SambaForest;
    let dns: DnsStandIn;
    let examined: Examined;

    beforeAll(async () => {
      forest = await startSambaForest({
        steps,
        clearTextBinds: false,
        subnets: { '127.0.0.0/8': 'Branch', '10.20.0.0/16': 'Default-First-Site-Name', '10.30.0.0/16': 'Depot' },
      });
      const addresses = forest.dcs.map((dc) => [dc.hostName, { a: [dc.address] }] as const);
      const srv = forest.dcs.map((dc) => ({ target: dc.hostName, port: 389 }));
      dns = await startDnsStandIn({ [`_ldap._tcp.dc._msdcs.${forest.domain}`]: { srv }, ...Object.fromEntries(addresses) });
      for (const dc of forest.dcs) await allowRights(dc, deletedObjectsOf(forest.baseDn), 'svc-rollcall', 'RPLC');
      const corp = {
        name: 'corp',
        domain: forest.domain,
        dnsServers: [dns.address],
        bindDn: forest.bindDn,
        tls: { caFile: forest.caFile },
      };
      examined = await examine([corp], forest.password, ['10.20.0.0/16']);
    }, 120_000);
    afterAll(async () => {
      await dns?.stop();
      await forest?.stop();
    });

    it('have nothing worse than a note about places that another collector may stand in', () => {
      expect(objections(examined.findings)).toEqual(['COVERAGE all note']);
      expect(examined.exit).toBe(0);
      expect(examined.findings.find(({ code }) => code === 'DIRECTORY_COVERAGE')?.seen).toMatch(
        /2 of 3 sites.*Branch.*Depot \(10\.30\.0\.0\/16\)/,
      );
    });

    it('are looked at controller by controller, as DNS names them', () => {
      const reachable = examined.findings.filter(({ code }) => code === 'DIRECTORY_REACHABLE');

      expect(new Set(reachable.map(({ server }) => server))).toEqual(new Set(['dc1.corp.example.test', 'dc2.corp.example.test']));
      expect(examined.text).toMatch(/✔ dc1\.corp\.example\.test\n {6}✔ reachable {4}127/);
    });

    it('tell how they were read', () => {
      const reads = examined.findings.find(({ code }) => code === 'DIRECTORY_READS');

      expect(reads?.seen).toMatch(/^in full \d+ users in [\d.]+ m?s, [\d.]+ m?s ago/);
      expect(examined.status).toMatchObject({
        directories: [
          {
            directory: 'corp',
            lastRead: { kind: 'full', outcome: 'complete', server: expect.stringMatching(/^ldaps:\/\/dc[12]/) },
            lastFull: { outcome: 'complete' },
            problems: [],
          },
        ],
      });
    });
  });

  describe('that are badly set up', () => {
    const certificates = makeTestCertificates();
    const controllers: SambaAd[] = [];
    let examined: Examined;
    let find: (subject: string, code: string) => FindingDocument | undefined;

    beforeAll(async () => {
      const soon = certificates.issue('soon', ['IP:127.0.0.1', ...Array.from({ length: 51 }, (_, index) => `IP:127.0.0.${index + 10}`)], 5);
      for (const certificate of [soon, certificates.expired]) {
        controllers.push(await startSambaAd({ steps, certificate: { ...certificate, caFile: certificates.caFile } }));
      }
      const [first, second] = controllers;
      if (first === undefined || second === undefined) throw new Error('two controllers were to be started');
      const member = `CN=svc-rollcall,OU=Services,${sambaBase}`;
      const tls = { caFile: certificates.caFile };
      const dns = await startDnsStandIn();
      const common = { domain: 'corp.example.test', dnsServers: [dns.address], bindDn: first.bindDn, tls };
      const servers = [first.ldapsUrl, second.ldapsUrl, 'ldaps://127.0.0.61'];
      const plain = await examine(
        [
          { ...common, name: 'branch', servers },
          { ...common, name: 'misnamed', servers: [first.ldapsUrl], tls: { ...tls, serverName: 'dc9.corp.example.test' } },
          { ...common, name: 'unfound' },
        ],
        first.password,
      );
      await first.addUsers(`dn: CN=Domain Admins,CN=Users,${sambaBase}\nchangetype: modify\nadd: member\nmember: ${member}\n`);
      const admin = await examine([{ ...common, name: 'admin', servers: [first.ldapsUrl] }], first.password);
      await dns.stop();
      examined = { ...plain, findings: [...plain.findings, ...admin.findings] };
      find = (subject, code) =>
        examined.findings.find((finding) => finding.subject === subject && finding.code === `DIRECTORY_${code}` && finding.state !== 'ok');
    }, 120_000);
    afterAll(async () => {
      for (const controller of controllers) await controller.stop();
      certificates.remove();
    });

    it.each<[string, string, string, string, RegExp]>([
      ['deleted users that cannot be seen', 'branch', 'DELETED', 'warning', /kept for 180 days, recycle bin off/],
      ['no SRV records, though servers are named', 'branch', 'DNS', 'note', /NXDOMAIN.*"servers" names the controllers/],
      ['no SRV records, and no server', 'unfound', 'DNS', 'problem', /no controller is found/],
      ['a certificate of 5 days', 'branch', 'CERTIFICATE', 'warning', /[45] days left; issued by "CN=Example Test CA"/],
      ['a certificate for another name', 'misnamed', 'CERTIFICATE', 'problem', /other names/],
      ['sign-ins in clear', 'branch', 'SIGNING', 'note', /passwords that are sent in clear/],
      ['a port where nobody listens', 'branch', 'REACHABLE', 'warning', /636 closed/],
      ['an account that is an administrator', 'admin', 'EXCESS', 'warning', /"Administrators", "Domain Admins", and so may read the hash/],
    ])('tell of %s', (...[, subject, code, state, words]) => {
      expect(find(subject, code)).toMatchObject({ state, seen: expect.stringMatching(words) });
    });

    it('tell of a certificate that ended, while another controller is read', () => {
      const ended = examined.findings.find(({ error }) => error === 'DIRECTORY_TLS_EXPIRED');

      expect(ended).toMatchObject({
        subject: 'branch',
        code: 'DIRECTORY_CERTIFICATE',
        state: 'warning',
        seen: expect.stringContaining('expired on'),
      });
    });

    it('tell each cause once, with the lines that mend it', () => {
      const commands = find('branch', 'DELETED')?.commands ?? [];

      expect(objections(examined.findings.filter(({ subject }) => subject === 'unfound'))).toEqual(['DNS all problem', 'READS all note']);
      expect(commands[0]).toBe(`dsacls "CN=Deleted Objects,${sambaBase}" /takeOwnership`);
      expect(commands[1]).toMatch(/^dsacls "CN=Deleted Objects,.*" \/G "svc-rollcall@corp\.example\.test:LCRP"$/);
      expect(examined.text).toContain(`\n          ${commands[0]}\n`);
      expect(examined.exit).toBe(1);
    });
  });
});
