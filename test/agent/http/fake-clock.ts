import type { HttpClock } from '../../../agent/http/http-clock.ts';

export interface FakeClock extends HttpClock {
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: readonly number[];
}

/** A clock that stands still, and jumps ahead by whatever somebody waits. */
export function createFakeClock(start = Date.UTC(2026, 0, 5, 8)): FakeClock {
  let elapsed = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => start + elapsed,
    elapsed: () => elapsed,
    wait(ms) {
      waits.push(ms);
      elapsed += ms;
      return Promise.resolve();
    },
  };
}

export interface ManualClock extends HttpClock {
  /** How many waits are under way. */
  waiting(): number;
  /** Moves time on and ends the waits that are over by then. */
  advance(ms: number): void;
}

/** A clock that moves only when told to. */
export function createManualClock(): ManualClock {
  let elapsed = 0;
  let pending: { readonly at: number; readonly done: () => void }[] = [];
  return {
    now: () => elapsed,
    elapsed: () => elapsed,
    wait: (ms) =>
      new Promise((done) => {
        pending.push({ at: elapsed + ms, done });
      }),
    waiting: () => pending.length,
    advance(ms) {
      elapsed += ms;
      const over = pending.filter(({ at }) => at <= elapsed);
      pending = pending.filter(({ at }) => at > elapsed);
      for (const { done } of over) {
        done();
      }
    },
  };
}
