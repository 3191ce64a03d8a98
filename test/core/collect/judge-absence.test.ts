import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JudgedAt, judgeAbsence } from '../../../core/collect/judge-absence.ts';
import type { Absence, AbsenceEvidence } from '../../../core/model/absence.ts';
import { testMoment } from '../../fixtures/build.ts';

const hour = 3_600_000;
const day = 24 * hour;
const at = (now: number, more: Partial<JudgedAt> = {}): JudgedAt => ({ now, fullRead: true, ...more });

function evidence(found: AbsenceEvidence['found'], why: string = found): AbsenceEvidence {
  return { immutableId: 'jane', found, why };
}

function absence(grade: Absence['grade'], partial: Partial<Absence> = {}): Absence {
  return { grade, since: testMoment, fullReads: 1, checkedAt: testMoment, why: grade, ...partial };
}

describe('judgeAbsence', () => {
  it.each([
    ['deleted', 'gone'],
    ['out-of-scope', 'out'],
    ['not-found', 'absent'],
    ['unproven', 'absent'],
    [null, 'absent'],
  ] as const)('C10 a user who is missed for the first time and %s is %s', (found, grade) => {
    expect(judgeAbsence(null, found === null ? null : evidence(found), at(testMoment))).toMatchObject({
      grade,
      since: testMoment,
      fullReads: 1,
      checkedAt: testMoment,
    });
  });

  it.each([
    ['a day', { since: testMoment, fullReads: 1 }, at(testMoment + day), 'missing'],
    ['a day less a second', { since: testMoment, fullReads: 1 }, at(testMoment + day - 1000), 'absent'],
    ['ten reads within a day', { since: testMoment, fullReads: 9 }, at(testMoment + day - 1), 'absent'],
    ['a day, by a read of changes', { since: testMoment, fullReads: 5 }, at(testMoment + 9 * day, { fullRead: false }), 'absent'],
    ['a day in which no full read missed it', { since: testMoment, fullReads: 0 }, at(testMoment + day), 'absent'],
    ['a day, under another scope', { since: testMoment, fullReads: 5 }, at(testMoment + day, { newScope: true }), 'absent'],
  ] as const)('C10 not found after %s', (_what, known, when, grade) => {
    expect(judgeAbsence(absence('absent', known), evidence('not-found'), when).grade).toBe(grade);
  });

  it.each([
    ['missing', 'unproven', 'absent'],
    ['missing', null, 'absent'],
    ['missing', 'not-found', 'missing'],
    ['missing', 'deleted', 'gone'],
    ['missing', 'out-of-scope', 'out'],
    ['gone', 'unproven', 'gone'],
    ['gone', null, 'gone'],
    ['gone', 'not-found', 'gone'],
    ['gone', 'deleted', 'gone'],
    ['gone', 'out-of-scope', 'out'],
    ['out', 'not-found', 'absent'],
    ['out', 'unproven', 'absent'],
    ['out', 'out-of-scope', 'out'],
    ['out', 'deleted', 'gone'],
  ] as const)('C10 %s and then %s is %s', (grade, found, expected) => {
    const known = absence(grade, { fullReads: 7 });
    const judged = judgeAbsence(known, found === null ? null : evidence(found), at(testMoment + 3 * day));

    expect(judged.grade).toBe(expected);
    if (grade === expected) expect(judged).toMatchObject({ since: testMoment, fullReads: 8 });
  });

  it('C10 keeps when and how a deleted user was last seen deleted', () => {
    const seen = judgeAbsence(null, evidence('deleted', 'tombstone in Deleted Objects'), at(testMoment));
    const collected = judgeAbsence(seen, evidence('not-found', 'no such object'), at(testMoment + 200 * day));

    expect(collected).toEqual({ ...seen, fullReads: 2 });
  });

  it('C10 counts anew when it was seen alive out of scope', () => {
    const lost = judgeAbsence(absence('out', { fullReads: 30 }), evidence('not-found'), at(testMoment + 30 * day));

    expect(lost).toMatchObject({ grade: 'absent', since: testMoment + 30 * day, fullReads: 1 });
  });

  it('C10 a tombstone counts from its first sight, whatever was known before', () => {
    const judged = judgeAbsence(absence('absent', { fullReads: 4 }), evidence('deleted'), at(testMoment + day, { fullRead: false }));

    expect(judged).toEqual({ grade: 'gone', since: testMoment + day, fullReads: 0, checkedAt: testMoment + day, why: 'deleted' });
  });

  it('C1 the first read of a new scope is not counted, the next one is the first', () => {
    const first = judgeAbsence(absence('missing', { fullReads: 4 }), evidence('not-found'), at(testMoment + 5 * day, { newScope: true }));
    const second = judgeAbsence(first, evidence('not-found'), at(testMoment + 7 * day));
    const third = judgeAbsence(second, evidence('not-found'), at(testMoment + 8 * day));

    expect([first, second, third]).toMatchObject([
      { grade: 'absent', fullReads: 0 },
      { grade: 'absent', since: testMoment + 7 * day, fullReads: 1 },
      { grade: 'missing', since: testMoment + 7 * day, fullReads: 2 },
    ]);
  });

  it('C9 a read of changes that says nothing of a user leaves it as it is', () => {
    const known = absence('missing');

    expect(judgeAbsence(known, null, at(testMoment + day, { fullRead: false }))).toBe(known);
  });

  it('C10 a clock that went back counts no hours, and one that ran ahead proves none', () => {
    const ahead = judgeAbsence(absence('absent'), evidence('unproven'), at(testMoment + 365 * day));
    const back = judgeAbsence(ahead, evidence('not-found'), at(testMoment + hour));

    expect(back).toMatchObject({ grade: 'absent', since: testMoment, checkedAt: testMoment + 365 * day });
  });
});

describe('any sequence of reads', () => {
  const found = fc.constantFrom('deleted', 'out-of-scope', 'not-found', 'unproven', null);
  const step = fc.record({ hours: fc.integer({ min: -3, max: 40 }), found, fullRead: fc.boolean(), newScope: fc.boolean() });
  type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

  function judge(known: Absence | null, { found: kind, ...when }: Step, now: number): Absence {
    return judgeAbsence(known, kind === null ? null : evidence(kind), { now, fullRead: when.fullRead, newScope: when.newScope });
  }

  function walk(steps: readonly Step[], look: (before: Absence | null, after: Absence, step: Step, now: number) => void): void {
    let known: Absence | null = null;
    let now = testMoment;
    for (const each of steps) {
      now += each.hours * hour;
      const after = judge(known, each, now);
      look(known, after, each, now);
      known = after;
    }
  }

  it('C10 is missing only after 24 hours, two counted full reads and "no such object"', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let misses: number[] = [];
        walk(steps, (before, after, { found: kind, fullRead, newScope }, now) => {
          const isSilent = kind === null && !fullRead;
          if (kind === 'deleted' || kind === 'out-of-scope' || (newScope && !isSilent)) misses = [];
          else if (fullRead) misses.push(now);
          if (after.grade !== 'missing' || isSilent || before?.grade === 'missing') return;
          expect(kind).toBe('not-found');
          expect(misses.length).toBeGreaterThanOrEqual(2);
          expect(now - (misses[0] ?? now)).toBeGreaterThanOrEqual(day);
        });
      }),
    );
  });

  it('C10 what proves nothing never makes missing of anything, and never takes back what is gone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        walk(steps, (before, after, { found: kind, fullRead }) => {
          if (kind === 'unproven' || (kind === null && fullRead)) expect(after.grade).toBe(before?.grade === 'gone' ? 'gone' : 'absent');
          if (before?.grade === 'gone' && kind !== 'out-of-scope') expect(after).toMatchObject({ grade: 'gone', since: before.since });
          if (after.grade === 'gone' && before?.grade !== 'gone') expect(kind).toBe('deleted');
          if (after.grade === 'out' && before?.grade !== 'out') expect(kind).toBe('out-of-scope');
        });
      }),
    );
  });

  it('C10 times never go back, whatever the clock does, and reads are counted once each', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        walk(steps, (before, after) => {
          expect(after.since).toBeLessThanOrEqual(after.checkedAt);
          if (before === null) return;
          expect(after.since).toBeGreaterThanOrEqual(before.since);
          expect(after.checkedAt).toBeGreaterThanOrEqual(before.checkedAt);
          expect(after.fullReads).toBeLessThanOrEqual(before.fullReads + 1);
        });
      }),
    );
  });
});
