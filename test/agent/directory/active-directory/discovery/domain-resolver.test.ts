import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { createDomainResolver } from '../../../../../agent/directory/active-directory/discovery/domain-resolver.ts';
import { readNameServer } from '../../../../../agent/directory/active-directory/discovery/srv-query.ts';
import { failureOf } from '../../../../contract/directory-source.contract.ts';
import { type DnsNode, type DnsStandIn, startDnsStandIn } from '../../../../sandbox/dns/server.ts';

const service = '_ldap._tcp.dc._msdcs.corp.example.test';
const host = 'dc1.corp.example.test';

const running: DnsStandIn[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(zone: Readonly<Record<string, DnsNode>>): Promise<DnsStandIn> {
  const server = await startDnsStandIn(zone);
  running.push(server);
  return server;
}

/** Soon, yet with time for a busy machine. */
const times = { answerMs: 300, wholeMs: 2000 };

function resolverOf(...servers: readonly { readonly address: string }[]) {
  return createDomainResolver({ dnsServers: servers.map(({ address }) => address), ...times });
}

/** An address where nobody answers: a port that was free a moment ago. */
async function closedAddress(): Promise<{ readonly address: string }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${socket.address().port}`;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return { address };
}

describe('looking a service up', () => {
  it('brings every field of each record', async () => {
    const dns = await start({ [service]: { srv: [{ target: 'DC1.corp.example.test', port: 3389, priority: 10, weight: 60 }] } });

    const { records, absent } = await resolverOf(dns).lookUpService(service);

    expect(absent).toBeNull();
    expect(records.map(({ name, port, priority, weight }) => ({ name: name.toLowerCase(), port, priority, weight }))).toEqual([
      { name: host, port: 3389, priority: 10, weight: 60 },
    ]);
  });

  it('reads targets that are compressed, as those of Samba are', async () => {
    const dns = await start({ [service]: { srv: [{ target: host }, { target: 'dc2.example.test' }], isCompressed: true } });

    expect((await resolverOf(dns).lookUpService(service)).records.map(({ name }) => name)).toEqual([host, 'dc2.example.test']);
  });

  it.each(['', 'a..b', `${'a'.repeat(64)}.test`, 'zürich.test', `${'a.'.repeat(130)}test`])(
    'sends nothing for %j, which is no name',
    async (name) => {
      const dns = await start({});

      expect((await failureOf(resolverOf(dns).lookUpService(name))).message).toContain('no name that can be looked up');
      expect(dns.asked).toEqual([]);
    },
  );

  it('asks again by TCP when an answer does not fit into UDP', async () => {
    const srv = Array.from({ length: 60 }, (_, index) => ({ target: `dc${index}.corp.example.test` }));
    const dns = await start({ [service]: { srv } });

    const { records } = await resolverOf(dns).lookUpService(service);

    expect(records).toHaveLength(60);
    expect(dns.asked.map(({ by }) => by)).toEqual(['udp', 'tcp']);
  });

  it.each([
    ['no such name', {}, /NXDOMAIN/],
    ['a name without such a record', { [service]: { a: ['10.0.0.1'] } }, /no such record/],
  ] as const)('says that there is %s, which is no failure', async (_, zone, words) => {
    const { records, absent } = await resolverOf(await start(zone)).lookUpService(service);

    expect(records).toEqual([]);
    expect(absent).toMatch(words);
  });

  it.each([
    ['SERVFAIL', /SERVFAIL/],
    ['REFUSED', /REFUSED/],
    ['NOTIMP', /NOTIMP/],
    ['FORMERR', /FORMERR/],
    ['silence', /no answer/],
    ['garbage', /cannot be read|no answer/],
    ['cut', /cannot be read|no answer/],
  ] as const)('fails at %s, naming what was asked and whom', async (fails, words) => {
    const dns = await start({ [service]: { fails } });

    const error = await failureOf(resolverOf(dns).lookUpService(service));

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
    expect(error.message).toMatch(words);
    expect(error.message).toContain(service);
    expect(error.message).toContain(dns.address);
  });

  it('fails when nobody listens', async () => {
    const error = await failureOf(resolverOf(await closedAddress()).lookUpService(service));

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
    expect(error.message).toMatch(/nobody listens|no answer/);
  });

  it.each(['silence', 'SERVFAIL', 'REFUSED'] as const)('goes on to the next name server after %s', async (fails) => {
    const bad = await start({ [service]: { fails } });
    const good = await start({ [service]: { srv: [{ target: host }] } });

    const { records } = await resolverOf(bad, good).lookUpService(service);

    expect(records).toHaveLength(1);
  });

  it('says what each name server said when none answers', async () => {
    const refusing = await start({ [service]: { fails: 'REFUSED' } });
    const silent = await start({ [service]: { fails: 'silence' } });

    const error = await failureOf(resolverOf(refusing, silent).lookUpService(service));

    expect(error.message).toContain(`${refusing.address}: refused (REFUSED), ${silent.address}: no answer in time`);
    expect(refusing.asked).toHaveLength(1);
    expect(silent.asked).toHaveLength(2);
  });

  it('takes "no such name" of the first for an answer', async () => {
    const first = await start({});
    const second = await start({ [service]: { srv: [{ target: host }] } });

    expect((await resolverOf(first, second).lookUpService(service)).absent).toMatch(/NXDOMAIN/);
  });

  it('ends at once, as INTERRUPTED, when it is told to', async () => {
    const dns = await start({ [service]: { fails: 'silence' } });
    const stop = new AbortController();
    const resolver = createDomainResolver({ dnsServers: [dns.address], signal: stop.signal, answerMs: 60_000, wholeMs: 60_000 });

    const looking = failureOf(resolver.lookUpService(service));
    stop.abort();

    expect((await looking).code).toBe('INTERRUPTED');
    expect((await failureOf(resolver.lookUpService(service))).code).toBe('INTERRUPTED');
  });

  it('has a deadline over all name servers', async () => {
    const dns = await start({ [service]: { fails: 'silence' } });
    const startedAt = performance.now();

    const error = await failureOf(
      createDomainResolver({ dnsServers: [dns.address], answerMs: 60_000, wholeMs: 200 }).lookUpService(service),
    );

    expect(error.message).toContain(`${dns.address}: no answer in time`);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('refuses what is no address of a name server', () => {
    expect(() => createDomainResolver({ dnsServers: ['dns.example.test'] })).toThrow(/DIRECTORY_DISCOVERY|dnsServers/);
  });
});

describe('name servers', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', 53],
    ['10.0.0.1:5353', '10.0.0.1', 5353],
    ['fd00::1', 'fd00::1', 53],
    ['[fd00::1]:5353', 'fd00::1', 5353],
    ['[fd00::1]', 'fd00::1', 53],
  ])('are read: %s', (text, address, port) => {
    expect(readNameServer(text)).toEqual({ address, port });
  });
});

describe('looking a host up', () => {
  it('brings IPv4 and IPv6 addresses', async () => {
    const dns = await start({ [host]: { a: ['10.0.0.1', '10.0.0.2'], aaaa: ['fd00:0:0:0:0:0:0:1'] } });

    expect(await resolverOf(dns).lookUpAddresses(host)).toEqual(['10.0.0.1', '10.0.0.2', 'fd00::1']);
  });

  it('is content with one family, as most domains have', async () => {
    const four = await start({ [host]: { a: ['10.0.0.1'] } });
    const six = await start({ [host]: { aaaa: ['fd00:0:0:0:0:0:0:1'] } });

    expect(await resolverOf(four).lookUpAddresses(host)).toEqual(['10.0.0.1']);
    expect(await resolverOf(six).lookUpAddresses(host)).toEqual(['fd00::1']);
  });

  it.each([
    ['NXDOMAIN', {}, /NXDOMAIN/],
    ['no record', { [host]: {} }, /no such record/],
    ['SERVFAIL', { [host]: { fails: 'SERVFAIL' } }, /SERVFAIL/],
  ] as const)('fails at %s', async (_, zone, words) => {
    const error = await failureOf(resolverOf(await start(zone)).lookUpAddresses(host));

    expect(error.code).toBe('DIRECTORY_DISCOVERY');
    expect(error.message).toMatch(words);
    expect(error.message).toContain(host);
  });
});
