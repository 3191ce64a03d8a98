import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterRefusal, maySignIn, type RefusedSignIn, refusedSignIn, withRefusedSignIn } from '../../../core/collect/sign-in-patience.ts';
import { testMoment } from '../../fixtures/build.ts';

const minute = 60_000;
const hour = 60 * minute;
const svc = { bindDn: 'svc@corp.test', passwordVersion: 'one', subCode: '52e', early: false };

function refusedTimes(times: number, at = testMoment): RefusedSignIn {
  let refused = afterRefusal(null, svc, at);
  for (let time = 1; time < times; time += 1) refused = afterRefusal(refused, svc, at);
  return refused;
}

function verdictAt(refused: RefusedSignIn | null, now: number, more: Partial<typeof svc & { attended: boolean }> = {}): unknown {
  return maySignIn(refused, { ...svc, attended: false, ...more }, now);
}

const go = { wait: false, early: false };

describe('a sign-in that was refused', () => {
  it.each([
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 240],
    [5, 240],
    [1000, 240],
  ])('waits after refusal %i for %i minutes', (times, minutes) => {
    const refused = refusedTimes(times);
    expect(verdictAt(refused, testMoment + minutes * minute - 1)).toMatchObject({ wait: true, until: testMoment + minutes * minute });
    expect(verdictAt(refused, testMoment + minutes * minute)).toEqual(go);
  });

  it.each([
    ['a person waits for it', { attended: true }, go],
    ['another account is to be used', { bindDn: 'svc2@corp.test' }, go],
    ['the password may have changed', { passwordVersion: 'two' }, { wait: false, early: true }],
  ])('is tried at once when %s', (_when, more, verdict) => {
    expect(verdictAt(refusedTimes(4), testMoment + minute, more)).toEqual(verdict);
  });

  it('is tried early three times in a row, whatever rewrites the password, then waits its time', () => {
    let refused = refusedTimes(1);
    for (const version of ['two', 'three', 'four']) {
      expect(verdictAt(refused, testMoment + minute, { passwordVersion: version })).toEqual({ wait: false, early: true });
      refused = afterRefusal(refused, { ...svc, passwordVersion: version, early: true }, testMoment + minute);
    }
    expect(verdictAt(refused, testMoment + 2 * minute, { passwordVersion: 'five' })).toMatchObject({ wait: true });
    expect(verdictAt(refused, refused.notBefore, { passwordVersion: 'five' })).toEqual(go);
    const later = afterRefusal(refused, { ...svc, passwordVersion: 'five' }, refused.notBefore);
    expect(verdictAt(later, refused.notBefore + minute, { passwordVersion: 'six' })).toEqual({ wait: false, early: true });
  });

  it('counts on through other passwords of the account, and anew for another account', () => {
    const again = afterRefusal(refusedTimes(3), { ...svc, passwordVersion: 'two' }, testMoment + hour);
    expect(again).toMatchObject({ times: 4, since: testMoment, refusedAt: testMoment + hour });
    const other = afterRefusal(again, { ...svc, bindDn: 'svc2@corp.test', subCode: '533' }, testMoment + 2 * hour);
    expect(other).toMatchObject({ times: 1, since: testMoment + 2 * hour, subCode: '533', notBefore: testMoment + 2.5 * hour });
  });

  it('never waits longer than four hours, whatever the clock did and whatever is stored', () => {
    const moment = fc.integer({ min: 0, max: 8e15 });
    fc.assert(
      fc.property(moment, moment, moment, fc.nat(100), (refusedAt, notBefore, now, times) => {
        const refused = { ...refusedTimes(1), refusedAt, notBefore, times };
        const verdict = maySignIn(refused, { ...svc, attended: false }, now);
        expect(verdict.wait ? verdict.until - now : 0).toBeLessThanOrEqual(4 * hour);
        expect(verdictAt(refused, refusedAt + 4 * hour)).toEqual(go);
        expect(verdictAt(refused, refusedAt - 1)).toEqual(go);
      }),
    );
  });

  it('makes at most 45 bad sign-ins in a week, and two within half an hour never, however often it is run', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 * hour }), { minLength: 1, maxLength: 400 }), (gaps) => {
        let refused: RefusedSignIn | null = null;
        const tries: number[] = [];
        for (let now = testMoment, run = 0; now < testMoment + 168 * hour; run += 1) {
          if (!maySignIn(refused, { ...svc, attended: false }, now).wait) {
            tries.push(now);
            refused = afterRefusal(refused, svc, now);
          }
          now += Math.max(minute, gaps[run % gaps.length] ?? hour);
        }
        expect(tries.length).toBeLessThanOrEqual(45);
        expect(tries.every((at, index) => index === 0 || at - (tries[index - 1] ?? 0) >= 30 * minute)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('is kept beside what else the source remembers, and forgotten alone', () => {
    const refused = refusedTimes(2);
    const kept = withRefusedSignIn({ servers: ['dc1'] }, refused);
    expect(refusedSignIn(structuredClone(kept))).toEqual(refused);
    expect(withRefusedSignIn(kept, null)).toEqual({ servers: ['dc1'] });
    expect(refusedSignIn(withRefusedSignIn(null, null))).toBeNull();
  });

  it.each([
    ['nothing', null],
    ['text', { signIn: 'refused' }],
    ['null', { signIn: null }],
    ['half of it', { signIn: { refusedAt: 1, times: 1 } }],
    ['times that are none', { signIn: { ...refusedTimes(1), notBefore: Number.NaN } }],
    ['no account', { signIn: { ...refusedTimes(1), bindDn: 7 } }],
  ])('takes %s for no refusal', (_what, memory) => {
    expect(refusedSignIn(memory)).toBeNull();
  });
});
