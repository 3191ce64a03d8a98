import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comingRuns,
  type DueRun,
  ended,
  lookAtClock,
  newSchedule,
  reconciled,
  reconcileStarted,
  resumed,
  type ScheduleParts,
  type ScheduleSettings,
  type ScheduleState,
  started,
  withReconcileOwed,
} from '../../../agent/schedule/schedule.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = 36 * hour;
/** Syncs come by hand alone, unless a test says otherwise. */
const seldom: ScheduleSettings = { scan: 'never', fullScan: 'never', timezone: '', jitterSeconds: 0, reconcileDaily: true };
const daily = { scan: false, full: false, trigger: 'daily reconcile' };
const reload = { scan: false, full: false, trigger: 'reload' };

/** `every N` hours, on whole multiples; `never`. */
function partsAt(clock: { now: number }): ScheduleParts {
  return {
    spread: () => 0,
    nextSlots(expression, _timezone, count) {
      const step = Number(/^every (\d+)$/u.exec(expression)?.[1] ?? 0) * hour;
      const first = (Math.floor(clock.now / step) + 1) * step;
      return step === 0 ? [] : Array.from({ length: count }, (_, index) => first + index * step);
    },
  };
}

/** A schedule whose first sync began and succeeded at noon. */
function begun(clock: { now: number }, settings = seldom): { readonly state: ScheduleState; readonly parts: ScheduleParts } {
  const parts = partsAt(clock);
  const first = started(newSchedule(settings, clock.now, parts), settings, { full: true, now: clock.now }, parts);
  return { state: reconciled(ended(first, 'success', clock.now, 0), clock.now), parts };
}

function dueAt(state: ScheduleState, at: number, settings = seldom, clock = { now: at }): DueRun | null {
  return lookAtClock({ ...state, seenAt: at }, settings, at, partsAt(clock)).due;
}

describe('P9 both sides are compared whole at least daily', () => {
  it('a day after the last sync, without a read of the directories, when the schedule is rarer', () => {
    const { state } = begun({ now: noon });
    expect(dueAt(state, noon + day - 1)).toBeNull();
    expect(dueAt(state, noon + day)).toEqual(daily);
    expect(comingRuns(state, seldom)).toEqual([{ command: 'sync --no-scan', at: noon + day }]);
  });

  it('never while two-way sync is off, and before the first sync', () => {
    const { state } = begun({ now: noon });
    const off = { ...seldom, reconcileDaily: false };
    expect(dueAt(state, noon + 30 * day, off)).toBeNull();
    const failed = ended(
      started(newSchedule(seldom, noon, partsAt({ now: noon })), seldom, { full: true, now: noon }, partsAt({ now: noon })),
      'failure',
      noon,
      0,
    );
    expect(dueAt(failed, noon + 30 * day)).toBeNull();
  });

  it('a scheduled sync is one, and so is one of which the slot is near', () => {
    const hourly = { ...seldom, scan: 'every 24' };
    const clock = { now: noon };
    const { state } = begun(clock, hourly);
    expect(comingRuns(state, hourly).map(({ command }) => command)).toEqual(['sync']);
    // The sync of the slot before ended; the next one comes 20 minutes after the day is over.
    const late = reconciled(
      { ...state, lastSuccessAt: 24 * hour - 20 * minute, reconcile: { ...state.reconcile, doneAt: null } },
      24 * hour - 20 * minute,
    );
    expect(dueAt(late, 48 * hour - 10 * minute, hourly)).toBeNull();
    expect(dueAt(late, 48 * hour, hourly)).toMatchObject({ scan: true, trigger: 'schedule' });
  });

  it('also when syncs come often and fail', () => {
    const often = { ...seldom, scan: 'every 4' };
    const clock = { now: noon };
    const parts = partsAt(clock);
    let { state } = begun(clock, often);
    const seen: (string | undefined)[] = [];
    for (clock.now = noon + minute; clock.now <= noon + 30 * hour; clock.now += minute) {
      const looked = lookAtClock(state, often, clock.now, parts);
      state = looked.state;
      if (looked.due?.scan === true) {
        state = ended(started(state, often, { full: looked.due.full, now: clock.now }, parts), 'failure', clock.now, 0);
      } else if (looked.due !== null) {
        seen.push(`${looked.due.trigger} after ${(clock.now - noon) / hour} h`);
        state = reconciled(reconcileStarted(state, clock.now), clock.now);
      }
    }
    expect(seen.map((text) => text?.replace(/\.\d+/u, ''))).toEqual(['daily reconcile after 24 h']);
    expect(state.lastSuccessAt, 'it makes up for no sync').toBe(noon);
  });

  it('missed while the service was stopped, it is caught up at the start', () => {
    const { state } = begun({ now: noon });
    const tried = reconcileStarted(state, noon + day);
    const at = noon + day + 10 * minute;
    expect(dueAt(resumed(state, noon + 3 * day), noon + 3 * day)).toEqual(daily);
    expect(dueAt(tried, at), 'one that failed waits an hour').toBeNull();
    expect(dueAt(resumed(tried, at), at), 'one that a crash ended does not').toEqual(daily);
  });

  it('one that fails is tried again each hour until it succeeds', () => {
    const { state } = begun({ now: noon });
    let now = state;
    const tries: number[] = [];
    for (let at = noon + day; at <= noon + day + 3 * hour; at += minute) {
      if (dueAt(now, at) === null) continue;
      tries.push((at - noon) / hour);
      now = reconcileStarted(now, at);
    }
    expect(tries).toEqual([24, 25, 26, 27]);
    const done = reconciled(now, noon + 27 * hour);
    expect(dueAt(done, noon + 28 * hour)).toBeNull();
    expect(dueAt(done, noon + 51 * hour)).toEqual(daily);
  });

  it('a clock that is set back postpones it by no more than a day', () => {
    const { state } = begun({ now: noon + 1_000 * day });
    const looked = lookAtClock(state, seldom, noon, partsAt({ now: noon }));
    expect(dueAt(looked.state, noon + day)).toEqual(daily);
  });

  it('whatever happens, no two days pass without an attempt', () => {
    const events = fc.array(fc.constantFrom('nothing', 'sync fails', 'reconcile fails', 'restart', 'edit'), {
      minLength: 48,
      maxLength: 120,
    });
    fc.assert(
      fc.property(events, (hours) => {
        const clock = { now: noon };
        let { state } = begun(clock);
        let last = noon;
        for (const event of hours) {
          clock.now += hour;
          expect(clock.now - last).toBeLessThan(2 * day);
          if (event === 'restart') state = resumed(state, clock.now);
          if (event === 'edit') state = withReconcileOwed(state, clock.now);
          const due = dueAt(state, clock.now);
          if (due === null) continue;
          last = clock.now;
          if (due.scan)
            state = ended(
              started(state, seldom, { full: due.full, now: clock.now }, partsAt(clock)),
              event === 'sync fails' ? 'failure' : 'success',
              clock.now,
              0,
            );
          else state = reconcileStarted(state, clock.now);
          if (!event.endsWith('fails')) state = reconciled(state, clock.now);
        }
      }),
    );
  });
});

describe('P7 a sync that an edit asks for', () => {
  it('comes at once, without a read of the directories', () => {
    const { state } = begun({ now: noon });
    expect(dueAt(withReconcileOwed(state, noon + hour), noon + hour)).toEqual(reload);
    expect(dueAt(withReconcileOwed(state, noon + 2), noon + 2), 'also right after a sync').toEqual(reload);
    const off = { ...seldom, reconcileDaily: false };
    expect(dueAt(withReconcileOwed(state, noon + hour), noon + hour, off), 'two-way sync was switched off by it').toEqual(reload);
  });

  it('is owed until a sync succeeds that began after the edit, over restarts too', () => {
    const { state } = begun({ now: noon });
    const owed = withReconcileOwed(state, noon + hour);
    const earlier = reconciled(owed, noon + hour - minute);
    expect(dueAt(earlier, noon + hour), 'a sync that was under way does not know of it').toEqual(reload);
    const failed = reconcileStarted(owed, noon + hour);
    expect(dueAt(failed, noon + hour + minute)).toBeNull();
    expect(dueAt(resumed(failed, noon + hour + minute), noon + hour + minute)).toEqual(reload);
    expect(dueAt(failed, noon + 2 * hour)).toEqual(reload);
    expect(dueAt(reconciled(failed, noon + 2 * hour), noon + 3 * hour)).toBeNull();
  });

  it('gives way to a sync whose slot has come', () => {
    const often = { ...seldom, scan: 'every 4' };
    const { state } = begun({ now: noon }, often);
    expect(dueAt(withReconcileOwed(state, noon + 4 * hour), noon + 4 * hour, often)).toMatchObject({ scan: true, trigger: 'schedule' });
  });
});
