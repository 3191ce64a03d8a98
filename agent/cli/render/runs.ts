import type { RunOutcome } from '../../../core/ports/store.ts';
import type { View } from '../answer.ts';
import type { RunDetailDocument, RunDocument, RunsDocument } from '../documents.ts';
import { formatDate, formatDuration } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, organizationHeading, sections, shown } from './parts.ts';
import { storyLines } from './run-story.ts';
import { runInWords } from './run-words.ts';
import { summaryLines } from './runs-summary.ts';

const mostEntries = 100;
/** Below this width, what a run did is worth more than what started it; `runs show` tells that too. */
const widthForTriggers = 100;

/** What happened since then in one glance, when that was asked for; then the runs. */
export function renderRuns(document: RunsDocument, view: View): string {
  const table = document.runs.length === 0 ? '' : runsTable(document.runs, view);
  if (document.summary.length === 0) return table === '' ? 'Nothing was run yet.' : table;
  return sections(
    document.summary.flatMap((summary) => summaryLines(summary, view)),
    table,
  );
}

function runsTable(runs: readonly RunDocument[], view: View): string {
  const wide = view.width >= widthForTriggers;
  const several = new Set(runs.map(({ organization }) => organization)).size > 1;
  const rows = runs.map((run): readonly Cell[] => [
    run.run,
    run.command,
    ...(several ? [run.organization] : []),
    outcomeCell(run.outcome, view),
    formatDate(run.startedAt),
    took(run),
    ...(wide ? [run.trigger ?? '-'] : []),
    runInWords(run),
  ]);
  const columns = [
    { title: 'run', givesWay: 0 },
    { title: 'command', givesWay: 0 },
    ...(several ? [{ title: 'organization' }] : []),
    { title: 'outcome', givesWay: 0 },
    { title: 'started', givesWay: 0 },
    { title: 'took', givesWay: 0, align: 'right' as const },
    ...(wide ? [{ title: 'by' }] : []),
    { title: 'what', givesWay: 2 },
  ];
  return cutTable({ columns, rows }, rows.length, view);
}

/** One run: its story in words, then its writes. */
export function renderRun(run: RunDetailDocument, view: View): string {
  const outcome = outcomeCell(run.outcome, view);
  const by = run.trigger === null || run.trigger === 'by hand' ? '' : `  ${view.style.quiet(run.trigger)}`;
  return sections(
    [
      organizationHeading(run, view),
      `Run ${run.run}  ${run.command}  ${outcome.paint(outcome.text)}  ${formatDate(run.startedAt)}  ${took(run)}${by}`,
      ...(run.hash === null ? [] : [view.style.quiet(`plan ${run.hash}`)]),
    ],
    storyLines(run, view),
    journalTable(run, view),
  );
}

function journalTable(run: RunDetailDocument, view: View): string {
  const rows = run.journal.flatMap((entry): readonly (readonly Cell[])[] => {
    const note = [entry.reason, entry.undoneBy === null ? null : `undone by run ${entry.undoneBy}`]
      .filter((text) => text !== null)
      .join('; ');
    const fields = Object.entries(entry.fields);
    const head: readonly Cell[] = [entry.operation, entry.label, shown(entry.record), stateCell(entry.state, view)];
    if (fields.length === 0) {
      return [[...head, '', note]];
    }
    return fields.map(([name, change], index) => [
      ...(index === 0 ? head : ['', '', '', '']),
      change.from === null ? `${name}: ${shown(change.to)}` : `${name}: ${shown(change.from)} → ${shown(change.to)}`,
      index === 0 ? note : '',
    ]);
  });
  const columns = [
    { title: 'operation', givesWay: 0 },
    { title: 'who' },
    { title: 'record', givesWay: 0 },
    { title: 'state', givesWay: 0 },
    { title: 'from → to', givesWay: 1.5 },
    { title: 'note', givesWay: 2 },
  ];
  return cutTable({ columns, rows }, mostEntries, view);
}

/** Colours of a run's outcome. */
export function outcomeCell(outcome: RunOutcome, view: View): { readonly text: string; readonly paint: (text: string) => string } {
  const paints = {
    running: view.style.accent,
    done: view.style.good,
    partly: view.style.warning,
    held: view.style.warning,
    failed: view.style.bad,
    interrupted: view.style.warning,
  } as const;
  return { text: outcome, paint: paints[outcome] };
}

function stateCell(state: string, view: View): Cell {
  const open = state === 'unknown' || state === 'intended' ? view.style.warning : view.style.bad;
  return { text: state, paint: state === 'done' ? view.style.good : open };
}

function took(run: RunDocument): string {
  return run.finishedAt === null ? '-' : formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt));
}
