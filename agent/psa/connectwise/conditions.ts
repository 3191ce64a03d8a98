import type { Moment } from '../../../core/model/time.ts';

/**
 * `member="text"`. How a quote within quotes is escaped is not published, so the other sort of quotes is taken; text with both, or with
 * a backslash, is asked for with wildcards in their place. That may bring more than wanted: callers compare what comes back.
 */
export function equalsText(member: string, text: string): string {
  const wild = text.replace(/[\\\p{Cc}\p{Cs}]/gu, '%');
  const written = wild.includes('"') && wild.includes("'") ? wild.replaceAll('"', '%') : wild;
  const quote = written.includes('"') ? "'" : '"';
  return `${member} ${written === text ? '=' : 'like'} ${quote}${written}${quote}`;
}

/** `company/id=250`; the id is digits only. */
export function equalsId(member: string, id: string): string {
  return `${member}=${digitsOf(id)}`;
}

/** Rows behind this id. */
export function idAbove(id: string): string {
  return `id>${digitsOf(id)}`;
}

/** At or after the moment, by whole seconds, which is how the API tells moments. */
export function changedSince(since: Moment): string {
  return `lastUpdated>=[${new Date(since).toISOString().slice(0, 19)}Z]`;
}

export function allOf(conditions: readonly string[]): string {
  return conditions.join(' and ');
}

export function anyOf(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions.join('') : `(${conditions.join(' or ')})`;
}

function digitsOf(id: string): string {
  return id.replace(/\D/gu, '');
}
