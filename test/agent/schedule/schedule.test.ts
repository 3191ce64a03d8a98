import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comingRuns,
  ended,
  firesTooOften,
  lookAtClock,
  newSchedule,
  resumed,
  type ScheduleParts,
  type ScheduleSettings,
  type ScheduleState,
  started,
  withSettings,
} from '../../../agent/schedule/schedule.ts';

const minute = 60_000;
const hour = 60 * minute;
const settings: ScheduleSettings = { scan: 'every 4 h', fullScan: 'every 24 h', timezone: '', jitterSeconds: 0, reconcileDaily: false };

/** Expressions of the tests: `every N h` (or `m`, `s`), on whole multiples; `never`. */
function partsAt(clock: { now: number }, spread = 0): ScheduleParts {
  return {
    spread: () => spread,
    nextSlots(expression, _timezone, count) {
      const [, text = '0', unit = ''] = /^every (\d+) (h|m|s)$/u.exec(expression) ?? [];
      const step = Number(text) * ({ h: hour, m: minute, s: 1_000 }[unit] ?? 0);
      if (step === 0) return [];
      const first = (Math.floor(clock.now / step) + 1) * step;
      return Array.from({ length: count }, (_, index) => first + index * step);
    },
  };
}

/** A schedule that has just done its first run at noon of the second day. */
function begun(clock: { now: number }, wanted = settings, spread = 0): { state: ScheduleState; parts: ScheduleParts } {
  const parts = partsAt(clock, spread);
  const first = started(newSchedule(wanted, clock.now, parts), wanted, { full: true, now: clock.now }, parts);
  return { state: ended(first, 'success', clock.now, 0), parts };
}

const noon = 36 * hour;

describe('schedule', () => {
  it('S1 the very first run is due at once, and reads everything', () => {
    const parts = partsAt({ now: noon });
    expect(lookAtClock(newSchedule(settings, noon, parts), settings, noon, parts).due).toEqual({
      scan: true,
      full: true,
      trigger: 'first start',
    });
  });

  it.each([
    ['before its slot', noon + hour, null],
    ['at its slot', noon + 4 * hour, { scan: true, full: false, trigger: 'schedule' }],
    ['a minute after it', noon + 4 * hour + minute, { scan: true, full: false, trigger: 'schedule' }],
    ['long after it', noon + 6 * hour, { scan: true, full: false, trigger: 'catch-up' }],
    ['days after it, both slots in one run', noon + 60 * hour, { scan: true, full: true, trigger: 'catch-up' }],
  ])('S1 a run is due %s', (_when, at, due) => {
    const clock = { now: noon };
    const { state, parts } = begun(clock);
    clock.now = at;
    expect(lookAtClock(state, settings, at, parts).due).toEqual(due);
  });

  it('S1 a run that a crash ended is begun again at the next start, one that went well is not', () => {
    const clock = { now: noon };
    const { state, parts } = begun(clock);
    const after = noon + 2 * minute;
    const cut = started(state, settings, { full: false, now: noon + minute / 2 }, parts);
    expect(lookAtClock(resumed(cut, after), settings, after, parts).due).toEqual({ scan: true, full: false, trigger: 'retry' });
    const well = ended(cut, 'success', noon + minute, 0);
    expect(lookAtClock(resumed(well, after), settings, after, parts).due).toBeNull();
  });

  it('S1 several missed slots are caught up by one run', () => {
    const clock = { now: noon };
    const { state, parts } = begun(clock);
    clock.now = noon + 15 * hour;
    const after = started(state, settings, { full: false, now: clock.now }, parts);
    expect(lookAtClock(after, settings, clock.now + minute, parts).due).toBeNull();
    expect(comingRuns(after, settings)[0]).toEqual({ command: 'sync', at: noon + 16 * hour });
  });

  it('C9 a full scan is owed until one succeeds, over retries, later slots and starts of the service', () => {
    const clock = { now: noon };
    const { state, parts } = begun(clock);
    const start = (from: ScheduleState, full: boolean) => started(from, settings, { full, now: noon + minute }, parts);
    const failed = ended(start(state, true), 'passing failure', noon, 0);
    const again = noon + 5 * minute;
    expect(lookAtClock(failed, settings, again, parts).due).toEqual({ scan: true, full: true, trigger: 'retry' });
    const broken = ended(start(state, true), 'failure', noon, 0);
    expect(lookAtClock(broken, settings, noon + 4 * hour, parts).due).toEqual({ scan: true, full: true, trigger: 'schedule' });
    expect(lookAtClock(resumed(start(state, true), again), settings, again, parts).due).toEqual({
      scan: true,
      full: true,
      trigger: 'retry',
    });
    const done = ended(start(failed, true), 'success', again, 1);
    expect(lookAtClock(done, settings, noon + 4 * hour, parts).due).toEqual({ scan: true, full: false, trigger: 'schedule' });
  });

  it('S1 jitter moves the start, and never past half the way to the next slot', () => {
    const clock = { now: noon };
    const wanted = { ...settings, scan: 'every 2 m', jitterSeconds: 300 };
    const { state } = begun(clock, wanted, 0.999);
    const at = comingRuns(state, settings)[0]?.at ?? 0;
    expect(at).toBeGreaterThan(noon + 2 * minute);
    expect(at).toBeLessThan(noon + 3 * minute);
  });

  it('S1 a clock that is set back a day postpones nothing by a day', () => {
    const clock = { now: noon };
    const { state, parts } = begun(clock);
    clock.now = noon - 24 * hour;
    const looked = lookAtClock(state, settings, clock.now, parts);
    expect(looked.wentBackMs).toBe(24 * hour);
    expect(comingRuns(looked.state, settings)[0]?.at).toBe(clock.now + 4 * hour);
    clock.now += 4 * hour;
    expect(lookAtClock(looked.state, settings, clock.now, parts).due).toEqual({ scan: true, full: false, trigger: 'schedule' });
  });

  it('S1 a success by a clock that ran ahead does not look fresh until that time has come', () => {
    const clock = { now: noon };
    const { state, parts } = begun(clock);
    const ahead = ended(state, 'success', noon + 1000 * hour, 0);
    const looked = lookAtClock({ ...ahead, seenAt: noon + 1000 * hour }, settings, noon, parts);
    expect(looked.state.lastSuccessAt).toBe(noon);
  });

  it('S1 a slot that was kept from a clock that ran ahead gives way at the start', () => {
    const clock = { now: noon + 1000 * hour };
    const { state } = begun(clock);
    clock.now = noon;
    expect(comingRuns(withSettings(state, settings, partsAt(clock)), settings)[0]?.at).toBe(noon + 4 * hour);
  });

  it('S3 a changed expression gets new slots, an unchanged one keeps its missed slot', () => {
    const clock = { now: noon };
    const { state } = begun(clock);
    clock.now = noon + 30 * hour;
    const edited = withSettings(state, { ...settings, scan: 'every 6 h' }, partsAt(clock));
    expect(edited.scan.next).toBe(noon + 36 * hour);
    expect(edited.fullScan.next).toBe(48 * hour);
  });

  it('a failure that may pass is tried again after 5, 15, then each 60 minutes; another one waits for its slot', () => {
    const clock = { now: noon };
    const { state, parts } = begun(clock, { ...settings, scan: 'every 24 h' });
    let at = noon + minute;
    const pauses: number[] = [];
    let now = state;
    for (let attempt = 0; attempt < 4; attempt += 1) {
      now = ended(now, 'passing failure', at, now.retry?.attempt ?? attempt);
      pauses.push(((now.retry?.at ?? 0) - at) / minute);
      at = now.retry?.at ?? 0;
      expect(lookAtClock(now, settings, at, parts).due).toEqual({ scan: true, full: false, trigger: 'retry' });
    }
    expect(pauses).toEqual([5, 15, 60, 60]);
    expect(ended(now, 'failure', at, 3).retry).toBeNull();
    expect(ended(now, 'success', at, 3)).toMatchObject({ retry: null, lastSuccessAt: at });
  });

  it('runs start a minute apart at least, however often the expression fires', () => {
    const clock = { now: noon };
    const wanted = { ...settings, scan: 'every 1 s' };
    const { state, parts } = begun(clock, wanted);
    let now = state;
    let runs = 0;
    for (clock.now = noon + 1_000; clock.now <= noon + 10 * minute; clock.now += 1_000) {
      const looked = lookAtClock(now, wanted, clock.now, parts);
      now = looked.due === null ? looked.state : started(looked.state, wanted, { full: looked.due.full, now: clock.now }, parts);
      runs += looked.due === null ? 0 : 1;
    }
    expect(runs).toBe(10);
    expect(firesTooOften('every 1 s', '', parts)).toBe(true);
    expect(firesTooOften('every 1 m', '', parts)).toBe(false);
    expect(firesTooOften('never', '', parts)).toBe(false);
  });

  it('S1 whatever the clock does, each hour that passes on it brings a run of an hourly schedule', () => {
    const jumps = fc.array(fc.integer({ min: -30 * 60, max: 30 * 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(jumps, (minutes) => {
        const wanted = { ...settings, scan: 'every 1 h' };
        const clock = { now: 1000 * hour };
        const { state, parts } = begun(clock, wanted);
        let now = state;
        for (const jump of minutes) {
          clock.now += jump * minute;
          let isDue = false;
          for (let second = 0; second <= 3_660 && !isDue; second += 30) {
            const looked = lookAtClock(now, wanted, clock.now, parts);
            now =
              looked.due === null
                ? looked.state
                : ended(started(looked.state, wanted, { full: looked.due.full, now: clock.now }, parts), 'success', clock.now, 0);
            isDue = looked.due !== null;
            clock.now += 30_000;
          }
          expect(isDue).toBe(true);
        }
      }),
    );
  });
});
