import { describe, expect, it } from 'vitest';
import { createHourlyBudget } from '../../../../agent/psa/autotask/budget.ts';
import { tenantMemory } from '../../../../agent/psa/autotask/memory.ts';
import { RollcallError } from '../../../../core/errors.ts';
import { createFakeClock } from '../../http/fake-clock.ts';

const hourMs = 3_600_000;

interface Tenant {
  limit: number;
  used: number;
  reads: number;
  tells: boolean;
}

function budgetOf(tenant: Tenant, share = 0.5) {
  const clock = createFakeClock(0);
  const memory = tenantMemory(new Map(), 'https://lookup.example.test', 'api@msp.example.test');
  const budget = createHourlyBudget({
    memory,
    share,
    clock,
    readUsage() {
      tenant.reads += 1;
      return Promise.resolve(tenant.tells ? { limit: tenant.limit, windowMs: hourMs, used: tenant.used } : null);
    },
  });
  async function send(requests: number): Promise<number> {
    let sent = 0;
    for (; sent < requests; sent += 1) {
      try {
        await budget.admit();
      } catch (error) {
        if (error instanceof RollcallError && error.code === 'PSA_RATE_LIMITED') return sent;
        throw error;
      }
      tenant.used += 1;
    }
    return sent;
  }
  return { budget, clock, send, memory };
}

function tenant(more: Partial<Tenant> = {}): Tenant {
  return { limit: 10_000, used: 0, reads: 0, tells: true, ...more };
}

describe('the hourly budget of a tenant', () => {
  it.each([
    [0.5, 10_000, 5_000],
    [0.5, 100, 50],
    [0.25, 20_000, 5_000],
    [1, 10_000, 8_500],
    [0.001, 100, 1],
  ])('a share of %d of %d requests is %d', async (share, limit, own) => {
    const { budget, send } = budgetOf(tenant({ limit }), share);

    await send(1);

    expect(budget.limits).toEqual([{ requests: own, windowMs: hourMs }]);
  });

  it('is the usual one until the tenant tells, and when it does not', async () => {
    const silent = tenant({ tells: false });
    const { budget, send } = budgetOf(silent);

    expect(budget.limits).toEqual([{ requests: 5_000, windowMs: hourMs }]);
    expect(await send(1_000)).toBe(1_000);
    expect(budget.limits).toEqual([{ requests: 5_000, windowMs: hourMs }]);
    expect(silent.reads).toBe(10);
  });

  it.each([
    [10_000, 1_000, 10],
    [100_000, 1_000, 10],
    // A small tenant is asked more often, for others may use up the little that it has.
    [1_000, 100, 10],
  ])('a tenant of %d is asked for its usage %#: after %d requests %d times', async (limit, requests, reads) => {
    const asked = tenant({ limit });
    const { send } = budgetOf(asked);

    await send(requests);

    expect(asked.reads).toBe(reads);
  });

  it('is asked for again after 10 minutes', async () => {
    const asked = tenant();
    const { send, clock } = budgetOf(asked);
    await send(1);
    await clock.wait(9 * 60_000);
    await send(1);
    expect(asked.reads).toBe(1);
    await clock.wait(2 * 60_000);
    await send(1);

    expect(asked.reads).toBe(2);
  });

  it.each([
    // [used by others, share, milliseconds between requests]
    [4_000, 0.5, 0],
    [5_000, 0.5, 1_440],
    [5_000, 0.25, 2_880],
    [8_000, 0.5, 1_440],
  ])('with %d of 10,000 used, a share of %d goes at one request in %d ms', async (used, share, between) => {
    const { send, clock } = budgetOf(tenant({ used }), share);
    await send(2);
    const from = clock.elapsed();
    await send(50);

    expect((clock.elapsed() - from) / 50).toBeCloseTo(between, 0);
  });

  it('goes at full speed again when others have stopped', async () => {
    const used = tenant({ used: 7_000 });
    const { send, clock } = budgetOf(used);
    await send(10);
    used.used = 100;
    await clock.wait(11 * 60_000);
    await send(1);
    const from = clock.elapsed();
    await send(50);

    expect(clock.elapsed()).toBe(from);
  });

  it('stops at 90 %, by its own count when others are slow to be told', async () => {
    const { send } = budgetOf(tenant({ used: 8_990 }));

    expect(await send(100)).toBe(10);
  });

  it('while it is stopped, asks the tenant once a minute at most, and goes on when there is room', async () => {
    const full = tenant({ used: 9_500 });
    const { send, clock } = budgetOf(full);
    for (let look = 0; look < 20; look += 1) {
      expect(await send(1)).toBe(0);
      await clock.wait(10_000);
    }
    expect(full.reads).toBe(4);
    full.used = 1_000;
    await clock.wait(60_000);

    expect(await send(5)).toBe(5);
  });

  it('is asked for anew after a refusal, whatever was told', async () => {
    const asked = tenant();
    const { send, budget } = budgetOf(asked);
    await send(1);
    asked.used = 9_900;
    budget.wasRefused();

    expect(await send(1)).toBe(0);
    expect(asked.reads).toBe(2);
  });

  it('asks once for many that wait', async () => {
    const asked = tenant();
    const { budget } = budgetOf(asked);
    await Promise.all(Array.from({ length: 8 }, () => budget.admit()));

    expect(asked.reads).toBe(1);
  });

  it('a clock that was set back makes nobody wait for long', async () => {
    const slow = tenant({ used: 6_000 });
    const { send, clock, memory } = budgetOf(slow);
    await send(1);
    memory.slowUntil = clock.now() + 24 * hourMs;
    await send(1);

    expect(clock.elapsed()).toBeLessThan(10_000);
  });
});
