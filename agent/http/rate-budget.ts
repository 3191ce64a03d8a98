import { RollcallError } from '../../core/errors.ts';
import type { HttpClock } from './http-clock.ts';

/** At most `requests` in any span of `windowMs` milliseconds, wherever the span begins. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** One bucket: whoever takes from it waits for its turn, in the order of asking. */
export interface RateBudget {
  /** Resolves when one request may be sent. Throws `INTERRUPTED` when the signal comes first. */
  take(signal?: AbortSignal): Promise<void>;
  /** Nobody is let through for this long (Retry-After); a shorter pause does not cut a longer one. */
  pause(ms: number): void;
}

/**
 * Makes a bucket under which no window ever holds more than its limit: it remembers the last `requests` grants of each limit
 * and lets the next one through only when the oldest of them has left the window. (A refilled token bucket would allow nearly
 * twice the limit around a refill.)
 */
export function createRateBudget(limits: readonly RateLimit[], clock: HttpClock): RateBudget {
  const windows = limits.map(createWindow);
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let turn: Promise<void> = Promise.resolve();

  async function grant(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (signal?.aborted === true) {
        throw new RollcallError('INTERRUPTED', 'Stopped before the request was sent.');
      }
      const now = clock.elapsed();
      const earliest = Math.max(pausedUntil, ...windows.map((window) => window.earliest()));
      if (earliest <= now) {
        for (const window of windows) {
          window.record(now);
        }
        return;
      }
      await clock.wait(earliest - now, signal);
    }
  }

  return {
    take(signal) {
      const mine = turn.then(() => grant(signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.elapsed() + ms);
    },
  };
}

interface Window {
  /** When the next request may go. */
  earliest(): number;
  record(at: number): void;
}

function createWindow(limit: RateLimit): Window {
  const size = Math.max(1, Math.floor(limit.requests));
  const grants: number[] = [];
  let oldest = 0;
  return {
    earliest() {
      const first = grants.length < size ? undefined : grants[oldest];
      return first === undefined ? Number.NEGATIVE_INFINITY : first + limit.windowMs;
    },
    record(at) {
      if (grants.length < size) {
        grants.push(at);
        return;
      }
      grants[oldest] = at;
      oldest = (oldest + 1) % size;
    },
  };
}
