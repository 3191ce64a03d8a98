import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { additions, areDone, type Item, type ItemChange, replacements, toOperations } from '../../../../agent/psa/bms/item-changes.ts';

const item = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  text: fc.constantFrom('one', 'two'),
  typeId: fc.constantFrom('5', '6', null),
  primary: fc.boolean(),
});
const list = fc.uniqueArray(item, { selector: ({ key }) => key });

/** What the API makes of the changes: a new primary item takes that from the others. */
function applied(current: readonly Item[], changes: readonly ItemChange[]): readonly Item[] {
  return changes.reduce<readonly Item[]>((items, { kind, item: changed }) => {
    if (kind === 'delete') return items.filter(({ key }) => key !== changed.key);
    const others = items.filter(({ key }) => key !== changed.key).map((other) => (changed.primary ? { ...other, primary: false } : other));
    return [...others, changed];
  }, current);
}

function keysOf(items: readonly Item[]): readonly string[] {
  return items.map(({ key }) => key).toSorted();
}

describe('changes of a list', () => {
  it('P9 make it what is wanted; what was there keeps its text; twice is nothing', () => {
    fc.assert(
      fc.property(list, list, (current, wanted) => {
        const result = applied(current, replacements(current, wanted));

        expect(keysOf(result)).toEqual(keysOf(wanted));
        for (const { key, text } of current) expect(result.find((found) => found.key === key)?.text ?? text).toBe(text);
        for (const { key, typeId } of wanted) {
          const known = current.find((other) => other.key === key)?.typeId ?? null;
          expect(result.find((found) => found.key === key)?.typeId).toBe(typeId ?? known);
        }
        expect(areDone(replacements(current, wanted), result) || wanted.filter(({ primary }) => primary).length > 1).toBe(true);
        if (wanted.filter(({ primary }) => primary).length <= 1) expect(replacements(result, wanted)).toEqual([]);
      }),
    );
  });

  it('P9 that only add remove nothing, and add nothing twice', () => {
    fc.assert(
      fc.property(list, list, (current, wanted) => {
        const changes = additions(current, wanted);

        expect(changes.every(({ kind }) => kind === 'add')).toBe(true);
        expect(keysOf(applied(current, changes))).toEqual([...new Set([...keysOf(current), ...keysOf(wanted)])].toSorted());
      }),
    );
  });

  it('never leave it empty on the way to another value', () => {
    const old = { key: 'a', text: 'a', typeId: '5', primary: true };
    const kinds = replacements([old], [{ ...old, key: 'b', text: 'b' }]).map(({ kind }) => kind);

    expect(kinds).toEqual(['add', 'delete']);
  });

  it('repeat the text in an update, and name a removed one by it alone', () => {
    const one = { key: 'a', text: 'Ada@Acme.test', typeId: '5', primary: true };

    expect(
      toOperations('EmailAddress', [
        { kind: 'update', item: one },
        { kind: 'delete', item: one },
      ]),
    ).toEqual([
      { Operation: 1, EmailAddress: 'Ada@Acme.test', NewEmailAddress: 'Ada@Acme.test', TypeId: 5, IsDefault: true },
      { Operation: 2, EmailAddress: 'Ada@Acme.test' },
    ]);
  });
});
