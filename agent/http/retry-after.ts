/**
 * Reads a Retry-After header (RFC 9110, 10.2.3), in seconds or as a date, as milliseconds from `now`; `null` when there is none
 * or it cannot be read. A date in the past is 0.
 */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/u.test(text)) {
    return Math.ceil(Number(text) * 1000);
  }
  // A date has letters; Date.parse alone would take "-5" for a year.
  if (!/[a-z]{3}/iu.test(text)) {
    return null;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
