import type { RunOutcome } from '../../../core/ports/store.ts';
import type { View } from '../answer.ts';
import type { RunDetailDocument, RunDocument, RunsDocument } from '../documents.ts';
import { formatDate, formatDuration } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, organizationHeading, sections, shown } from './parts.ts';

const mostEntries = 100;

/** The journal's newest runs. */
export function renderRuns(document: RunsDocument, view: View): string {
  return document.runs.length === 0 ? 'Nothing was run yet.' : runsTable(document.runs, view);
}

export function runsTable(runs: readonly RunDocument[], view: View): string {
  const rows = runs.map((run): readonly Cell[] => [
    run.run,
    run.command,
    run.organization,
    outcomeCell(run.outcome, view),
    formatDate(run.startedAt),
    took(run),
    countsText(run),
  ]);
  const columns = [
    { title: 'run', givesWay: 0 },
    { title: 'command', givesWay: 0 },
    { title: 'organization' },
    { title: 'outcome', givesWay: 0 },
    { title: 'started', givesWay: 0 },
    { title: 'took', givesWay: 0, align: 'right' as const },
    { title: 'what', givesWay: 2 },
  ];
  return cutTable({ columns, rows }, rows.length, view);
}

/** One run with its writes. */
export function renderRun(run: RunDetailDocument, view: View): string {
  const outcome = outcomeCell(run.outcome, view);
  return sections(
    [
      organizationHeading(run, view),
      `Run ${run.run}  ${run.command}  ${outcome.paint(outcome.text)}  ${formatDate(run.startedAt)}  ${took(run)}`,
      ...(run.hash === null ? [] : [view.style.quiet(`plan ${run.hash}`)]),
      ...(countsText(run) === '' ? [] : [countsText(run)]),
    ],
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
function outcomeCell(outcome: RunOutcome, view: View): { readonly text: string; readonly paint: (text: string) => string } {
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

function countsText(run: RunDocument): string {
  const counts = Object.entries(run.counts)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${count} ${name}`);
  return [...counts, ...(run.error === null ? [] : [`${run.error.code}: ${run.error.message}`])].join(' · ');
}
