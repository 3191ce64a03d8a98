import type { View } from '../answer.ts';
import type { ScanDocument } from '../documents.ts';
import { sentOf } from '../documents-collector.ts';
import type { DirectoryReadDocument, LogonSurveyDocument } from '../documents-reads.ts';
import { renderError } from '../failure.ts';
import { formatCount, formatDuration, oneLine } from '../terminal/format.ts';
import { moreLine, noticeLines, organizationHeading, sections } from './parts.ts';
import { absentInWords, fullInWords, logonsInWords, usersInWords } from './read-words.ts';
import { scopeLines } from './scope.ts';
import { sentLines } from './sent.ts';

const mostRejected = 10;
const mostServers = 10;

/** What each directory gave. */
export function renderScan(scan: ScanDocument, view: View): string {
  const run = scan.run === null ? '' : view.style.quiet(`  run ${scan.run}`);
  return sections(
    [organizationHeading(scan, view) + run, ...(scan.message === null ? [] : [scan.message])],
    ...scan.directories.map((read) => readLines(read, view)),
    sentLines(sentOf(scan), view),
    noticeLines(scan.notices, view),
  );
}

/** What one directory gave. */
export function readLines(read: DirectoryReadDocument, view: View): readonly string[] {
  const { style } = view;
  const left = Object.entries(read.leftOut).filter(([, count]) => count > 0);
  const absent = absentInWords(read.absent);
  const server = read.server === null ? '' : style.quiet(`  ${read.server}`);
  const lines = [
    `${outcomeWord(read, view)}  ${style.strong(read.directory)}  ${usersInWords(read.users, read.kind)} in ${formatDuration(read.durationMs)}${server}`,
    ...(read.fullBecause === null ? [] : [`  ${fullInWords(read.fullBecause)}`]),
    ...(left.length === 0 ? [] : [`  left out: ${left.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')}`]),
    ...(absent === '' ? [] : [`  not there: ${absent}`]),
    ...(read.logons === null ? [] : logonLines(read.logons, view)),
    ...(read.rescoped === null ? [] : scopeLines([{ directory: read.directory, ...read.rescoped }], view).map((line) => `  ${line}`)),
    ...read.gaps.map((gap) => `  ${style.warning('gap')}  ${gap}`),
  ];
  const rejected = read.rejected.slice(0, mostRejected).map((entry) => `  ${style.warning('not taken')}  ${entry.dn}: ${entry.reason}`);
  const withRejected =
    rejected.length === 0 ? lines : [...lines, moreLine(rejected.join('\n'), read.rejected.length - rejected.length, view)];
  return read.error === null ? withRejected : [...withRejected, renderError(read.error, view)];
}

/** How exact the last logons are; which servers did not tell them, and why. */
function logonLines({ exact, asked, failed, durationMs }: LogonSurveyDocument, { style }: View): readonly string[] {
  const words = logonsInWords({ exact, asked: asked.length, failed: failed.length });
  return [
    `  last logons: ${exact ? words : style.warning(words)}, in ${formatDuration(durationMs)}`,
    ...failed.slice(0, mostServers).map(({ server, code, message }) => `    ${server}: ${oneLine(message)} ${style.quiet(code)}`),
    ...(failed.length > mostServers ? [style.quiet(`    … and ${formatCount(failed.length - mostServers)} more (--json shows all)`)] : []),
  ];
}

function outcomeWord(read: DirectoryReadDocument, view: View): string {
  const words = {
    complete: view.style.good('complete'),
    incomplete: view.style.warning('incomplete'),
    failed: view.style.bad('failed'),
    none: view.style.quiet('not read'),
  } as const;
  return words[read.outcome];
}
