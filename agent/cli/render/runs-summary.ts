import type { View } from '../answer.ts';
import type { RunsSummaryDocument } from '../documents-runs.ts';
import { formatAgo, formatDate, plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';
import { countsInWords } from './run-words.ts';

const outcomeWords: readonly (readonly [string, string])[] = [
  ['done', 'done'],
  ['partly', 'with failed records'],
  ['held', 'held'],
  ['failed', 'failed'],
  ['interrupted', 'stopped'],
  ['running', 'under way'],
];

/** What happened in one organization, as one would tell it. */
export function summaryLines(summary: RunsSummaryDocument, view: View): readonly string[] {
  const name = summary.organizationName ?? `Organization ${summary.organization}`;
  const text = `since ${formatDate(summary.since)}: ${sentence(summary, view)}`;
  const [first = '', ...rest] = wrapText(`${name} ${text}`, Math.max(30, view.width)).map((line, index) =>
    index === 0 ? line : `  ${line}`,
  );
  return [first.replace(name, view.style.strong(name)), ...rest];
}

function sentence(summary: RunsSummaryDocument, view: View): string {
  const { outcomes, written, failures, errors, reloads, held, lastSuccessAt } = summary;
  const syncs = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  if (syncs === 0 && summary.runs === 0) return 'nothing was run.';
  const ends = outcomeWords.flatMap(([outcome, word]) => ((outcomes[outcome] ?? 0) > 0 ? [`${outcomes[outcome]} ${word}`] : []));
  const all = ends.length === 1 ? `all ${ends[0]?.replace(/^\d+ /, '')}` : ends.join(', ');
  const wrote = countsInWords(written, { failures });
  const why = errors.map(
    ({ code, count, lastAt, run }) => `${code}${count > 1 ? ` ${count} times` : ''}, last at ${formatDate(lastAt)} (run ${run})`,
  );
  const edits = [
    ...(reloads.accepted > 0 ? [`${plural(reloads.accepted, 'edit')} of the configuration took effect`] : []),
    ...(reloads.refused > 0 ? [`${plural(reloads.refused, 'edit')} refused`] : []),
  ];
  return `${[
    syncs === 0 ? 'no sync' : `${plural(syncs, 'sync')}, ${all}`,
    ...(syncs === 0 ? [] : [wrote === '' ? 'nothing was written' : wrote]),
    ...(why.length === 0 ? [] : [`failed with ${why.join(', ')}`]),
    ...edits,
    ...(held ? ['a plan waits for approval'] : []),
    ...(syncs === 0 ? [] : [`last success ${lastSuccessAt === null ? 'none in this time' : formatAgo(lastSuccessAt, view.now)}`]),
  ].join('; ')}.`;
}
