/** How patiently requests are repeated. Times are milliseconds. */
export interface RetryPolicy {
  /** How often a read is sent at most, the first time included; 429s are not counted. */
  readonly attempts: number;
  /** The pause after the first failure; it doubles from there. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** The pause after a first 429 that names no time; it doubles from there. */
  readonly rateLimitPauseMs: number;
  readonly longestRateLimitPauseMs: number;
  /** All 429 pauses of one request together. A server that asks for more is not waited for. */
  readonly rateLimitWaitMs: number;
}

export const retryDefaults: RetryPolicy = {
  attempts: 4,
  firstPauseMs: 500,
  longestPauseMs: 15_000,
  rateLimitPauseMs: 10_000,
  longestRateLimitPauseMs: 120_000,
  rateLimitWaitMs: 600_000,
};

/** The pause after failure number `failures` (from 1): doubling, bounded, and between half of it and all of it by `random`. */
export function growingPauseMs(firstMs: number, longestMs: number, failures: number, random: number): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(whole / 2 + (whole / 2) * random);
}

/** Statuses after which the same read may succeed. 501 and 505 say something about the request, not about the moment. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || (status >= 500 && status !== 501 && status !== 505);
}
