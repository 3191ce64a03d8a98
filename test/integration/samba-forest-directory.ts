import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeTestCertificates } from '../fixtures/tls.ts';
import {
  administratorPassword,
  changeDirectory,
  type DirectoryStep,
  execute,
  firstSteps,
  keptDirectory,
  sambaPlace,
} from './samba-directory.ts';
import { addRecordsLdif, addressNodes, type DnsServerEntry, recordsLdif, serviceNodes } from './samba-dns.ts';
import { claimAddress, endSamba, runSamba } from './samba-process.ts';

/** A domain that is a forest of its own. */
export interface ForestNames {
  /** `corp.example.test` */
  readonly domain: string;
  /** `CORP` */
  readonly netbios: string;
}

export interface ForestPlan {
  readonly names: ForestNames;
  /** The first one is provisioned, in the first site; the others join it. */
  readonly dcs: readonly DnsServerEntry[];
  /** Sites besides those of the controllers. */
  readonly sites: readonly string[];
  /** Subnet (CIDR) → site. */
  readonly subnets: Readonly<Record<string, string>>;
  readonly recycleBin: boolean;
  readonly steps: readonly DirectoryStep[];
}

/** The site that every forest begins with. */
export const firstSite = 'Default-First-Site-Name';
const version = 1;

export function baseOf({ domain }: ForestNames): string {
  return domain
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',');
}

export function accountOf({ domain }: ForestNames): string {
  return `svc-rollcall@${domain}`;
}

/** The words by which Samba's commands sign in as the domain's administrator. */
export function administratorWords({ netbios }: ForestNames): string {
  return `-U${netbios}\\Administrator%${administratorPassword}`;
}

/** What a controller must offer so that others can join it and replicate from it. */
export const controllerServices = 'ldap cldap dns rpc';
export const controllerEndpoints = 'epmapper drsuapi dnsserver lsarpc samr netlogon';

/** What stands in for the controllers' addresses until it is known where they listen. */
export function placeholders(dcs: readonly Pick<DnsServerEntry, 'name'>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(dcs.map(({ name }, index) => [name, `192.0.2.${index + 1}`]));
}

/**
 * Makes the directories of a forest's controllers, each in a directory of its own name, or finds those made before. The first is
 * provisioned and filled; the others join it over the wire, as they would anywhere: by CLDAP, LDAP and replication (DRSUAPI).
 */
export async function prepareForest(plan: ForestPlan): Promise<string> {
  return await keptDirectory(['forest', version, plan], async (work) => {
    const [first, ...others] = plan.dcs;
    if (first === undefined) throw new Error('a forest needs a domain controller');
    await provision(join(work, first.name), plan, first);
    if (others.length > 0) await joinOthers(work, plan, first, others);
    // Joining empties the DNS nodes of those who join: it takes loopback addresses for none.
    const nodes = addressNodes(plan.names.domain, baseOf(plan.names), placeholders(plan.dcs)).slice(1, plan.dcs.length);
    for (const { name } of nodes.length > 0 ? plan.dcs : [])
      await execute('ldbmodify', ['-H', sambaPlace(join(work, name)).database], recordsLdif(nodes, new Set()));
  });
}

async function provision(place: string, plan: ForestPlan, first: DnsServerEntry): Promise<void> {
  const { names, dcs } = plan;
  const base = baseOf(names);
  const { database } = sambaPlace(place);
  mkdirSync(place);
  await execute('samba-tool', [
    'domain',
    'provision',
    `--realm=${names.domain.toUpperCase()}`,
    `--domain=${names.netbios}`,
    '--server-role=dc',
    '--dns-backend=SAMBA_INTERNAL',
    `--host-name=${first.name}`,
    `--host-ip=${placeholders(dcs)[first.name]}`,
    '--use-rfc2307',
    `--adminpass=${administratorPassword}`,
    '--option=interfaces=lo',
    '--option=bind interfaces only=yes',
    '--option=vfs objects=',
    `--targetdir=${place}`,
  ]);
  await changeDirectory(place, { ldif: sitesLdif(plan, base) });
  await execute('ldbmodify', ['-H', database], dnsLdif(plan, base, await dnsNodesOf(database, base)));
  if (plan.recycleBin) await execute('ldbmodify', ['-H', database], recycleBinLdif(base));
  for (const step of [...firstSteps(base, accountOf(names)), ...plan.steps]) await changeDirectory(place, step);
}

async function joinOthers(work: string, plan: ForestPlan, first: DnsServerEntry, others: readonly DnsServerEntry[]): Promise<void> {
  const { names } = plan;
  const certificates = makeTestCertificates();
  const { host, claim } = await claimAddress([53, 135]);
  const server = await runSamba({
    place: join(work, first.name),
    host,
    netbiosName: first.name.toUpperCase(),
    workgroup: names.netbios,
    realm: names.domain.toUpperCase(),
    services: controllerServices,
    endpoints: controllerEndpoints,
    certificate: { ...certificates.good, caFile: certificates.caFile },
    clearTextBinds: true,
  }).catch((error: unknown) => {
    claim.close();
    certificates.remove();
    throw error;
  });
  try {
    for (const { name, site } of others) {
      await execute('samba-tool', [
        'domain',
        'join',
        names.domain,
        'DC',
        administratorWords(names),
        `--server=${host}`,
        `--site=${site}`,
        `--targetdir=${join(work, name)}`,
        `--option=netbios name=${name.toUpperCase()}`,
        `--option=interfaces=${host}/8`,
        '--option=bind interfaces only=yes',
        '--dns-backend=SAMBA_INTERNAL',
      ]);
    }
  } finally {
    await endSamba(server);
    claim.close();
    certificates.remove();
  }
}

function sitesLdif({ dcs, sites, subnets }: ForestPlan, base: string): string {
  const container = `CN=Sites,CN=Configuration,${base}`;
  const wanted = new Set([...dcs.map(({ site }) => site), ...sites, ...Object.values(subnets)]);
  wanted.delete(firstSite);
  const made = [...wanted].flatMap((site) => [
    `dn: CN=${site},${container}\nobjectClass: site\n`,
    `dn: CN=Servers,CN=${site},${container}\nobjectClass: serversContainer\n`,
    `dn: CN=NTDS Site Settings,CN=${site},${container}\nobjectClass: nTDSSiteSettings\n`,
  ]);
  const networks = Object.entries(subnets).map(
    ([cidr, site]) => `dn: CN=${cidr},CN=Subnets,${container}\nobjectClass: subnet\nsiteObject: CN=${site},${container}\n`,
  );
  return [...made, ...networks].join('\n');
}

/** All names of the two zones' nodes, in lower case. */
async function dnsNodesOf(database: string, base: string): Promise<ReadonlySet<string>> {
  const found = await execute('ldbsearch', ['-H', database, '--cross-ncs', '-b', base, '(objectClass=dnsNode)', 'dn']);
  const names = [...found.replaceAll('\n ', '').matchAll(/^dn: (.+)$/gm)].map(([, dn = '']) => dn.toLowerCase());
  return new Set(names);
}

function dnsLdif({ names, dcs }: ForestPlan, base: string, existing: ReadonlySet<string>): string {
  const services = recordsLdif(serviceNodes(names.domain, base, dcs), existing);
  // The domain's own node also says who serves the zone, and holds the first address already.
  const domainNode = addressNodes(names.domain, base, placeholders(dcs)).at(-1);
  const more = domainNode?.records.slice(1) ?? [];
  if (domainNode === undefined || more.length === 0) return services;
  return [services, addRecordsLdif({ ...domainNode, records: more })].join('\n');
}

function recycleBinLdif(base: string): string {
  const feature = `CN=Partitions,CN=Configuration,${base}:766ddcd8-acd0-445e-f3b9-a7f9b6744f2a`;
  return `dn:\nchangetype: modify\nadd: enableOptionalFeature\nenableOptionalFeature: ${feature}\n`;
}
