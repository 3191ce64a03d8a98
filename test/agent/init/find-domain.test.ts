import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceRecord } from '../../../agent/directory/active-directory/discovery/domain-resolver.ts';
import { findControllers, findDomains, guessDomains } from '../../../agent/init/find-domain.ts';
import { createServiceResolver } from '../../../agent/init/machine.ts';
import { type DnsNode, type DnsStandIn, startDnsStandIn } from '../../sandbox/dns/server.ts';

const nothing = { environment: {}, resolverFile: null, hostName: 'dc1' };

function resolverOf(records: Readonly<Record<string, readonly Partial<ServiceRecord>[]>>) {
  return {
    resolveService: (name: string) =>
      Promise.resolve((records[name] ?? []).map((record) => ({ name: '', port: 389, priority: 0, weight: 100, ...record }))),
  };
}

describe('guessing the domain', () => {
  it.each([
    ['the user’s domain', { ...nothing, environment: { USERDNSDOMAIN: 'CORP.EXAMPLE.TEST' } }, ['corp.example.test']],
    [
      'the search list',
      { ...nothing, resolverFile: '# search no.example\nnameserver 10.0.0.1\nsearch a.test  b.test.\n' },
      ['a.test', 'b.test'],
    ],
    ['the machine’s own name', { ...nothing, hostName: 'srv.corp.example.test' }, ['corp.example.test']],
    [
      'each once, likeliest first',
      { environment: { USERDNSDOMAIN: 'a.test' }, resolverFile: 'domain b.test\nsearch A.TEST', hostName: 'x.b.test' },
      ['a.test', 'b.test'],
    ],
    ['nothing at all', nothing, []],
    ['no address and no single word', { ...nothing, resolverFile: 'search local 10.0.0.1' }, []],
  ])('takes %s', (_what, names, expected) => {
    expect(guessDomains(names)).toEqual(expected);
  });

  it('never fails, whatever stands in the file', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (resolverFile, hostName) => {
        const domains = guessDomains({ environment: {}, resolverFile, hostName });
        expect(new Set(domains).size).toBe(domains.length);
      }),
    );
  });
});

describe('finding domain controllers', () => {
  it('orders by priority, then weight, without dots at the end and without repeats', async () => {
    const resolver = resolverOf({
      '_ldap._tcp.dc._msdcs.corp.test': [
        { name: 'DC3.corp.test.', priority: 10 },
        { name: 'dc1.corp.test', weight: 10 },
        { name: 'dc2.corp.test', weight: 90 },
        { name: 'dc2.corp.test.', port: 636 },
      ],
    });

    expect(await findControllers('corp.test', resolver)).toEqual(['dc2.corp.test', 'dc1.corp.test', 'dc3.corp.test']);
  });

  it('passes over hosts outside the domain, whom a false answer may name', async () => {
    const names = ['dc1.evil.test', 'notcorp.test', 'DC2.Corp.Test'];
    const resolver = resolverOf({ '_ldap._tcp.dc._msdcs.Corp.test': names.map((name) => ({ name })) });

    expect(await findControllers('Corp.test', resolver)).toEqual(['dc2.corp.test']);
  });

  it('keeps only guesses that are domains; a name server that does not answer for one hides no other', async () => {
    const good = resolverOf({ '_ldap._tcp.dc._msdcs.corp.test': [{ name: 'dc1.corp.test' }] });
    const resolver = {
      resolveService: (name: string) => (name.includes('broken') ? Promise.reject(new Error('ETIMEOUT')) : good.resolveService(name)),
    };

    const found = await findDomains({ ...nothing, resolverFile: 'search broken.test corp.test home.test' }, resolver);

    expect(found).toEqual([{ domain: 'corp.test', controllers: ['dc1.corp.test'] }]);
  });
});

describe('asking a name server', () => {
  const servers: DnsStandIn[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  async function nameServer(node: DnsNode | null): Promise<string> {
    const server = await startDnsStandIn(node === null ? {} : { '_ldap._tcp.dc._msdcs.corp.test': node });
    servers.push(server);
    return server.address;
  }

  it('reads SRV records from the wire', async () => {
    const address = await nameServer({ srv: [{ target: 'dc1.corp.test' }, { target: 'DC2.corp.test' }] });

    expect(await findControllers('corp.test', createServiceResolver(undefined, [address]))).toEqual(['dc1.corp.test', 'dc2.corp.test']);
  });

  it('takes "no such name" for an empty answer, and a fault for a failure', async () => {
    const absent = createServiceResolver(undefined, [await nameServer(null)]);
    const broken = createServiceResolver(undefined, [await nameServer({ fails: 'SERVFAIL' })]);

    expect(await findControllers('corp.test', absent)).toEqual([]);
    await expect(findControllers('corp.test', broken)).rejects.toMatchObject({ code: 'DIRECTORY_DISCOVERY' });
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const resolver = createServiceResolver(stop.signal, [await nameServer({ fails: 'silence' })]);
    const asked = resolver.resolveService('_ldap._tcp.dc._msdcs.corp.test');
    stop.abort();

    await expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
