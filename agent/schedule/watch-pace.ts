/** When the watch of two-way sync looks (P9). All times are milliseconds of a clock that nobody sets. */
export interface WatchPace {
  readonly nextAt: number;
  /** When the last look that saw both sides ended; before the first one, when the watch began. */
  readonly goodAt: number;
  /** Looks that failed since then. */
  readonly failures: number;
}

/** How a look ended. `refused`: the same again fails again until a person changed something; `stopped`: it says nothing. */
export type LookResult = 'good' | 'failed' | 'refused' | 'stopped';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
/** From the end of a look to the next one, at most; up to `jitterMs` less. Looks are to be no more than a minute apart. */
const pauseMs = 50 * secondMs;
const jitterMs = 5 * secondMs;
const longestPauseMs = 15 * minuteMs;
/** A watch that sees nothing for so long is a problem. */
const patienceMs = 10 * minuteMs;

/** A watch that has just been switched on, or looks elsewhere: it looks at once. */
export function newPace(now: number): WatchPace {
  return { nextAt: now, goodAt: now, failures: 0 };
}

export function isLookDue({ nextAt }: WatchPace, now: number): boolean {
  return now >= nextAt;
}

/** A look has ended. After failures the pauses are 1, 2, 4, 8, then 15 minutes; after a refusal 15 at once. `spread`: from 0 to below 1. */
export function afterLook(pace: WatchPace, result: LookResult, now: number, spread: number): WatchPace {
  const usual = now + pauseMs - Math.floor(jitterMs * spread);
  if (result === 'good') return { nextAt: usual, goodAt: now, failures: 0 };
  if (result === 'stopped') return { ...pace, nextAt: usual };
  const failures = pace.failures + 1;
  const growing = minuteMs * 2 ** Math.min(failures - 1, 10);
  return { ...pace, failures, nextAt: now + (result === 'refused' ? longestPauseMs : Math.min(longestPauseMs, growing)) };
}

/** What a failure waited for may have passed: the next look comes at once. */
export function hastened(pace: WatchPace, now: number): WatchPace {
  return pace.failures === 0 ? pace : { ...pace, nextAt: Math.min(pace.nextAt, now) };
}

/** Whether it has been failing for so long that somebody should know. */
export function isOverdue({ goodAt, failures }: WatchPace, now: number): boolean {
  return failures > 0 && now - goodAt >= patienceMs;
}
