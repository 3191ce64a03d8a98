import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateBudget } from '../../../agent/http/rate-budget.ts';
import { createFakeClock } from './fake-clock.ts';

/** The most grants that any window of this length holds, wherever it begins. */
function busiest(grants: readonly number[], windowMs: number): number {
  return Math.max(0, ...grants.map((from) => grants.filter((at) => at >= from && at < from + windowMs).length));
}

describe('rate budget', () => {
  it('never grants more than each limit in any window, whenever it is asked', async () => {
    const limit = fc.record({ requests: fc.integer({ min: 1, max: 12 }), windowMs: fc.integer({ min: 1, max: 5000 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(limit, { minLength: 1, maxLength: 3 }),
        fc.array(fc.record({ idleMs: fc.nat({ max: 3000 }), together: fc.integer({ min: 1, max: 8 }), pauseMs: fc.nat({ max: 900 }) }), {
          maxLength: 15,
        }),
        async (limits, steps) => {
          const clock = createFakeClock();
          const budget = createRateBudget(limits, clock);
          const grants: number[] = [];

          for (const { idleMs, together, pauseMs } of steps) {
            await clock.wait(idleMs);
            await Promise.all(
              Array.from({ length: together }, async (_, index) => {
                await budget.take();
                grants.push(clock.elapsed());
                if (index === 0) {
                  budget.pause(pauseMs);
                }
              }),
            );
          }

          for (const { requests, windowMs } of limits) {
            expect(busiest(grants, windowMs)).toBeLessThanOrEqual(requests);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('holds 2,700 in 5 minutes and 10 in a second, also across the window’s edge', async () => {
    const clock = createFakeClock();
    const budget = createRateBudget(
      [
        { requests: 2700, windowMs: 300_000 },
        { requests: 10, windowMs: 1000 },
      ],
      clock,
    );
    const grants: number[] = [];

    for (let count = 0; count < 6000; count += 1) {
      await budget.take();
      grants.push(clock.elapsed());
    }

    // 2,700 at 10/s take 269.9 s; the first may come again at 300 s.
    expect(grants[2699]).toBe(269_000);
    expect(grants[2700]).toBe(300_000);
    for (let index = 2700; index < grants.length; index += 1) {
      expect(grants[index]! - grants[index - 2700]!).toBeGreaterThanOrEqual(300_000);
    }
  });

  it('lets everybody wait for a pause, and in the order of asking', async () => {
    const clock = createFakeClock();
    const budget = createRateBudget([{ requests: 1, windowMs: 10 }], clock);
    budget.pause(5000);
    budget.pause(100);
    const order: string[] = [];

    await Promise.all(
      ['first', 'second', 'third'].map(async (name) => {
        await budget.take();
        order.push(`${name} at ${clock.elapsed()}`);
      }),
    );

    expect(order).toEqual(['first at 5000', 'second at 5010', 'third at 5020']);
  });

  it('takes other limits and remembers what it has granted', async () => {
    const clock = createFakeClock();
    const budget = createRateBudget([{ requests: 4, windowMs: 1_000 }], clock);
    const at: number[] = [];
    const take = async (times: number): Promise<void> => {
      for (let count = 0; count < times; count += 1) {
        await budget.take();
        at.push(clock.elapsed());
        await clock.wait(10);
      }
    };

    await take(6);
    // Smaller: the last two still count. Larger: so do they.
    budget.resize([{ requests: 2, windowMs: 1_000 }]);
    await take(2);
    budget.resize([{ requests: 3, windowMs: 1_000 }]);
    budget.resize([{ requests: 3, windowMs: 1_000 }]);
    await take(2);

    expect(at).toEqual([0, 10, 20, 30, 1_000, 1_010, 2_000, 2_010, 2_020, 3_000]);
  });

  it('goes on for others after one was stopped', async () => {
    const clock = createFakeClock();
    const budget = createRateBudget([{ requests: 1, windowMs: 10 }], clock);
    const stopped = budget.take(AbortSignal.abort());
    const other = budget.take();

    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(other).resolves.toBeUndefined();
  });
});
