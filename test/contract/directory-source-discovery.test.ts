import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { passingMemory } from '../../agent/directory/active-directory/discovery/remembered.ts';
import type { JsonObject } from '../../core/model/json.ts';
import type { SourceMemory } from '../../core/ports/directory-source.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { type DnsNode, type DnsStandIn, type SrvData, startDnsStandIn } from '../sandbox/dns/server.ts';
import type { LdapEntry } from '../sandbox/ldap/entry.ts';
import type { Fault } from '../sandbox/ldap/faults.ts';
import { plainEntry, sampleAccount, sampleBase, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, startLdapStandIn } from '../sandbox/ldap/server.ts';
import { failureOf, readAll } from './directory-source.contract.ts';
import { sampleConfig } from './directory-source.subjects.ts';

const domain = 'corp.example.test';
const sitesBase = `CN=Sites,CN=Configuration,${sampleBase}`;
const certificates = makeTestCertificates();
const certificate = certificates.issue('controllers', [
  'DNS:dc1.corp.example.test',
  'DNS:dc2.corp.example.test',
  'DNS:dc3.corp.example.test',
]);
const running: { stop(): Promise<void> }[] = [];

afterAll(() => certificates.remove());
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

/** Two sites; every place of 10.20.0.0/16 is in Berlin, all else of 10.0.0.0/8 in Rome. */
const forest: readonly LdapEntry[] = [
  plainEntry(sitesBase, ['sitesContainer']),
  ...['Berlin', 'Rome'].map((cn) => plainEntry(`CN=${cn},${sitesBase}`, ['site'], { cn })),
  plainEntry(`CN=Subnets,${sitesBase}`, ['subnetContainer']),
  ...[
    ['10.20.0.0/16', 'Berlin'],
    ['10.0.0.0/8', 'Rome'],
  ].map(([cn = '', site]) => plainEntry(`CN=${cn},CN=Subnets,${sitesBase}`, ['subnet'], { cn, siteObject: `CN=${site},${sitesBase}` })),
];

interface Controller {
  readonly site?: string;
  readonly faults?: readonly Fault[];
  /** Default: those of `forest`. */
  readonly sites?: readonly LdapEntry[];
}

async function startController({ site = 'Rome', faults = [], sites = forest }: Controller = {}): Promise<LdapStandIn> {
  const users = Array.from({ length: 25 }, (_, index) => userEntry(index + 1));
  const entries = sampleDirectory(users).map((entry) =>
    entry.dn === '' ? { dn: '', attributes: { ...entry.attributes, serverName: [`CN=DC,CN=Servers,CN=${site},${sitesBase}`] } } : entry,
  );
  const server = await startLdapStandIn({ accounts: [sampleAccount], entries: [...entries, ...sites], certificate, faults });
  running.push(server);
  return server;
}

interface Zone {
  readonly all: readonly SrvData[];
  readonly berlin?: readonly SrvData[];
  readonly more?: Readonly<Record<string, DnsNode>>;
}

async function startDns({ all, berlin, more = {} }: Zone): Promise<DnsStandIn> {
  const hosts = Object.fromEntries(['dc1', 'dc2', 'dc3'].map((name) => [`${name}.${domain}`, { a: ['127.0.0.1'] }]));
  const site = berlin === undefined ? {} : { [`_ldap._tcp.berlin._sites.dc._msdcs.${domain}`]: { srv: berlin } };
  const dns = await startDnsStandIn({ [`_ldap._tcp.dc._msdcs.${domain}`]: { srv: all }, ...site, ...hosts, ...more });
  running.push(dns);
  return dns;
}

function srv(name: 'dc1' | 'dc2' | 'dc3', { port }: Pick<LdapStandIn, 'port'>, priority = 0): SrvData {
  return { target: `${name}.${domain}`, port, priority };
}

function configFor(dns: DnsStandIn, changes: Partial<ActiveDirectoryConfig> = {}): ActiveDirectoryConfig {
  return sampleConfig([], {
    domain,
    dnsServers: [dns.address],
    subnets: ['10.20.1.0/24'],
    pageSize: 10,
    tls: { mode: 'starttls', caFile: certificates.caFile, serverName: '', pinSha256: '', verify: true },
    ...changes,
  });
}

function read(config: ActiveDirectoryConfig, memory: SourceMemory = passingMemory()) {
  return readAll(createActiveDirectorySource(config), { request: { memory } });
}

function memoryOf(value: JsonObject): SourceMemory {
  const memory = passingMemory();
  void memory.keep(value);
  return memory;
}

const knownSite = { site: 'Berlin', siteAt: Date.now(), siteWhy: '', sitePlaces: '10.20.1.0/24' };
/** A port where nobody listens. */
const closed = { port: 1 };

function readersOf(server: LdapStandIn): number {
  return server.received.filter(({ search }) => search?.kind === 'users' && search.page === 1).length;
}

describe('domain controllers found by DNS', () => {
  it('are reached by the name that the certificate shows, at the address that the given name servers tell', async () => {
    const server = await startController();
    const dns = await startDns({ all: [srv('dc1', server)] });

    const { proof } = await read(configFor(dns));

    expect(proof).toMatchObject({ complete: true, users: 26, server: `ldap://dc1.corp.example.test:${server.port}` });
    expect(new Set(server.askedNames)).toEqual(new Set(['dc1.corp.example.test']));
    expect(server.clearBytes().includes(sampleAccount.password)).toBe(false);
    expect(dns.asked.some(({ name, type }) => name === `dc1.${domain}` && type === 'A')).toBe(true);
  });

  it('are trusted by their name only, whoever answers at their address', async () => {
    const server = await startController();
    const dns = await startDns({
      all: [{ target: 'other.corp.example.test', port: server.port }],
      more: { 'other.corp.example.test': { a: ['127.0.0.1'] } },
    });

    const error = await failureOf(read(configFor(dns)));

    expect(error.code).toBe('DIRECTORY_TLS_NAME_MISMATCH');
    expect(server.received.filter(({ operation }) => operation === 'bind')).toEqual([]);
  });

  it('are not asked by a name outside the domain, for which anybody may have a certificate of a public authority', async () => {
    const server = await startController();
    const stranger = 'dc1.attacker.example.net';
    const dns = await startDns({ all: [{ target: stranger, port: server.port }], more: { [stranger]: { a: ['127.0.0.1'] } } });
    const tls = { mode: 'starttls', caFile: '', serverName: '', pinSha256: '', verify: true } as const;

    const error = await failureOf(read(configFor(dns, { tls })));

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
    expect(error.message).toContain(`not below ${domain}`);
    expect(server.connections.accepted).toBe(0);
  });

  it.each<[string, Zone, RegExp]>([
    ['no such name', { all: [], more: { [`_ldap._tcp.dc._msdcs.${domain}`]: { a: ['127.0.0.1'] } } }, /no such record/],
    ['the word that there is no such service', { all: [{ target: '.' }] }, /no host/],
    ['a failure', { all: [], more: { [`_ldap._tcp.dc._msdcs.${domain}`]: { fails: 'REFUSED' } } }, /REFUSED/],
  ])('say what was asked of whom when there is %s', async (_, zone, words) => {
    const dns = await startDns(zone);

    const error = await failureOf(read(configFor(dns)));

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
    expect(error.message).toMatch(words);
    expect(error.message).toContain(`_ldap._tcp.dc._msdcs.${domain}`);
    expect(error.message).toContain(dns.address);
  });

  it('cannot be found without a domain', async () => {
    const error = await failureOf(createActiveDirectorySource(sampleConfig([], { domain: '' })).check());

    expect(error).toMatchObject({ code: 'DIRECTORY_DISCOVERY' });
    expect(error.message).toContain('neither "servers" nor a "domain"');
  });

  it('are tried in turn; one without an address leaves the next', async () => {
    const server = await startController();
    const dns = await startDns({ all: [srv('dc1', server), srv('dc2', server, 10)], more: { [`dc1.${domain}`]: { a: [] } } });

    const { proof } = await read(configFor(dns));

    expect(proof.server).toContain('dc2.');
  });

  it('fail together with what each of them said', async () => {
    const dns = await startDns({ all: [srv('dc1', closed), srv('dc2', closed, 10)], more: { [`dc2.${domain}`]: { fails: 'SERVFAIL' } } });

    const error = await failureOf(read(configFor(dns)));

    expect(error.code).toBe('DIRECTORY_UNREACHABLE');
    expect(error.message).toMatch(/dc1\S* .*nothing listens.*; .*dc2\S* .*SERVFAIL/);
  });

  it('start over at another one in the middle of a read', async () => {
    const bad = await startController({ faults: [{ at: 'search', page: 2, does: 'drop-in-page' }] });
    const good = await startController();
    const dns = await startDns({ all: [srv('dc1', bad), srv('dc2', good, 10)] });

    const { proof, restarts, entries } = await read(configFor(dns));

    expect(restarts).toBe(1);
    expect(proof).toMatchObject({ complete: true, server: `ldap://dc2.corp.example.test:${good.port}` });
    expect(entries).toHaveLength(26);
  });

  it('are not asked for where the configuration names servers', async () => {
    const server = await startController();
    const dns = await startDns({ all: [srv('dc1', closed)] });

    const { proof } = await read(configFor(dns, { servers: [`ldap://dc3.corp.example.test:${server.port}`] }));

    expect(proof.server).toBe(`ldap://dc3.corp.example.test:${server.port}`);
    expect(dns.asked.filter(({ type }) => type === 'SRV')).toEqual([]);
    expect(server.received.filter(({ search }) => search?.base === sitesBase)).toEqual([]);
  });
});

describe('servers that failed', () => {
  it('are tried last in the next read, and first again after their rest', async () => {
    const bad = await startController({ faults: [{ at: 'search', page: 2, does: 'drop', times: 1 }] });
    const good = await startController();
    const dns = await startDns({ all: [srv('dc1', bad), srv('dc2', good, 10)] });
    const memory = passingMemory();
    const url = `ldap://dc1.corp.example.test:${bad.port}`;

    await read(configFor(dns), memory);
    expect(memory.value).toMatchObject({ servers: { [url]: { failures: 1 } } });
    const second = await read(configFor(dns), memory);
    expect(second.proof.server).toContain('dc2.');
    expect(second.restarts).toBe(0);
    expect(readersOf(bad)).toBe(1);

    await memory.keep({ ...memory.value, servers: { [url]: { failures: 1, lastFailureAt: Date.now() - 16 * 60_000 } } });
    const third = await read(configFor(dns), memory);
    expect(third.proof.server).toBe(url);
    expect(memory.value?.['lastServer']).toBe(url);
    expect(memory.value?.['servers']).toEqual({});
  });

  it('are still tried when all failed', async () => {
    const server = await startController();
    const dns = await startDns({ all: [srv('dc1', server)] });
    const url = `ldap://dc1.corp.example.test:${server.port}`;

    const { proof } = await read(configFor(dns), memoryOf({ servers: { [url]: { failures: 9, lastFailureAt: Date.now() } } }));

    expect(proof.server).toBe(url);
  });

  it('go last among configured ones too, for a while', async () => {
    const server = await startController();
    const dns = await startDns({ all: [] });
    const servers = [`ldap://dc1.corp.example.test:${closed.port}`, `ldap://dc2.corp.example.test:${server.port}`];
    const memory = passingMemory();

    await read(configFor(dns, { servers }), memory);
    const before = dns.asked.length;
    await read(configFor(dns, { servers }), memory);

    expect(memory.value).toMatchObject({ servers: { [servers[0] ?? '']: { failures: 1 } } });
    expect(dns.asked.slice(before).map(({ name }) => name)).not.toContain(`dc1.${domain}`);
  });

  it('leave what others keep in the memory as it is', async () => {
    const server = await startController();
    const dns = await startDns({ all: [srv('dc1', closed), srv('dc2', server, 10)] });
    const memory = memoryOf({ signIn: { refused: 2 } });

    await read(configFor(dns), memory);

    expect(memory.value).toMatchObject({ signIn: { refused: 2 }, servers: expect.anything() });
  });

  it('are not those that refused the password', async () => {
    const server = await startController({ faults: [{ at: 'bind', does: { code: 49, message: 'data 52e' } }] });
    const dns = await startDns({ all: [srv('dc1', server)] });
    const memory = passingMemory();

    expect((await failureOf(read(configFor(dns), memory))).code).toBe('DIRECTORY_BIND_REJECTED');
    expect(memory.value).not.toHaveProperty('servers');
  });
});

describe('the collector’s own site', () => {
  it('is worked out in the first session, and the read moves there before it starts', async () => {
    const rome = await startController({ site: 'Rome' });
    const berlin = await startController({ site: 'Berlin' });
    const dns = await startDns({ all: [srv('dc1', rome), srv('dc2', berlin, 10)], berlin: [srv('dc2', berlin)] });
    const memory = passingMemory();

    const { proof, restarts } = await read(configFor(dns), memory);

    expect(proof).toMatchObject({ complete: true, server: `ldap://dc2.corp.example.test:${berlin.port}` });
    expect(restarts).toBe(0);
    expect(readersOf(rome)).toBe(0);
    expect(memory.value).toMatchObject({ site: 'Berlin', siteWhy: '10.20.1.0/24 is in the subnet 10.20.0.0/16 of the site Berlin' });
    await rome.idle();
  });

  it('is asked for first when it is known, and its servers alone are reached', async () => {
    const rome = await startController({ site: 'Rome' });
    const berlin = await startController({ site: 'Berlin' });
    const dns = await startDns({ all: [srv('dc1', rome), srv('dc2', berlin, 10)], berlin: [srv('dc2', berlin)] });

    const { proof } = await read(configFor(dns), memoryOf(knownSite));

    expect(proof.server).toContain('dc2.');
    expect(rome.connections.accepted).toBe(0);
    expect(berlin.received.filter(({ search }) => search?.base === sitesBase)).toEqual([]);
  });

  it('falls back to the domain’s servers when its own are down, or DNS knows none', async () => {
    const rome = await startController({ site: 'Rome' });
    const down = await startDns({ all: [srv('dc1', rome)], berlin: [srv('dc2', closed)] });
    const none = await startDns({ all: [srv('dc1', rome)] });
    const failing = await startDns({
      all: [srv('dc1', rome)],
      more: { [`_ldap._tcp.berlin._sites.dc._msdcs.${domain}`]: { fails: 'SERVFAIL' } },
    });

    for (const dns of [down, none, failing]) {
      const { proof } = await read(configFor(dns), memoryOf(knownSite));
      expect(proof.server).toContain('dc1.');
    }
  });

  it('moves once: when its servers fail, the first one is read', async () => {
    const rome = await startController({ site: 'Rome' });
    const dns = await startDns({ all: [srv('dc1', rome)], berlin: [srv('dc2', closed)] });

    const { proof } = await read(configFor(dns));

    expect(proof).toMatchObject({ complete: true, server: `ldap://dc1.corp.example.test:${rome.port}` });
  });

  it.each<[string, Partial<Zone>]>([
    ['has no servers', {}],
    ['has this server among its own, though it stands elsewhere', { berlin: [srv('dc1', closed)] }],
  ])('keeps the read where it is when it %s', async (_, zone) => {
    const rome = await startController({ site: 'Rome' });
    const berlin = zone.berlin === undefined ? {} : { berlin: [srv('dc1', rome)] };
    const dns = await startDns({ all: [srv('dc1', rome)], ...berlin });

    await read(configFor(dns));

    expect(rome.connections.accepted).toBe(1);
  });

  it('is none when no subnet fits, and the memory says why', async () => {
    const rome = await startController();
    const dns = await startDns({ all: [srv('dc1', rome)] });
    const memory = passingMemory();

    await read(configFor(dns, { subnets: ['172.16.0.0/24'] }), memory);

    expect(memory.value).toMatchObject({ site: null, siteWhy: expect.stringContaining('172.16.0.0/24') });
  });

  it.each<[string, Controller]>([
    ['may not be read', { sites: [] }],
    ['are refused', { faults: [{ at: 'search', of: 'other', does: { result: { code: 50, message: '' } }, times: 1 }] }],
    ['end the connection', { faults: [{ at: 'search', of: 'other', does: 'drop', times: 1 }] }],
    ['are never answered', { faults: [{ at: 'search', of: 'other', does: 'stall', times: 1 }] }],
  ])('costs no read when the sites of the forest %s', async (_, controller) => {
    const server = await startController(controller);
    const dns = await startDns({ all: [srv('dc1', server)] });
    const memory = passingMemory();

    const { proof, restarts } = await read(configFor(dns), memory);

    expect(proof.complete).toBe(true);
    expect(restarts).toBe(0);
    expect(memory.value).toMatchObject({ site: null, siteWhy: expect.stringContaining('could not be read') });
    expect(memory.value).not.toHaveProperty('servers');
  });

  it.each<[string, JsonObject]>([
    ['a day has passed', { ...knownSite, siteAt: Date.now() - 25 * 60 * 60_000 }],
    ['the clock was ahead when it was', { ...knownSite, siteAt: Date.now() + 60_000 }],
    ['the collector stands elsewhere', { ...knownSite, sitePlaces: '10.99.0.0/16' }],
  ])('is worked out again when %s', async (_, kept) => {
    const server = await startController({ site: 'Berlin' });
    const dns = await startDns({ all: [srv('dc1', server)] });
    const memory = memoryOf({ ...kept, site: 'Rome' });

    await read(configFor(dns), memory);

    expect(memory.value).toMatchObject({ site: 'Berlin' });
  });

  it('stays with the server that was read last among its equals', async () => {
    const one = await startController({ site: 'Berlin' });
    const two = await startController({ site: 'Berlin' });
    const both = [srv('dc1', one), srv('dc2', two)];
    const dns = await startDns({ all: both, berlin: both });
    const memory = memoryOf(knownSite);

    const servers = new Set<string>();
    for (let round = 0; round < 6; round += 1) servers.add((await read(configFor(dns), memory)).proof.server);

    expect(servers.size).toBe(1);
  });
});
