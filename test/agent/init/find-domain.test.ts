import { createSocket, type Socket } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { findControllers, findDomains, guessDomains, type ServiceRecord } from '../../../agent/init/find-domain.ts';
import { createServiceResolver } from '../../../agent/init/machine.ts';

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
  const servers: Socket[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A name server that answers each question with this code and these targets; `null`: it is silent. */
  async function nameServer(code: number, targets: readonly string[] | null): Promise<string> {
    const server = createSocket('udp4');
    servers.push(server);
    server.on('message', (query, from) => {
      if (targets !== null) server.send(answerTo(query, code, targets), from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    return `127.0.0.1:${server.address().port}`;
  }

  it('reads SRV records from the wire', async () => {
    const address = await nameServer(0, ['dc1.corp.test', 'dc2.corp.test']);

    expect(await findControllers('corp.test', createServiceResolver(undefined, [address]))).toEqual(['dc1.corp.test', 'dc2.corp.test']);
  });

  it('takes "no such name" for an empty answer, and a fault for a failure', async () => {
    const absent = createServiceResolver(undefined, [await nameServer(3, [])]);
    const broken = createServiceResolver(undefined, [await nameServer(2, [])]);

    expect(await findControllers('corp.test', absent)).toEqual([]);
    await expect(findControllers('corp.test', broken)).rejects.toThrow(/ESERVFAIL/);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const resolver = createServiceResolver(stop.signal, [await nameServer(0, null)]);
    const asked = resolver.resolveService('_ldap._tcp.dc._msdcs.corp.test');
    stop.abort();

    await expect(asked).rejects.toThrow(/ECANCELLED|abort/i);
  });
});

/** RFC 1035 and 2782: the question again, and one SRV record a target. */
function answerTo(query: Buffer, code: number, targets: readonly string[]): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(targets.length, 6);
  const answers = targets.map((target) => {
    const name = Buffer.concat([...target.split('.').map((part) => Buffer.from([part.length, ...Buffer.from(part)])), Buffer.from([0])]);
    const fixed = Buffer.alloc(18);
    fixed.writeUInt16BE(0xc00c, 0);
    fixed.writeUInt16BE(33, 2);
    fixed.writeUInt16BE(1, 4);
    fixed.writeUInt32BE(60, 6);
    fixed.writeUInt16BE(6 + name.length, 10);
    fixed.writeUInt16BE(100, 14);
    fixed.writeUInt16BE(389, 16);
    return Buffer.concat([fixed, name]);
  });
  return Buffer.concat([header, question, ...answers]);
}
