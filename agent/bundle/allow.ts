import { errorTable } from '../../core/error-table.ts';
import { cronExpression, duration, share } from '../config/value-types.ts';
import type { PseudonymKind, Pseudonyms } from './pseudonyms.ts';

/**
 * Takes out of a value what may leave the machine; `undefined`: nothing of it. A bundle is made of these alone, so that what
 * nobody thought of stays at home. No text passes as it is unless it is one of a list or has a form without room for a name.
 */
export type Rule = (value: unknown) => unknown;

/** A count, a size, a time. Ids are texts here as everywhere, and get pseudonyms. */
export const number: Rule = (value) => (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e14 ? value : undefined);
export const boolean: Rule = (value) => (typeof value === 'boolean' ? value : undefined);
/** A date in RFC 3339, UTC, or `null`. */
export const date: Rule = (value) => matching(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/);
/** Milliseconds since 1970, as a date. */
export const moment: Rule = (value) => {
  if (value === null) return null;
  return typeof value === 'number' && value > 0 && value < 8e15 ? new Date(value).toISOString() : undefined;
};
export const hash: Rule = (value) => matching(value, /^[0-9a-f]{6,64}$/);
export const version: Rule = (value) => matching(value, /^v?\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)\.\d{1,4})?$/);
/** A run of the journal: rollcall counts them. */
export const runNumber: Rule = (value) => matching(typeof value === 'number' ? String(value) : value, /^\d{1,7}$/);
/** A rule of the product, like `M1`. */
export const ruleId: Rule = (value) => matching(value, /^[ACDEMPS]\d{1,2}$/);
/** An error code of the product, or one of the operating system or of Node. */
export const code: Rule = (value) => {
  if (typeof value === 'string' && Object.hasOwn(errorTable, value)) return value;
  return matching(value, /^(?:E[A-Z0-9]{2,14}|ERR_[A-Z0-9_]{3,50}|UND_ERR_[A-Z_]{3,30}|[A-Z]+_CERT_[A-Z_]+|CERT_[A-Z_]+)$/);
};
export const cron: Rule = (value) => (value === '' || cronExpression.safeParse(value).success ? value : undefined);
export const span: Rule = (value) => (duration.safeParse(value).success ? value : undefined);
export const percentage: Rule = (value) => (share.safeParse(value).success ? value : undefined);
const zones: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/UTC']);
export const timeZone: Rule = (value) => (typeof value === 'string' && (value === '' || zones.has(value)) ? value : undefined);
/** Only whether there is something. */
export const presence: Rule = (value) => value !== null && value !== undefined && value !== '';
/** Only how many. */
export const size: Rule = (value) => (Array.isArray(value) ? value.length : undefined);

export function oneOf(words: Iterable<string>): Rule {
  const known = new Set(words);
  return (value) => (value === null || (typeof value === 'string' && known.has(value)) ? value : undefined);
}

export function matching(value: unknown, pattern: RegExp): string | null | undefined {
  return value === null || (typeof value === 'string' && pattern.test(value)) ? value : undefined;
}

/** The name of something, replaced. */
export function named(kind: PseudonymKind, names: Pseudonyms): Rule {
  return (value) => {
    if (value === null || value === '') return value;
    return typeof value === 'string' || typeof value === 'number' ? names.of(kind, String(value)) : undefined;
  };
}

/** The members that are named here; all others are dropped. */
export function object(members: Readonly<Record<string, Rule>>): Rule {
  return (value) => {
    if (value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    const kept = Object.entries(members).flatMap(([key, rule]) => {
      const shown = Object.hasOwn(value, key) ? rule(Reflect.get(value, key)) : undefined;
      return shown === undefined ? [] : [[key, shown] as const];
    });
    return Object.fromEntries(kept);
  };
}

export function list(rule: Rule, most = 1_000): Rule {
  return (value) => (Array.isArray(value) ? value.slice(0, most).map((item) => rule(item) ?? null) : undefined);
}

/** Counts by names of ours; those under other names are added up. */
export function counts(names: Iterable<string>): Rule {
  const known = new Set(names);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const sums: Record<string, number> = {};
    for (const [key, count] of Object.entries(value)) {
      if (typeof count !== 'number') continue;
      const name = known.has(key) ? key : '(other)';
      sums[name] = (sums[name] ?? 0) + count;
    }
    return sums;
  };
}
