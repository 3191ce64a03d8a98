import { assert, boolean, constantFrom, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyncedItem } from '../../../core/model/state.ts';
import { type ItemEdits, mergeItems } from '../../../core/two-way/merge-items.ts';

function item(key: string, more: Partial<SyncedItem> = {}): SyncedItem {
  return { key, type: 'Work', primary: false, ...more };
}

function merge(base: readonly SyncedItem[], ours: readonly SyncedItem[], theirs: readonly SyncedItem[], typed = true) {
  return mergeItems({ itGlue: { now: ours, base }, psa: { now: theirs, base }, typed });
}

const [a, b, c] = [item('a'), item('b'), item('c')];
const none = { add: [], remove: [], change: [], primary: null };

describe('two lists', () => {
  it.each([
    ['in step', [a], [a], [a], null, null, false],
    ['added here', [a], [a, b], [a], { ...none, add: [b] }, null, false],
    ['added there', [a], [a], [a, b], null, { ...none, add: [b] }, false],
    ['others added on both sides: none is lost', [a], [a, b], [a, c], { ...none, add: [b] }, { ...none, add: [c] }, false],
    ['the same added on both sides', [a], [a, b], [a, b], null, null, false],
    ['removed here', [a, b], [a], [a, b], { ...none, remove: ['b'] }, null, false],
    ['removed there', [a, b], [a, b], [a], null, { ...none, remove: ['b'] }, false],
    ['replaced here', [a], [b], [a], { ...none, add: [b], remove: ['a'] }, null, false],
    ['replaced by another one on each side: the PSA wins', [a], [b], [c], null, { ...none, add: [c], remove: ['b'] }, true],
    [
      'removed here, changed there: it comes back',
      [a],
      [],
      [item('a', { type: 'Home' })],
      null,
      { ...none, add: [item('a', { type: 'Home' })] },
      true,
    ],
    ['changed here, removed there: it goes', [a], [item('a', { type: 'Home' })], [], null, { ...none, remove: ['a'] }, true],
    ['another type here', [a], [item('a', { type: 'Home' })], [a], { ...none, change: [item('a', { type: 'Home' })] }, null, false],
    [
      'another type on both sides: the PSA wins',
      [a],
      [item('a', { type: 'Home' })],
      [item('a', { type: 'Cell' })],
      null,
      { ...none, change: [item('a', { type: 'Cell' })] },
      true,
    ],
  ] as const)('P9 %s', (...[, base, ours, theirs, toPsa, toItGlue, conflict]) => {
    expect(merge(base, ours, theirs)).toEqual({ toPsa, toItGlue, conflict });
  });

  it('P9 pass on which one is primary, the PSA first', () => {
    const base = [item('a', { primary: true }), b];
    const swapped = [a, item('b', { primary: true })];

    expect(merge(base, swapped, base).toPsa).toEqual({ ...none, primary: 'b' });
    expect(merge(base, base, swapped).toItGlue).toEqual({ ...none, primary: 'b' });
    expect(merge(base, swapped, swapped)).toEqual({ toPsa: null, toItGlue: null, conflict: false });
  });

  it('P9 with fields instead of types pass on neither types nor primaries', () => {
    const base = [item('a', { type: 'phone' })];

    expect(merge(base, [item('a', { type: 'Home', primary: true })], base, false)).toEqual({
      toPsa: null,
      toItGlue: null,
      conflict: false,
    });
  });

  it('P9 an extension that the PSA has no room for is not lost in IT Glue', () => {
    const base = [item('a', { extension: '12' })];

    expect(merge(base, base, [a]).toItGlue).toBeNull();
    expect(merge(base, base, [item('a', { extension: '13' })]).toItGlue).toMatchObject({ change: [{ extension: '13' }] });
    expect(merge(base, [a], base).toPsa).toMatchObject({ change: [{ key: 'a' }] });
  });

  const list = uniqueArray(record({ key: constantFrom('a', 'b', 'c', 'd'), type: constantFrom('Work', 'Home'), primary: boolean() }), {
    selector: ({ key }) => key,
  });

  function apply(now: readonly SyncedItem[], edits: ItemEdits | null): readonly string[] {
    if (edits === null) return now.map(({ key }) => key).sort();
    const kept = now.filter(({ key }) => !edits.remove.includes(key));
    return [...new Set([...kept, ...edits.add].map(({ key }) => key))].sort();
  }

  it('P9 whatever was done on one side alone is done on the other, and nothing else', () => {
    assert(
      property(list, list, (base, edited) => {
        const [here, there] = [merge(base, edited, base), merge(base, base, edited)];
        expect(here.toItGlue).toBeNull();
        expect(there.toPsa).toBeNull();
        expect(apply(base, here.toPsa)).toEqual(edited.map(({ key }) => key).sort());
        expect(apply(base, there.toItGlue)).toEqual(edited.map(({ key }) => key).sort());
      }),
    );
  });

  it('P9 both sides have the same afterwards, whatever was done to both', () => {
    assert(
      property(list, list, list, (base, ours, theirs) => {
        const { toPsa, toItGlue } = merge(base, ours, theirs);
        expect(apply(ours, toItGlue)).toEqual(apply(theirs, toPsa));
      }),
    );
  });

  it('P9 nothing that the PSA added is lost, and nothing that it removed comes back unless IT Glue added it', () => {
    assert(
      property(list, list, list, (base, ours, theirs) => {
        const after = apply(ours, merge(base, ours, theirs).toItGlue);
        for (const { key } of theirs) if (!base.some((known) => known.key === key)) expect(after).toContain(key);
        for (const { key } of base) if (!theirs.some((known) => known.key === key)) expect(after).not.toContain(key);
      }),
    );
  });
});
