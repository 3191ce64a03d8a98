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
  /** Sets the limits anew, one for each of before; what was granted still counts. */
  resize(limits: readonly RateLimit[]): void;
  /**
   * Counts what was granted elsewhere, by the moments of the clock's `elapsed()`, which may be before its beginning. `grainMs`: how exact
   * the moments are; limits of shorter windows are not touched.
   */
  spend(spent: readonly SpentGrants[], grainMs: number): void;
}

interface SpentGrants {
  readonly at: number;
  readonly count: number;
}

/**
 * Makes a bucket under which no window ever holds more than its limit: it remembers the last `requests` grants of each limit
 * and lets the next one through only when the oldest of them has left the window. (A refilled token bucket would allow nearly
 * twice the limit around a refill.)
 */
export function createRateBudget(limits: readonly RateLimit[], clock: HttpClock): RateBudget {
  let sizes = limits;
  let windows = limits.map((limit) => createWindow(limit, []));
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
    resize(wanted) {
      const isSame = ({ requests, windowMs }: RateLimit, index: number): boolean =>
        sizes[index]?.requests === requests && sizes[index].windowMs === windowMs;
      if (wanted.length === sizes.length && wanted.every(isSame)) return;
      sizes = wanted;
      windows = wanted.map((limit, index) => createWindow(limit, windows[index]?.grants() ?? []));
    },
    spend(spent, grainMs) {
      windows = windows.map((window, index) => {
        const limit = sizes[index];
        return limit === undefined || limit.windowMs < grainMs ? window : createWindow(limit, together(window.grants(), spent, limit));
      });
    },
  };
}

/** The last grants of both, as many as the window has room for, the oldest first. */
function together(grants: readonly number[], spent: readonly SpentGrants[], { requests }: RateLimit): readonly number[] {
  const newestFirst = spent.toSorted((a, b) => b.at - a.at);
  const others: number[] = [];
  for (const { at, count } of newestFirst) {
    for (let index = 0; index < count && others.length < requests; index += 1) others.push(at);
  }
  return [...grants, ...others].toSorted((a, b) => a - b);
}

interface Window {
  /** When each of the last grants was, the oldest first. */
  grants(): readonly number[];
  /** When the next request may go. */
  earliest(): number;
  record(at: number): void;
}

function createWindow(limit: RateLimit, granted: readonly number[]): Window {
  const size = Math.max(1, Math.floor(limit.requests));
  const grants = granted.slice(-size);
  let oldest = 0;
  return {
    grants: () => [...grants.slice(oldest), ...grants.slice(0, oldest)],
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
