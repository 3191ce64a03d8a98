import type { Moment } from '../model/time.ts';

/** Milliseconds from 1601-01-01, where FILETIME starts, to 1970-01-01, where a `Moment` starts. */
const epochDifferenceMs = 11_644_473_600_000;
const ticksPerMs = 10_000n;
/** 0x7FFFFFFFFFFFFFFF; as a `Number` it would round and become a valid date in the year 30828. */
const neverSentinel = '9223372036854775807';
/** 9999-12-31T23:59:59.999Z, the last date that RFC 3339 can write. */
const lastWritableMoment = 253_402_300_799_999;

/** `zero` and `never` are AD's sentinels: what they mean depends on the attribute. `null`: absent, or no FILETIME. */
export type Filetime = Moment | 'zero' | 'never' | null;

/**
 * Reads a FILETIME (100 ns since 1601, written as decimal digits) exactly to the millisecond, sentinels first.
 * Moments after the year 9999 are `never`: they come from arithmetic on policies that never expire.
 */
export function parseFiletime(text: string | null): Filetime {
  if (text === null) return null;
  if (text === '0') return 'zero';
  if (text === neverSentinel) return 'never';
  if (!/^\d{1,19}$/.test(text)) return null;
  // A tick is 10^-4 ms: dropping four digits divides exactly, and the fifteen that stay fit a Number without rounding.
  const ms = text.length > 4 ? Number(text.slice(0, -4)) : 0;
  if (ms === 0 && /^0+$/.test(text)) return 'zero';
  const moment = ms - epochDifferenceMs;
  return moment > lastWritableMoment ? 'never' : moment;
}

/** Writes a moment as FILETIME digits, as filters and test directories need them. */
export function formatFiletime(moment: Moment): string {
  return String(BigInt(moment + epochDifferenceMs) * ticksPerMs);
}
