import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, lstat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestCertificates, type TestCertificates } from '../fixtures/tls.ts';
import type { SambaAd } from './samba-ad.ts';
import { changeDirectory, type DirectoryStep, execute, sambaPlace, serviceAccount } from './samba-directory.ts';
import { addressChangesLdif, addressNodes, type DnsServerEntry } from './samba-dns.ts';
import {
  accountOf,
  administratorWords,
  baseOf,
  controllerEndpoints,
  controllerServices,
  type ForestNames,
  type ForestPlan,
  firstSite,
  placeholders,
  prepareForest,
} from './samba-forest-directory.ts';
import { claimAddress, configurationFile, endSamba, runSamba, type SambaSettings } from './samba-process.ts';

export interface ForestOptions {
  /** How many domain controllers; 2 by default. The first is in Default-First-Site-Name, the others in Branch. */
  readonly dcs?: number;
  /** Priority and weight in DNS by controller (`dc1`); else 0 and 100. */
  readonly dns?: Readonly<Record<string, { readonly priority: number; readonly weight: number }>>;
  /** What is put into the fresh domain before the others join; it is on all of them then. */
  readonly steps?: readonly DirectoryStep[];
  /** Subnet (CIDR) → site; by default `forestSubnets`. Sites that do not exist are made. */
  readonly subnets?: Readonly<Record<string, string>>;
  /** Deleted objects keep their attributes. Default false; it cannot be taken back. */
  readonly recycleBin?: boolean;
  /** Accept simple binds without TLS. Default true. */
  readonly clearTextBinds?: boolean;
  /** Another name server, which is asked for other domains: the `dnsServers` of a second forest, say. */
  readonly dnsForwarder?: string;
  /** Whose CA signs the controllers' certificates; default: a new one. They are not removed at the end. */
  readonly certificates?: TestCertificates;
}

/** A domain controller of a forest. `stop` ends it and keeps its directory for `start`. */
export interface SambaDc extends SambaAd {
  /** `dc1.corp.example.test`, which its certificate names beside its address. */
  readonly hostName: string;
  /** `127.0.0.x` */
  readonly address: string;
  readonly site: string;
  /** Starts it again after `stop`, at the same address. */
  start(): Promise<void>;
  /** Carries out one step on its directory, running or not. lastLogon stays on this controller; the rest waits for `replicate`. */
  change(step: DirectoryStep): Promise<void>;
}

/**
 * A running forest of one domain: real Samba controllers that joined each other, each on an address of its own with LDAP, LDAPS,
 * DNS and RPC. Changes go from one to the others by DRS replication whenever `replicate` is called, and never by themselves, so that
 * a test decides what each of them knows.
 *
 * ```ts
 * await using forest = await startSambaForest({ steps: sampleDomain(10) });
 * const [first, second] = forest.dcs;
 * await first.change({ ldif: … });       // known to the first
 * await forest.replicate();              // known to both, deletions and renames too
 * const guid = await deleteObject(first, dn);              // samba-changes.ts: deleteObject, restoreObject, moveObject,
 * await allowRights(first, deletedObjectsOf(forest.baseDn), 'svc-rollcall', 'RPLC');        // allowRights, denyRights
 * await second.stop(); await second.start();
 * ```
 *
 * Its DNS is Samba's own: SRV answers name their target by a compressed name (RFC 2782 forbids it), which Node 26's `resolveSrv`
 * refuses as EBADRESP.
 */
export interface SambaForest {
  readonly domain: string;
  readonly baseDn: string;
  readonly dcs: readonly SambaDc[];
  /** Addresses whose port 53 answers for the forest, SRV records included. */
  readonly dnsServers: readonly string[];
  readonly caFile: string;
  readonly bindDn: string;
  readonly password: string;
  /** Every controller fetches from every other that runs what it does not know yet: users, groups, sites; not DNS. */
  replicate(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** 127.0.0.0/8, where the tests run, is in the site of the second controller; Depot has no controller and no collector. */
const forestSubnets: Readonly<Record<string, string>> = {
  '10.20.0.0/16': firstSite,
  '10.30.7.0/24': 'Depot',
  '127.0.0.0/8': 'Branch',
  'fd00:20::/32': firstSite,
};

/** Starts the forest corp.example.test. The first time takes about 10 s, a prepared one 1 to 2 s; see `sambaMissing` for what it needs. */
export async function startSambaForest(options: ForestOptions = {}): Promise<SambaForest> {
  return await startForest({ domain: 'corp.example.test', netbios: 'CORP' }, options);
}

/** Starts another forest, other.example.test: with one controller and nothing in common with the first, its CA included. */
export async function startSecondForest(options: ForestOptions = {}): Promise<SambaForest> {
  return await startForest({ domain: 'other.example.test', netbios: 'OTHER' }, { dcs: 1, ...options });
}

function planOf(names: ForestNames, options: ForestOptions): ForestPlan {
  const dcs = Array.from({ length: options.dcs ?? 2 }, (_, index): DnsServerEntry => {
    const name = `dc${index + 1}`;
    return { name, site: index === 0 ? firstSite : 'Branch', priority: 0, weight: 100, ...options.dns?.[name] };
  });
  const { recycleBin = false, steps = [], subnets = forestSubnets } = options;
  return { names, dcs, sites: [], subnets, recycleBin, steps };
}

async function startForest(names: ForestNames, options: ForestOptions): Promise<SambaForest> {
  const plan = planOf(names, options);
  const prepared = await prepareForest(plan);
  await using cleaning = new AsyncDisposableStack();
  const place = mkdtempSync(join(tmpdir(), 'rollcall-samba-'));
  cleaning.defer(() => rmSync(place, { recursive: true, force: true }));
  const made = options.certificates === undefined ? cleaning.adopt(makeTestCertificates(), (own) => own.remove()) : options.certificates;

  const addresses: Record<string, string> = {};
  for (const { name } of plan.dcs) {
    const { host, claim } = await claimAddress([53, 135]);
    cleaning.defer(() => void claim.close());
    addresses[name] = host;
  }
  const dcs = await Promise.all(
    plan.dcs.map(async (entry) => {
      const dc = await makeDc({ plan, entry, addresses, place: join(place, entry.name), prepared, certificates: made, options });
      cleaning.defer(() => dc.stop());
      await dc.start();
      return dc;
    }),
  );
  const ending = cleaning.move();
  let stopped: Promise<void> | null = null;
  function stop(): Promise<void> {
    stopped ??= ending.disposeAsync();
    return stopped;
  }
  return {
    domain: names.domain,
    baseDn: baseOf(names),
    dcs,
    dnsServers: dcs.map(({ address }) => address),
    caFile: made.caFile,
    bindDn: accountOf(names),
    password: serviceAccount.password,
    replicate: () => replicate(names, dcs, place),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface DcParts {
  readonly plan: ForestPlan;
  readonly entry: DnsServerEntry;
  readonly addresses: Readonly<Record<string, string>>;
  readonly place: string;
  readonly prepared: string;
  readonly certificates: TestCertificates;
  readonly options: ForestOptions;
}

interface ControlledDc extends SambaDc {
  isRunning(): boolean;
}

async function makeDc({ plan, entry, addresses, place, prepared, certificates, options }: DcParts): Promise<ControlledDc> {
  const { names } = plan;
  const base = baseOf(names);
  const { database } = sambaPlace(place);
  const address = addresses[entry.name] ?? '';
  const hostName = `${entry.name}.${names.domain}`;
  mkdirSync(place);
  // A controller that ran leaves sockets behind.
  const filter = async (path: string): Promise<boolean> => {
    const kind = await lstat(path);
    return kind.isFile() || kind.isDirectory();
  };
  await cp(join(prepared, entry.name), place, { recursive: true, filter });
  const before = addressNodes(names.domain, base, placeholders(plan.dcs));
  await execute('ldbmodify', ['-H', database], addressChangesLdif(before, addressNodes(names.domain, base, addresses)));

  const certificate = certificates.issue(hostName, [`DNS:${hostName}`, `DNS:${names.domain}`, `IP:${address}`]);
  const settings: SambaSettings = {
    place,
    host: address,
    netbiosName: entry.name.toUpperCase(),
    workgroup: names.netbios,
    realm: names.domain.toUpperCase(),
    services: controllerServices,
    endpoints: controllerEndpoints,
    certificate: { ...certificate, caFile: certificates.caFile },
    clearTextBinds: options.clearTextBinds ?? true,
    dnsForwarder: options.dnsForwarder ?? '',
  };
  let server: ChildProcess | null = null;
  async function stop(): Promise<void> {
    const running = server;
    server = null;
    if (running !== null) await endSamba(running);
  }
  return {
    url: `ldap://${address}`,
    ldapsUrl: `ldaps://${address}`,
    hostName,
    address,
    site: entry.site,
    caFile: certificates.caFile,
    certificateSha256: certificate.sha256,
    bindDn: accountOf(names),
    password: serviceAccount.password,
    baseDn: base,
    database,
    isRunning: () => server !== null,
    start: async () => {
      server ??= await runSamba(settings);
    },
    change: (step) => changeDirectory(place, step),
    addUsers: (ldif) => changeDirectory(place, { ldif }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function replicate(names: ForestNames, dcs: readonly ControlledDc[], place: string): Promise<void> {
  const base = baseOf(names);
  for (const target of dcs) {
    for (const source of dcs.filter((dc) => dc !== target && dc.isRunning())) {
      for (const context of [`CN=Configuration,${base}`, base]) {
        const settings = configurationFile(join(place, target.hostName.split('.')[0] ?? ''));
        const words = ['drs', 'replicate', target.address, source.address, context, '--local', '-s', settings];
        await execute('samba-tool', [...words, administratorWords(names)]);
      }
    }
  }
}
