import type { AssessFinding } from '../cli/documents-assess.ts';
import { formatCount } from '../cli/terminal/format.ts';

type Weight = AssessFinding['weight'];

/** How a finding is marked: by shape and word, so that it needs no colour. */
export const marks: Readonly<Record<Weight | 'fine', { readonly sign: string; readonly word: string }>> = {
  do: { sign: '▲', word: 'To do' },
  check: { sign: '◆', word: 'To check' },
  know: { sign: '○', word: 'To know' },
  fine: { sign: '✓', word: 'In order' },
};

/** The findings that have something to show, those that ask for most first. */
export function byWeight(findings: readonly AssessFinding[]): readonly AssessFinding[] {
  const weights: readonly Weight[] = ['do', 'check', 'know'];
  return weights.flatMap((weight) => findings.filter((finding) => finding.weight === weight && finding.count > 0));
}

/** `12 accounts`. */
export function countInWords({ count, noun }: Pick<AssessFinding, 'count' | 'noun'>): string {
  return `${formatCount(count)} ${count === 1 ? noun[0] : noun[1]}`;
}

/** A date as the report shows it, in UTC: `2026-11-22`; a word such as `never` stays. */
export function dayText(text: string): string {
  return isDate(text) ? text.slice(0, 10) : text;
}

/** With the time of day: `2026-11-22 03:40 UTC`. */
export function minuteText(text: string): string {
  return isDate(text) ? `${text.slice(0, 10)} ${text.slice(11, 16)} UTC` : text;
}

/** As a spreadsheet understands it: `2026-11-22 03:40:00`. */
export function cellDate(text: string): string {
  return isDate(text) ? `${text.slice(0, 10)} ${text.slice(11, 19)}` : text;
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text);
}
