import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSite, type ForestSubnet, findUncovered, holds, parseNetwork } from '../../../core/active-directory/sites.ts';

const forest: readonly ForestSubnet[] = [
  { name: '10.0.0.0/8', site: 'Head-Office' },
  { name: '10.20.0.0/16', site: 'Berlin' },
  { name: '10.20.30.0/24', site: 'Berlin-Lab' },
  { name: '10.40.0.0/16', site: null },
  { name: '192.168.7.0/24', site: 'Paris' },
  { name: 'fd00:20::/32', site: 'Berlin' },
  { name: '127.0.0.0/8', site: 'Test' },
  { name: '10.50.0.0/16\nCNF:4c22', site: 'Conflict' },
];

describe('networks', () => {
  it.each([
    ['10.20.30.40/16', [10, 20, 0, 0], 16],
    ['10.20.30.40', [10, 20, 30, 40], 32],
    ['0.0.0.0/0', [0, 0, 0, 0], 0],
    ['10.20.30.255/25', [10, 20, 30, 128], 25],
    ['::ffff:10.1.2.3', [10, 1, 2, 3], 32],
    ['::ffff:10.1.2.3/120', [10, 1, 2, 0], 24],
    ['fd00:20:30::1/32', [0xfd, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 32],
    ['fe80::1%eth0', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8], 128],
    ['::', Array.from({ length: 16 }, () => 0), 128],
  ])('reads %s', (text, bytes, prefix) => {
    expect(parseNetwork(text)).toEqual({ bytes, prefix });
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    'g::',
    '::/129',
    '10.0.0.0/8\nCNF:x',
    '12345::',
    ':1',
  ])('does not read %j', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });

  const bytes = (length: number) => fc.array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length });
  const textOf = (list: readonly number[]): string =>
    list.length === 4
      ? list.join('.')
      : Array.from({ length: 8 }, (_, index) => (((list[index * 2] ?? 0) << 8) | (list[index * 2 + 1] ?? 0)).toString(16)).join(':');

  it.each([
    [4, 32, 'ipv4'],
    [16, 128, 'ipv6'],
  ] as const)('holds what Node says that a network holds (%i bytes)', (length, bits, family) => {
    fc.assert(
      fc.property(
        bytes(length),
        bytes(length),
        fc.integer({ min: 0, max: bits }),
        fc.integer({ min: 0, max: length }),
        (net, other, prefix, same) => {
          // Half of an address that is alike, so that both answers come up.
          const address = textOf([...net.slice(0, same), ...other.slice(same)]);
          const list = new BlockList();
          list.addSubnet(textOf(net), prefix, family);
          const outer = parseNetwork(`${textOf(net)}/${prefix}`);
          const inner = parseNetwork(address);
          fc.pre(outer?.bytes.length === length && inner?.bytes.length === length);

          expect(outer !== null && inner !== null && holds(outer, inner)).toBe(list.check(address, family));
        },
      ),
    );
  });

  it('never fails, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseNetwork(text)).not.toThrow();
      }),
    );
  });
});

describe('the site of a collector', () => {
  it.each<[string, readonly string[], string | null]>([
    ['the longest subnet that holds it', ['10.20.30.0/25'], 'Berlin-Lab'],
    ['an equal subnet', ['10.20.30.0/24'], 'Berlin-Lab'],
    ['a wider one where no narrower fits', ['10.99.1.7'], 'Head-Office'],
    ['IPv6', ['fd00:20:0:7::15'], 'Berlin'],
    ['an IPv4 address written as IPv6', ['::ffff:192.168.7.9'], 'Paris'],
    ['the first of its places that fits', ['172.16.0.1', '192.168.7.9', '10.20.0.1'], 'Paris'],
    ['a place that holds subnets of one site alone', ['192.168.0.0/16'], 'Paris'],
    ['no site where several would do', ['0.0.0.0/0'], null],
    ['no site by a subnet without one', ['10.40.0.1'], null],
    ['no site by loopback and link-local addresses', ['127.0.0.1', '169.254.10.1', 'fe80::1', '::1'], null],
    ['a loopback subnet that somebody has chosen', ['127.0.0.0/8'], 'Test'],
    ['no site where nothing fits', ['172.16.0.1'], null],
    ['no site without a place', [], null],
    ['a wider one where the name of a narrower is none', ['10.50.0.1'], 'Head-Office'],
  ])('is decided by %s', (_, own, site) => {
    expect(decideSite(own, forest).site).toBe(site);
  });

  it('says why', () => {
    expect(decideSite(['10.20.1.1'], forest).why).toBe('10.20.1.1 is in the subnet 10.20.0.0/16 of the site Berlin');
    expect(decideSite(['172.16.0.1'], forest).why).toContain('172.16.0.1');
    expect(decideSite(['172.16.0.1'], []).why).toBe('the forest has no subnets');
    expect(decideSite([], forest).why).toContain('no address');
    expect(
      decideSite(
        Array.from({ length: 9 }, (_, index) => `172.16.0.${index}`),
        forest,
      ).why,
    ).toContain('172.16.0.2 and 6 more');
  });

  it('does not depend on the order of the forest', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...forest], { minLength: forest.length }), fc.ipV4(), (shuffled, address) => {
        expect(decideSite([address], shuffled)).toEqual(decideSite([address], forest));
      }),
    );
  });
});

describe('what of a forest has no collector', () => {
  const sites = ['Head-Office', 'Berlin', 'Berlin-Lab', 'Paris', 'Empty'];
  const names = (covered: readonly string[], stoodIn: readonly string[] = []) => {
    const { subnets, sites: left } = findUncovered(covered, { subnets: forest.slice(0, 7), sites }, stoodIn);
    return { subnets: subnets.map(({ name }) => name), sites: left };
  };

  it('is all of it without a collector', () => {
    expect(names([])).toEqual({ subnets: forest.slice(0, 7).map(({ name }) => name), sites });
  });

  it('leaves out what a collector’s subnet holds, and the narrowest one that holds it', () => {
    expect(names(['10.20.0.0/16']).subnets).toEqual(['10.0.0.0/8', '10.40.0.0/16', '192.168.7.0/24', 'fd00:20::/32', '127.0.0.0/8']);
    expect(names(['10.20.0.0/16']).sites).toEqual(['Head-Office', 'Paris', 'Empty']);
    expect(names(['10.99.0.0/24']).subnets).not.toContain('10.0.0.0/8');
  });

  it('leaves out the site in which a collector stands, whatever its case', () => {
    expect(names([], ['EMPTY']).sites).toEqual(['Head-Office', 'Berlin', 'Berlin-Lab', 'Paris']);
  });

  it('keeps subnets with names that are none', () => {
    expect(findUncovered(['0.0.0.0/0', '::/0'], { subnets: forest, sites: [] }).subnets.map(({ site }) => site)).toEqual(['Conflict']);
  });
});
