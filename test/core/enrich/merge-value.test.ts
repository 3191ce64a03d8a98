import { describe, expect, it } from 'vitest';
import { type MergeInput, mergeValue } from '../../../core/enrich/merge-value.ts';
import type { FieldBase } from '../../../core/model/state.ts';
import { sameValue } from '../../../core/normalize/text.ts';

const written = (value: string): FieldBase => ({ value, origin: 'written', everWritten: true });
const equal = (value: string): FieldBase => ({ value, origin: 'equal' });

function merge(partial: Partial<MergeInput>) {
  return mergeValue({ ours: 'CEO', theirs: null, base: undefined, policy: 'merge', same: sameValue, ...partial });
}

interface Row {
  readonly says: string;
  readonly given: Partial<MergeInput>;
  readonly action: 'keep' | 'write' | 'clear' | 'conflict';
}

describe('mergeValue with the policy merge', () => {
  const rows: readonly Row[] = [
    { says: 'writes where the contact is blank and rollcall never wrote', given: {}, action: 'write' },
    { says: 'writes where the contact is blank after both sides were equal only', given: { base: equal('CEO') }, action: 'write' },
    { says: 'writes nothing when both are equal', given: { theirs: 'CEO' }, action: 'keep' },
    { says: 'leaves blank what rollcall wrote and a person cleared', given: { base: written('CEO') }, action: 'keep' },
    { says: 'leaves it blank when the directory changed meanwhile', given: { ours: 'CTO', base: written('CEO') }, action: 'keep' },
    {
      says: 'leaves it blank when rollcall wrote it before both became equal',
      given: { base: { value: 'CEO', origin: 'equal', everWritten: true } },
      action: 'keep',
    },
    { says: 'writes over what rollcall wrote last', given: { ours: 'CTO', theirs: 'CEO', base: written('CEO') }, action: 'write' },
    { says: 'writes over what both sides had', given: { ours: 'CTO', theirs: 'CEO', base: equal('CEO') }, action: 'write' },
    { says: 'reports the first meeting of two values', given: { theirs: 'Chief' }, action: 'conflict' },
    { says: "keeps a person's value over what rollcall wrote", given: { theirs: 'Chief', base: written('CEO') }, action: 'conflict' },
    { says: "keeps a person's value over what both had", given: { theirs: 'Chief', base: equal('CEO') }, action: 'conflict' },
    { says: 'takes another case as another value', given: { theirs: 'ceo' }, action: 'conflict' },
    { says: 'clears nothing for an empty directory value', given: { ours: null, theirs: 'CEO', base: written('CEO') }, action: 'keep' },
    { says: 'does nothing when both are blank', given: { ours: null }, action: 'keep' },
  ];
  it.each(rows)('E4 $says', ({ given, action }) => {
    expect(merge(given).action).toBe(action);
  });

  it('E4 remembers an equal value as the base, without regard to space and composition', () => {
    expect(merge({ ours: 'Cafe\u0301', theirs: ' Caf\u00e9 ' })).toMatchObject({
      action: 'keep',
      base: { value: ' Caf\u00e9 ', origin: 'equal' },
    });
  });

  it('E4 remembers what it writes as written', () => {
    expect(merge({})).toMatchObject({ value: 'CEO', base: { value: 'CEO', origin: 'written', everWritten: true } });
  });

  it('E4 keeps a written base written while the value stays', () => {
    expect(merge({ theirs: 'CEO', base: written('CEO') })).toMatchObject({ base: written('CEO') });
  });

  it("E4 takes a person's value that the directory follows as equal, not as its own", () => {
    expect(merge({ ours: 'Chief', theirs: 'Chief', base: written('CEO') })).toMatchObject({
      base: { value: 'Chief', origin: 'equal', everWritten: true },
    });
  });
});

describe('mergeValue with the other policies', () => {
  const rows: readonly Row[] = [
    { says: 'overwrite writes over a value of others', given: { policy: 'overwrite', theirs: 'Chief' }, action: 'write' },
    { says: 'overwrite writes again what a person cleared', given: { policy: 'overwrite', base: written('CEO') }, action: 'write' },
    { says: 'overwrite writes nothing when equal', given: { policy: 'overwrite', theirs: 'CEO' }, action: 'keep' },
    { says: 'overwrite clears nothing', given: { policy: 'overwrite', ours: null, theirs: 'CEO', base: written('CEO') }, action: 'keep' },
    { says: 'never writes nothing into a blank', given: { policy: 'never' }, action: 'keep' },
    { says: 'never writes nothing over its own', given: { policy: 'never', theirs: 'X', base: written('X') }, action: 'keep' },
    {
      says: 'clear clears what rollcall wrote',
      given: { policy: 'clear', ours: null, theirs: 'CEO', base: written('CEO') },
      action: 'clear',
    },
    {
      says: 'clear clears nothing that both had',
      given: { policy: 'clear', ours: null, theirs: 'CEO', base: equal('CEO') },
      action: 'keep',
    },
    {
      says: "clear keeps a person's value",
      given: { policy: 'clear', ours: null, theirs: 'Chief', base: written('CEO') },
      action: 'keep',
    },
    { says: 'clear merges like merge', given: { policy: 'clear', theirs: 'Chief' }, action: 'conflict' },
  ];
  it.each(rows)('E4 $says', ({ given, action }) => {
    expect(merge(given).action).toBe(action);
  });

  it('E4 after a clear, a new directory value is written', () => {
    const cleared = merge({ policy: 'clear', ours: null, theirs: 'CEO', base: written('CEO') });
    expect(cleared.action).toBe('clear');
    const base = cleared.action === 'clear' ? cleared.base : undefined;
    expect(merge({ policy: 'clear', ours: 'CTO', theirs: null, base }).action).toBe('write');
  });

  it('E6 a field that is written only where blank or ours leaves alone what both had', () => {
    expect(merge({ ours: '502', theirs: '501', base: equal('501'), onlyWritten: true }).action).toBe('conflict');
    expect(merge({ ours: '502', theirs: '501', base: written('501'), onlyWritten: true }).action).toBe('write');
  });
});
