import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterLook, hastened, isLookDue, isOverdue, type LookResult, newPace, type WatchPace } from '../../../agent/schedule/watch-pace.ts';

const second = 1_000;
const minute = 60 * second;

/** The pace after these looks, each at the moment at which it was due and over at once. */
function after(...results: readonly LookResult[]): { readonly pace: WatchPace; readonly pauses: readonly number[]; readonly now: number } {
  let pace = newPace(0);
  const pauses: number[] = [];
  for (const result of results) {
    const at = pace.nextAt;
    pace = afterLook(pace, result, at, 0);
    pauses.push((pace.nextAt - at) / minute);
  }
  return { pace, pauses, now: pace.nextAt };
}

describe('P9 the pace of the watch', () => {
  it('looks at once when it is switched on', () => {
    expect(isLookDue(newPace(5), 5)).toBe(true);
  });

  it('leaves less than a minute between the end of a look and the next one, more or less by collector, and no less than 45 s', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.constantFrom<LookResult>('good', 'stopped'), (spread, result) => {
        const { nextAt } = afterLook(newPace(0), result, 1_000, spread);
        expect(nextAt - 1_000).toBeLessThanOrEqual(50 * second);
        expect(nextAt - 1_000).toBeGreaterThanOrEqual(45 * second);
      }),
    );
    expect(afterLook(newPace(0), 'good', 0, 0).nextAt).not.toBe(afterLook(newPace(0), 'good', 0, 0.5).nextAt);
  });

  it('waits longer after each failure, 15 minutes at most, and begins anew after a good look', () => {
    const failed = Array.from({ length: 7 }, () => 'failed' as const);
    expect(after(...failed).pauses).toEqual([1, 2, 4, 8, 15, 15, 15]);
    expect(after('failed', 'failed', 'good', 'failed').pauses.at(-1)).toBe(1);
  });

  it('waits 15 minutes at once after a refusal', () => {
    expect(after('refused').pauses).toEqual([15]);
    expect(after('failed', 'refused').pauses).toEqual([1, 15]);
  });

  it('takes a look that was stopped for neither good nor bad', () => {
    const { pace } = after('failed', 'stopped');
    expect(pace.failures).toBe(1);
    expect(pace.goodAt).toBe(0);
  });

  it('is overdue when it has failed for 10 minutes, and not while it has only not looked', () => {
    const failed = afterLook(afterLook(newPace(0), 'good', minute, 0), 'failed', 2 * minute, 0);
    expect(isOverdue(failed, 11 * minute - 1)).toBe(false);
    expect(isOverdue(failed, 11 * minute)).toBe(true);
    expect(isOverdue(afterLook(failed, 'good', 12 * minute, 0), 12 * minute)).toBe(false);
    expect(isOverdue(newPace(0), 24 * 60 * minute), 'a long sync was under way').toBe(false);
  });

  it('looks at once when a failure may have passed, and not sooner than it is due when nothing failed', () => {
    const refused = afterLook(newPace(0), 'refused', 0, 0);
    expect(isLookDue(hastened(refused, minute), minute)).toBe(true);
    const good = afterLook(newPace(0), 'good', 0, 0);
    expect(hastened(good, second)).toEqual(good);
  });
});
