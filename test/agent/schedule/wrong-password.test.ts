import { describe, expect, it } from 'vitest';
import { SignInGate } from '../../../agent/directory/active-directory/sign-in/sign-in-gate.ts';
import {
  ended,
  lookAtClock,
  newSchedule,
  resumed,
  type ScheduleParts,
  type ScheduleSettings,
  started,
} from '../../../agent/schedule/schedule.ts';
import { outcomeOf } from '../../../agent/service/job-outcome.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/model/json.ts';
import { testMoment } from '../../fixtures/build.ts';

const minute = 60_000;
const week = 7 * 24 * 60;

interface Week {
  readonly scanEvery: number;
  /** Minutes between restarts of the service. */
  readonly restartEvery?: number;
  /** In minutes since the beginning: when the password is put right, in a place that tells so, or in the directory alone. */
  readonly storedAt?: number;
  readonly unlockedAt?: number;
}

/** Runs a service's schedule for a week of a wrong password, minute by minute; the moments are in minutes. */
async function liveThrough({ scanEvery, restartEvery = week, storedAt = week, unlockedAt = week }: Week) {
  const clock = { now: testMoment };
  const settings: ScheduleSettings = { scan: 'scan', fullScan: 'never', timezone: '', jitterSeconds: 0, reconcileDaily: false };
  const parts: ScheduleParts = {
    spread: () => 0,
    nextSlots(expression, _timezone, count) {
      const first = (Math.floor(clock.now / minute / scanEvery) + 1) * scanEvery * minute;
      return expression === 'never' ? [] : Array.from({ length: count }, (_, index) => first + index * scanEvery * minute);
    },
  };
  let memory: JsonObject | null = null;
  const bad: number[] = [];
  const good: number[] = [];

  async function read(at: number): Promise<object> {
    const request = {
      attended: false,
      memory: {
        value: memory,
        async keep(value: JsonObject) {
          memory = value;
        },
      },
    };
    const account = { name: 'corp', bindDn: 'svc', password: 'secret', passwordVersion: at >= storedAt ? 'two' : 'one' };
    try {
      await new SignInGate(account, request, () => clock.now).signIn(async () => {
        if (at < storedAt && at < unlockedAt) {
          bad.push(at);
          throw new RollcallError('DIRECTORY_BIND_REJECTED', 'refused', { place: { subCode: '52e' } });
        }
        good.push(at);
        return { [Symbol.asyncDispose]: async () => undefined };
      });
      return { error: null };
    } catch (error) {
      return { error };
    }
  }

  let state = newSchedule(settings, clock.now, parts);
  for (let at = 0; at < week; at += 1) {
    clock.now = testMoment + at * minute;
    if (at % restartEvery === 0) state = resumed(state, clock.now);
    const looked = lookAtClock(state, settings, clock.now, parts);
    state = looked.state;
    if (looked.due === null) continue;
    const attempt = state.retry?.attempt ?? 0;
    state = started(state, settings, { full: looked.due.full, now: clock.now }, parts);
    const { result } = outcomeOf(await read(at));
    state = ended(state, result, clock.now, looked.due.trigger === 'retry' ? attempt : 0);
  }
  return { bad, good, first: good[0] ?? null };
}

function closest(moments: readonly number[]): number {
  return Math.min(...moments.slice(1).map((at, index) => at - (moments[index] ?? 0)));
}

describe('a service whose password is wrong for a week', () => {
  it.each([
    ['each minute', { scanEvery: 1 }, 45],
    ['each quarter of an hour', { scanEvery: 15 }, 45],
    ['each 4 hours', { scanEvery: 240 }, 45],
    ['each day', { scanEvery: 1440 }, 45],
    ['each hour, restarted every 10 minutes', { scanEvery: 60, restartEvery: 10 }, 45],
  ] as const)('makes few bad sign-ins, far apart, when it scans %s', async (_often, plan, most) => {
    const { bad, good } = await liveThrough(plan);
    expect(bad.length).toBeGreaterThan(5);
    expect(bad.length).toBeLessThanOrEqual(most);
    expect(closest(bad)).toBeGreaterThanOrEqual(30);
    expect(good).toEqual([]);
  });

  it.each([
    ['is stored anew', { storedAt: 3000 }, 60],
    ['is put right in the directory alone', { unlockedAt: 3000 }, 240],
  ])('reads by itself after the password %s, within its slot, a retry or the waiting time', async (_where, when, within) => {
    const { first, bad } = await liveThrough({ scanEvery: 60, ...when });
    expect(first).toBeGreaterThanOrEqual(3000);
    expect(first).toBeLessThanOrEqual(3000 + within);
    expect(bad.every((at) => at < 3000)).toBe(true);
  });
});
