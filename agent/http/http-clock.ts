import { setTimeout as delay } from 'node:timers/promises';
import { RollcallError } from '../../core/errors.ts';

/** Time as the HTTP client needs it; tests put their own in its place. All values are milliseconds. */
export interface HttpClock {
  /** The wall clock, for dates that a server names. */
  now(): number;
  /** Never goes back; for rate budgets and durations. */
  elapsed(): number;
  /** Throws `RollcallError` `INTERRUPTED` when the signal ends the wait. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clocks and timers. */
export const systemClock: HttpClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async wait(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (cause) {
      throw new RollcallError('INTERRUPTED', 'Stopped while waiting to send a request.', { cause });
    }
  },
};
