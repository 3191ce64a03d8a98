import type { View } from '../answer.ts';
import type { RunDetailDocument } from '../documents.ts';
import type { RescopedDocument } from '../documents-reads.ts';
import type { RunReadDocument, RunStory } from '../documents-runs.ts';
import { formatCount, formatDuration, oneLine, plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';
import { heldReason } from './parts.ts';
import { absentInWords, fullInWords, logonsInWords, usersInWords } from './read-words.ts';
import { countsInWords } from './run-words.ts';
import { scopeInWords, someNames } from './scope.ts';

const mostFailures = 20;
const mostSettings = 40;

/** What the run read, planned, held and why, wrote, failed and why: one line each, as far as there is something to tell. */
export function storyLines(run: RunDetailDocument, view: View): readonly string[] {
  const story = run.detail ?? {};
  return [
    ...(story.reads ?? []).flatMap((read) => [
      ...line('read', readText(read), view),
      ...readMore(read).flatMap((text) => line('', text, view)),
    ]),
    ...(story.sent ?? []).flatMap((sent) => line('sent', sentText(sent), view)),
    ...settingLines(story, view),
    ...plannedLines(run, story, view),
    ...heldStory(story, view),
    ...(story.psaProblem === undefined ? [] : line('PSA', story.psaProblem, view)),
    ...writtenLines(run, view),
    ...Object.entries(story.skipped ?? {}).flatMap(([reason, count]) => line('waits', `${formatCount(count)}: ${reason}`, view)),
    ...failedLines(story, view),
    ...endLines(run, story, view),
  ];
}

function line(name: string, text: string, view: View): readonly string[] {
  const width = Math.max(30, view.width - 11);
  return wrapText(oneLine(text), width).map((part, index) => `  ${view.style.quiet((index === 0 ? name : '').padEnd(7))}  ${part}`);
}

function sentText({ directory, state, whole, records, code }: NonNullable<RunStory['sent']>[number]): string {
  if (state === 'nothing') return `${directory}: the hub had it`;
  if (code !== null) return `${directory}: not sent (${code})`;
  return `${directory}: ${whole ? 'everything' : 'what changed'}, ${plural(records, 'record')}${state === 'waiting' ? ', not taken in by the hub yet' : ''}`;
}

function readText(read: RunReadDocument): string {
  const { directory, outcome, users, leftOut, server, durationMs, code } = read;
  if (outcome === 'none') return `${directory}: nothing, no credentials are given`;
  if (outcome !== 'complete') return `${directory}: ${outcome === 'failed' ? 'failed' : 'not proven complete'} (${code ?? 'INTERNAL'})`;
  const left = leftOut === 0 ? '' : `, ${formatCount(leftOut)} left out`;
  return `${directory}: ${usersInWords(users, read.kind ?? 'full')}${left}, in ${formatDuration(durationMs)}${server === null ? '' : ` from ${server}`}`;
}

/** What else there is to tell of a read. */
function readMore({ fullBecause, absent, rescoped, logons }: RunReadDocument): readonly string[] {
  const notThere = absent === undefined ? '' : absentInWords(absent);
  return [
    ...(fullBecause == null ? [] : [fullInWords(fullBecause)]),
    ...(notThere === '' ? [] : [`not there: ${notThere}`]),
    ...(logons == null ? [] : [`last logons ${logonsInWords(logons)}`]),
    ...(rescoped == null ? [] : rescopedTexts(rescoped)),
  ];
}

function rescopedTexts(rescoped: RescopedDocument): readonly string[] {
  const { takenIn, leftOut, names } = rescoped;
  return [
    `another scope than before: ${scopeInWords(rescoped)}`,
    ...(leftOut > 0 ? [`leaving: ${someNames(names.leftOut, leftOut)}`] : []),
    ...(takenIn > 0 ? [`coming in: ${someNames(names.takenIn, takenIn)}`] : []),
  ];
}

function plannedLines(run: RunDetailDocument, story: RunStory, view: View): readonly string[] {
  if (story.planned === undefined) return [];
  const planned = countsInWords(story.planned, { planned: true });
  // Where all of it was carried out, the counts of what was written say the same.
  const isWritten = run.outcome === 'done' && run.command !== 'plan' && story.skipped === undefined;
  return isWritten ? [] : line('planned', planned === '' ? 'nothing to do' : planned, view);
}

function heldStory({ held, letThrough }: RunStory, view: View): readonly string[] {
  const limits = (held ?? letThrough)?.exceeded.map(
    ({ kind, count, limit }) => `${kind} ${formatCount(count)}, the limit is ${formatCount(limit)}`,
  );
  const head =
    held === undefined && letThrough !== undefined
      ? line('beyond', `let through by ${letThrough.rule}: ${letThrough.contacts} contacts of ${letThrough.most} at most`, view)
      : line('held', heldReason(held?.reason ?? ''), view);
  return limits === undefined ? [] : [...head, ...limits.flatMap((text) => line('', text, view))];
}

function writtenLines(run: RunDetailDocument, view: View): readonly string[] {
  if (['plan', 'reload', 'scan'].includes(run.command) || run.outcome === 'held') return [];
  const { failed: _failed, skipped: _skipped, users: _users, directories: _directories, ...written } = run.counts;
  const text = countsInWords(written);
  if (text !== '') return line('wrote', text, view);
  const isQuiet = run.outcome === 'done' && run.journal.length === 0;
  return isQuiet ? line('wrote', 'nothing: everything was as it should be', view) : [];
}

function failedLines(story: RunStory, view: View): readonly string[] {
  const failed = story.failed ?? [];
  const total = Object.values(story.failures ?? {}).reduce((sum, count) => sum + count, 0);
  const lines = failed
    .slice(0, mostFailures)
    .flatMap(({ label, kind, code, message }) => line('failed', `${label} (${kind}): ${message} ${code}`, view));
  const more = total - Math.min(failed.length, mostFailures);
  return more > 0 ? [...lines, ...line('', `… and ${formatCount(more)} more`, view)] : lines;
}

function settingLines(story: RunStory, view: View): readonly string[] {
  const changes = story.changes ?? [];
  const shownChanges = changes
    .slice(0, mostSettings)
    .flatMap(({ path, from, to }) => line('changed', `${path}: ${valueText(from)} → ${valueText(to)}`, view));
  const more = changes.length > mostSettings ? line('', `… and ${formatCount(changes.length - mostSettings)} more`, view) : [];
  const { users } = story;
  const scope =
    users == null ? [] : line('scope', `takes in ${plural(users.takenIn, 'user')}, leaves out ${formatCount(users.leftOut)}`, view);
  return [...shownChanges, ...more, ...scope];
}

/** Values are JSON text already. */
function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Why the run ended early. */
function endLines(run: RunDetailDocument, story: RunStory, view: View): readonly string[] {
  const error = story.refused ?? run.error;
  if (error === null) return [];
  const how = run.outcome === 'interrupted' ? 'stopped' : 'failed';
  return line(story.refused === undefined ? how : 'refused', `${error.message} ${error.code}`, view);
}
