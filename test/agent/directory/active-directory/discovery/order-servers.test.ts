import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceRecord } from '../../../../../agent/directory/active-directory/discovery/domain-resolver.ts';
import {
  hostOf,
  mostServers,
  orderByWeight,
  orderServers,
} from '../../../../../agent/directory/active-directory/discovery/order-servers.ts';

function record(name: string, changes: Partial<ServiceRecord> = {}): ServiceRecord {
  return { name, port: 389, priority: 0, weight: 100, ...changes };
}

const first = (): number => 0;
const namesOf = (records: readonly ServiceRecord[]): readonly string[] => records.map(({ name }) => name);

/** Numbers from 0 up to 1, the same in each run. */
function lots(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('names of servers', () => {
  it.each([
    ['DC1.Corp.Example.Test.', 'dc1.corp.example.test'],
    ['dc1', 'dc1'],
    ['dc_1.corp.example.test', 'dc_1.corp.example.test'],
    ['.', null],
    ['', null],
    ['10.0.0.1', null],
    ['corp.0x7f', null],
    ['dc1.corp.example.test/DC=x', null],
    ['user@dc1.example.test', null],
    ['dc1 .example.test', null],
    ['dc1..example.test', null],
    ['-dc1.example.test', null],
    [`${'a'.repeat(64)}.example.test`, null],
    [`${'a.'.repeat(127)}test`, null],
  ])('takes %j for %j', (target, host) => {
    expect(hostOf(target)).toBe(host);
  });

  it('gives nothing that an address would read otherwise', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain(), fc.stringMatching(/^[a-z0-9._:@/-]{1,20}$/)), (target) => {
        const host = hostOf(target);
        if (host !== null) expect(new URL(`ldaps://${host}`).hostname).toBe(host);
        if (host !== null) expect(new URL(`https://${host}`).hostname).toBe(host);
      }),
    );
  });
});

describe('the order of RFC 2782', () => {
  it('goes by priority, whatever the weights', () => {
    const records = [record('c', { priority: 20, weight: 65_535 }), record('b', { priority: 10, weight: 1 }), record('a', { weight: 0 })];

    expect(namesOf(orderByWeight(records, lots(7)))).toEqual(['a', 'b', 'c']);
  });

  it('brings each first as often as its weight says', () => {
    const random = lots(1);
    const records = [record('small', { weight: 10 }), record('large', { weight: 60 }), record('middle', { weight: 30 })];
    const firsts: Record<string, number> = {};
    for (let round = 0; round < 20_000; round += 1) {
      const name = orderByWeight(records, random)[0]?.name ?? '';
      firsts[name] = (firsts[name] ?? 0) + 1;
    }

    expect((firsts['large'] ?? 0) / 20_000).toBeCloseTo(0.6, 1);
    expect((firsts['middle'] ?? 0) / 20_000).toBeCloseTo(0.3, 1);
    expect((firsts['small'] ?? 0) / 20_000).toBeCloseTo(0.1, 1);
    expect(firsts['small'] ?? 0).toBeGreaterThan(1500);
  });

  it('brings weight 0 first seldom, but not never', () => {
    const random = lots(2);
    let zero = 0;
    for (let round = 0; round < 20_000; round += 1) {
      if (orderByWeight([record('full', { weight: 99 }), record('zero', { weight: 0 })], random)[0]?.name === 'zero') zero += 1;
    }

    expect(zero / 20_000).toBeGreaterThan(0.004);
    expect(zero / 20_000).toBeLessThan(0.02);
  });

  it('loses none, repeats none and never fails', () => {
    const records = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c.test', 'D.test', 'd.test.', 'e', '.'),
        port: fc.integer({ min: 0, max: 65_535 }),
        priority: fc.integer({ min: 0, max: 3 }),
        weight: fc.integer({ min: 0, max: 65_535 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(records, fc.integer(), (list, seed) => {
        const ordered = orderByWeight(list, lots(seed));
        const wanted = new Set(list.flatMap(({ name }) => hostOf(name) ?? []));

        expect(new Set(namesOf(ordered))).toEqual(wanted);
        expect(ordered).toHaveLength(wanted.size);
        expect(ordered.map(({ priority }) => priority)).toEqual(ordered.map(({ priority }) => priority).toSorted((a, b) => a - b));
      }),
    );
  });

  it('keeps to its bounds when the lot is as high as it can be', () => {
    expect(orderByWeight([record('a', { weight: 0 }), record('b', { weight: 0 })], () => 0.999_999_999)).toHaveLength(2);
  });
});

describe('site and domain', () => {
  it('puts those of the site first, each once', () => {
    const site = [record('dc2.test', { priority: 50 })];
    const domain = [record('DC1.test'), record('dc2.test'), record('dc3.test', { priority: 5 })];

    expect(orderServers({ site, domain }, first).map(({ name, fromSite }) => [name, fromSite])).toEqual([
      ['dc2.test', true],
      ['dc1.test', false],
      ['dc3.test', false],
    ]);
  });

  it('keeps 32 at most', () => {
    const domain = Array.from({ length: 100 }, (_, index) => record(`dc${index}.test`));

    expect(orderServers({ site: [record('near.test')], domain }, first)).toHaveLength(mostServers);
    expect(orderServers({ site: [record('near.test')], domain }, first)[0]?.name).toBe('near.test');
  });
});
