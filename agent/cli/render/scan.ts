import type { View } from '../answer.ts';
import type { ScanDocument } from '../documents.ts';
import type { DirectoryReadDocument } from '../documents-reads.ts';
import { renderError } from '../failure.ts';
import { formatCount, formatDuration, plural } from '../terminal/format.ts';
import { moreLine, noticeLines, organizationHeading, sections } from './parts.ts';

const mostRejected = 10;

/** What each directory gave. */
export function renderScan(scan: ScanDocument, view: View): string {
  const run = scan.run === null ? '' : view.style.quiet(`  run ${scan.run}`);
  return sections(
    [organizationHeading(scan, view) + run, ...(scan.message === null ? [] : [scan.message])],
    ...scan.directories.map((read) => directoryLines(read, view)),
    noticeLines(scan.notices, view),
  );
}

function directoryLines(read: DirectoryReadDocument, view: View): readonly string[] {
  const { style } = view;
  const left = Object.entries(read.leftOut).filter(([, count]) => count > 0);
  const server = read.server === null ? '' : style.quiet(`  ${read.server}`);
  const lines = [
    `${outcomeWord(read, view)}  ${style.strong(read.directory)}  ${plural(read.users, 'user')} in ${formatDuration(read.durationMs)}${server}`,
    ...(left.length === 0 ? [] : [`  left out: ${left.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')}`]),
    ...read.gaps.map((gap) => `  ${style.warning('gap')}  ${gap}`),
  ];
  const rejected = read.rejected.slice(0, mostRejected).map((entry) => `  ${style.warning('not taken')}  ${entry.dn}: ${entry.reason}`);
  const withRejected =
    rejected.length === 0 ? lines : [...lines, moreLine(rejected.join('\n'), read.rejected.length - rejected.length, view)];
  return read.error === null ? withRejected : [...withRejected, renderError(read.error, view)];
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
