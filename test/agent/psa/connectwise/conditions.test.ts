import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf, anyOf, changedSince, equalsId, equalsText, idAbove } from '../../../../agent/psa/connectwise/conditions.ts';
import { parseConditions } from '../../../sandbox/connectwise/condition-parser.ts';
import { meets } from '../../../sandbox/connectwise/conditions.ts';

const rules = { text: 'case-sensitive', childConditions: 'same-item' } as const;

describe('conditions', () => {
  it.each([
    ['Acme', 'name = "Acme"'],
    ["O'Neil", `name = "O'Neil"`],
    ['The "Best" Ltd', `name = 'The "Best" Ltd'`],
    [`O'Neil "Bob"`, `name like "O'Neil %Bob%"`],
    ['Back\\slash', 'name like "Back%slash"'],
    ['Two\nlines', 'name like "Two%lines"'],
    ['x" or name="y', `name = 'x" or name="y'`],
  ])('text %j is asked for as %s', (text, expected) => {
    expect(equalsText('name', text)).toBe(expected);
  });

  it('ids are digits only, moments whole seconds in brackets', () => {
    expect(equalsId('company/id', '250')).toBe('company/id=250');
    expect(equalsId('company/id', '250 or id>0')).toBe('company/id=2500');
    expect(idAbove('7')).toBe('id>7');
    expect(changedSince(Date.parse('2026-01-05T08:00:00.900Z'))).toBe('lastUpdated>=[2026-01-05T08:00:00Z]');
    expect(allOf(['a=1', anyOf(['b=2', 'c=3'])])).toBe('a=1 and (b=2 or c=3)');
    expect(anyOf(['b=2'])).toBe('b=2');
  });

  it.each(['backslash', 'doubled'] as const)(
    'any text finds itself, and nothing else is said, where quotes are escaped by %s',
    (quoteEscape) => {
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom('a', 'B', 'ß', '"', "'", '\\', '%', ' ', '\n', '(', ']', ',') }), (text) => {
          fc.pre(text.trim() !== '');
          const condition = parseConditions(equalsText('name', text), quoteEscape);

          expect(condition.kind).toBe('comparison');
          expect(meets(condition, (member) => (member === 'name' ? text : null), rules)).toBe(true);
        }),
      );
    },
  );
});
