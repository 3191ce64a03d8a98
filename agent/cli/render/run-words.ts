import type { RunDocument } from '../documents.ts';
import { formatCount, oneLine } from '../terminal/format.ts';

/** Kinds of change and other counts, in the order in which people ask for them: what was done, and what is only planned. */
const words: readonly (readonly [name: string, done: string, planned: string])[] = [
  ['create', 'created', 'to create'],
  ['update', 'updated', 'to update'],
  ['push', 'pushed', 'to push'],
  ['link', 'linked', 'to link'],
  ['complete', 'completed', 'to complete'],
  ['psa-update', 'updated in the PSA', 'to update in the PSA'],
  ['match', 'matched', 'to match'],
  ['overlay', 'with AD fields', 'with AD fields'],
  ['restored', 'put back', 'to put back'],
  ['deleted', 'deleted', 'to delete'],
  ['users', 'users read', 'users read'],
  ['gone', 'users deleted', 'users deleted'],
  ['settings', 'settings changed', 'settings changed'],
  ['takenIn', 'users taken in', 'users taken in'],
  ['leftOut', 'users left out', 'users left out'],
  ['runs', 'old runs forgotten', 'old runs to forget'],
  ['entries', 'journal entries', 'journal entries'],
  ['skipped', 'left for later', 'left for later'],
];
const untold: ReadonlySet<string> = new Set(['directories', 'reads', 'backups']);

/** `3 created, 12 updated, 1 failed: PSA_REFUSED`; empty when there is nothing to say. */
export function countsInWords(
  counts: Readonly<Record<string, number>>,
  options: { readonly planned?: boolean; readonly failures?: Readonly<Record<string, number>> } = {},
): string {
  const known = new Map(words.map(([name, done, planned]) => [name, options.planned === true ? planned : done]));
  const named = words.flatMap(([name]) => wordOf(counts[name], known.get(name) ?? name));
  const others = Object.entries(counts).flatMap(([name, count]) =>
    known.has(name) || untold.has(name) || name === 'failed' ? [] : wordOf(count, name),
  );
  return [...named, ...others, ...failedWords(counts['failed'] ?? 0, options.failures ?? {})].join(', ');
}

function wordOf(count: number | undefined, word: string): readonly string[] {
  return count === undefined || count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? singular(word) : word}`];
}

function singular(word: string): string {
  return word.replace(/\b(setting|user|run)s\b/, '$1').replace('entries', 'entry');
}

function failedWords(failed: number, failures: Readonly<Record<string, number>>): readonly string[] {
  const codes = Object.entries(failures);
  const total = Math.max(
    failed,
    codes.reduce((sum, [, count]) => sum + count, 0),
  );
  if (total === 0) return [];
  const [only] = codes;
  if (only === undefined) return [`${formatCount(total)} failed`];
  const named = codes.length === 1 ? only[0] : codes.map(([code, count]) => `${formatCount(count)} ${code}`).join(', ');
  return [`${formatCount(total)} failed: ${named}`];
}

/** What a run did, or would do, or why it failed. */
export function runInWords(run: RunDocument): string {
  const planned = run.command === 'plan' || run.outcome === 'held';
  const counts = countsInWords(run.counts, { planned, failures: run.failures });
  const error = run.error === null ? '' : `${run.error.code}: ${oneLine(run.error.message)}`;
  const told = [counts, error].filter((text) => text !== '').join('; ');
  if (told !== '' || run.outcome !== 'done') return told;
  return planned ? 'nothing to do' : 'nothing new';
}
