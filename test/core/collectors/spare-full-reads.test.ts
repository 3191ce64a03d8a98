import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeardCollector, type ReadableDirectory, spareFullReads } from '../../../core/collectors/spare-full-reads.ts';

const now = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;
const day = 24 * 60 * minute;

function directory(differences: Partial<ReadableDirectory> = {}): ReadableDirectory {
  return { directory: 'corp', family: 'ad:corp.test', lastFullAt: now - day, isFailing: false, seesDeleted: true, ...differences };
}

function collector(name: string, directories: readonly ReadableDirectory[], heardAt: number | null = now - minute): HeardCollector {
  return { name, heardAt, directories };
}

function told(collectors: readonly HeardCollector[]): readonly string[] {
  return spareFullReads(collectors, now).map(({ collector: name, directory: read, by }) => `${name} leaves ${read} to ${by}`);
}

describe('the duty of full reads, when several collectors read the same users', () => {
  it('lies with one of them', () => {
    expect(
      told([collector('b', [directory()]), collector('a', [directory({ directory: 'head' })]), collector('c', [directory()])]),
    ).toEqual(['b leaves corp to a', 'c leaves corp to a']);
  });

  it('is spread over them where they read several families', () => {
    const both = [directory({ family: 'ad:one.test', directory: 'one' }), directory({ family: 'ad:two.test', directory: 'two' })];

    expect(told([collector('a', both), collector('b', both)])).toEqual(['b leaves one to a', 'a leaves two to b']);
  });

  it.each<[string, HeardCollector]>([
    ['is silent', collector('a', [directory()], now - 16 * minute)],
    ['was never heard', collector('a', [directory()], null)],
    ['has failing reads', collector('a', [directory({ isFailing: true })])],
    ['has never read everything', collector('a', [directory({ lastFullAt: null })])],
    ['reads other users', collector('a', [directory({ family: 'ad:other.test' })])],
    ['does not know yet whom it reads', collector('a', [directory({ family: null })])],
  ])('does not lie with who %s', (_name, first) => {
    expect(told([first, collector('b', [directory()]), collector('c', [directory()])]).filter((line) => line.endsWith('to a'))).toEqual([]);
    expect(told([first, collector('b', [directory()]), collector('c', [directory()])])).toContain('c leaves corp to b');
  });

  it.each<[string, ReadableDirectory]>([
    ['does not hear of deletions from its reads of changes (C10)', directory({ seesDeleted: false })],
    ['has not read everything for four weeks', directory({ lastFullAt: now - 28 * day })],
    ['has never read everything', directory({ lastFullAt: null })],
  ])('is not taken from who %s', (_name, facts) => {
    expect(told([collector('a', [directory()]), collector('b', [facts])])).toEqual([]);
  });

  it('is never left to nobody, and never to a silent collector', () => {
    const facts = fc.record({
      directory: fc.constantFrom('corp', 'head'),
      family: fc.constantFrom('ad:one.test', 'ad:two.test', null),
      lastFullAt: fc.option(fc.integer({ min: now - 40 * day, max: now }), { nil: null }),
      isFailing: fc.boolean(),
      seesDeleted: fc.boolean(),
    });
    const some = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        heardAt: fc.option(fc.integer({ min: now - 30 * minute, max: now }), { nil: null }),
        directories: fc.uniqueArray(facts, { selector: ({ directory: name }) => name, maxLength: 2 }),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    );
    fc.assert(
      fc.property(some, (collectors) => {
        const spared = spareFullReads(collectors, now);
        for (const { collector: name, directory: read, by } of spared) {
          const family = collectors.find((one) => one.name === name)?.directories.find((one) => one.directory === read)?.family;
          const reader = collectors.find((one) => one.name === by);
          expect(reader?.heardAt).toBeGreaterThanOrEqual(now - 15 * minute);
          expect(reader?.directories.some((one) => one.family === family && !one.isFailing && one.lastFullAt !== null)).toBe(true);
          expect(spared.filter((other) => other.collector === by).every((other) => familyOf(collectors, other) !== family)).toBe(true);
        }
      }),
    );
  });
});

function familyOf(collectors: readonly HeardCollector[], { collector: name, directory: read }: { collector: string; directory: string }) {
  return collectors.find((one) => one.name === name)?.directories.find((one) => one.directory === read)?.family;
}
