import type { View } from '../answer.ts';
import type { OrganizationStatusDocument, ProblemDocument, RunDocument, StatusDocument } from '../documents.ts';
import { hubStatusOf } from '../documents-collector.ts';
import { listeningHubOf } from '../documents-hub.ts';
import { formatAgo, formatCount, formatDuration, oneLine, plural } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import { wrapText } from '../terminal/text-width.ts';
import { heldLines, itemLines, noticeLines, sections } from './parts.ts';
import { runInWords } from './run-words.ts';
import { outcomeCell } from './runs.ts';
import { hubLines } from './sent.ts';
import { collectorsLines } from './status-collectors.ts';
import { directoryLines } from './status-directories.ts';

const fewRuns = 2;
const mostRuns = 6;

/** Health first, then what needs a person, then the facts, in few lines when all is well. */
export function renderStatus(status: StatusDocument, view: View): string {
  const { style } = view;
  const words = { healthy: style.good('● healthy'), degraded: style.warning('● degraded'), failed: style.bad('● failed') } as const;
  const runs = newestRuns(status);
  const hub = hubStatusOf(status);
  const listening = listeningHubOf(status);
  return sections(
    words[status.health],
    ...status.problems.map((problem) => problemLines(problem, status, view)),
    ...status.organizations.map((organization) => [
      ...(hub === null ? organizationLines(organization, view) : collectedLines(organization, view)),
      ...directoryLines(
        status.directories.filter((directory) => directory.organization === organization.organization),
        view,
      ),
    ]),
    [...(hub === null ? [] : hubLines(hub, view)), ...serviceLines(status, view), ...watchLines(status, view), ...storeLines(status, view)],
    listening === null ? '' : collectorsLines(listening, view),
    runs.length === 0 ? '' : runsLines(runs, status, view),
    noticeLines(status.notices, view),
  );
}

function problemLines(problem: ProblemDocument, status: StatusDocument, view: View): readonly string[] {
  const { style } = view;
  const sign = problem.severity === 'failed' ? style.bad('✘') : style.warning('!');
  const [first = '', ...rest] = wrapText(oneLine(problem.message), Math.max(30, view.width - 2));
  const held = heldOf(problem, status);
  const code = [
    problem.code,
    problem.part,
    ...(problem.organization === null ? [] : [`organization ${problem.organization}`]),
    ...(problem.since === null ? [] : [`since ${formatAgo(problem.since, view.now)}`]),
  ];
  return [
    `${sign} ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...(held === null
      ? hintLines(problem.hint, view)
      : heldLines(held, held.guards, { ...view, width: view.width - 2 }).map((line) => `  ${line}`)),
    ...itemLines(`  ${style.quiet('code')}`, code.map(style.quiet), view),
  ];
}

function hintLines(hint: string, view: View): readonly string[] {
  return wrapText(hint, Math.max(30, view.width - 8)).map((line, index) => `  ${view.style.quiet(index === 0 ? 'next' : '    ')}  ${line}`);
}

/** The plan that the problem is about: its reasons, names and commands say more than the hint. */
function heldOf(problem: ProblemDocument, status: StatusDocument): StatusDocument['held'][number] | null {
  if (problem.code !== 'PLAN_HELD' && problem.code !== 'PSA_DOUBLE_PUSH') return null;
  return status.held.find(({ hash, organization }) => hash === problem.place['hash'] && organization === problem.organization) ?? null;
}

function organizationLines(organization: OrganizationStatusDocument, view: View): readonly string[] {
  const { counts, conflicts, psaHeld, notSeen } = organization;
  const name =
    organization.organizationName === null
      ? `Organization ${organization.organization}`
      : `${organization.organizationName} (${organization.organization})`;
  const facts = [
    plural(organization.users, 'user'),
    `${formatCount(counts.matched)} matched`,
    `${formatCount(counts.unmatched)} unmatched`,
    `${formatCount(counts.ignored)} ignored`,
    ...(notSeen > 0 ? [`${formatCount(notSeen)} no longer read`] : []),
  ];
  const open = [
    ...(conflicts > 0 ? [`${plural(conflicts, 'conflict')} (rollcall plan --no-scan${view.sameOptions})`] : []),
    ...(psaHeld > 0 ? [`${formatCount(psaHeld)} held for the PSA (rollcall contacts list${view.sameOptions})`] : []),
  ];
  const times = [
    `last read ${formatAgo(organization.lastScanAt, view.now)}`,
    `last sync ${formatAgo(organization.lastSyncAt, view.now)}`,
    ...(organization.onboarded ? [] : ['first sync not approved yet']),
  ];
  return [
    view.style.strong(name),
    ...(organization.message === null ? [] : [`  ${organization.message}`]),
    ...itemLines('', facts, view),
    ...open.map((line) => `  ${line}`),
    ...(organization.psa === null ? [] : wrapText(oneLine(organization.psa), Math.max(30, view.width - 2)).map((line) => `  ${line}`)),
    `  ${view.style.quiet(times.join(' · '))}`,
  ];
}

/** What a collector knows of its organization: the rest is the hub's. */
function collectedLines({ organization, message, users, notSeen, lastScanAt }: OrganizationStatusDocument, view: View): readonly string[] {
  const facts = [
    plural(users, 'user'),
    ...(notSeen > 0 ? [`${formatCount(notSeen)} no longer read`] : []),
    `last read ${formatAgo(lastScanAt, view.now)}`,
  ];
  return [view.style.strong(`Organization ${organization}`), ...(message === null ? [] : [`  ${message}`]), ...itemLines('', facts, view)];
}

function serviceLines(status: StatusDocument, view: View): readonly string[] {
  const { service, next } = status;
  const { style, now } = view;
  const success = service.lastSuccessAt === null ? [] : [`success ${formatAgo(service.lastSuccessAt, now)}`];
  if (service.state === 'none') return [];
  if (service.state === 'not-running') {
    const ended = service.stoppedAt ?? service.at;
    const word = style.warning(service.stoppedAt === null ? 'not running' : 'stopped');
    return itemLines(style.strong('Service'), [word, `last seen ${formatAgo(ended, now)}`, ...success], view);
  }
  const [soonest] = next;
  const coming = soonest === undefined ? [] : [`next ${soonest.command} ${untilText(soonest.at, now)}`];
  const current =
    service.current === null ? coming : [`${service.current.command} under way since ${formatAgo(service.current.startedAt, now)}`];
  return itemLines(style.strong('Service'), [`running${forText(service.startedAt, now)}`, ...current, ...success], view);
}

/** A file of this machine goes without saying. */
function storeLines({ store }: StatusDocument, view: View): readonly string[] {
  return store.kind === 'embedded' ? [] : itemLines(view.style.strong('Store'), [`PostgreSQL, ${store.place}`], view);
}

/** The watch of two-way sync, in one line. */
function watchLines({ service: { watch } }: StatusDocument, view: View): readonly string[] {
  if (watch === null) return [];
  const { style, now } = view;
  const { failing, lastGoodAt, lastLookAt, nextLookAt, seenTo } = watch;
  const seen = [...seenIn('IT Glue', seenTo.itGlue, now), ...seenIn('the PSA', seenTo.psa, now)];
  const facts =
    failing === null
      ? [lastLookAt === null ? 'not looked yet' : `looked ${formatAgo(lastLookAt, now)}`, ...seen]
      : [
          style.warning(`fails (${failing.code})`),
          `last good look ${formatAgo(lastGoodAt, now)}`,
          `next look ${untilText(nextLookAt, now)}`,
        ];
  return itemLines(style.strong('Two-way sync'), facts, view);
}

function seenIn(where: string, at: string | null, now: number): readonly string[] {
  return at === null ? [] : [`newest change in ${where} ${formatAgo(at, now)}`];
}

/** In its largest unit: ` for 12 d`. */
function forText(since: string | null, now: number): string {
  if (since === null) return '';
  const [count, unit] = formatDuration(Math.max(60_000, now - Date.parse(since))).split(' ');
  return ` for ${count} ${unit}`;
}

function untilText(at: string, now: number): string {
  const left = Date.parse(at) - now;
  return left < 1_000 ? 'now' : `in ${formatDuration(Math.max(60_000, left))}`;
}

/** The newest runs of all organizations together, at least one for each, as long as they are few. */
function newestRuns({ runs, organizations }: StatusDocument): readonly RunDocument[] {
  return runs
    .filter(({ command }) => command !== 'prune')
    .toSorted((left, right) => right.startedAt.localeCompare(left.startedAt))
    .slice(0, Math.min(mostRuns, Math.max(fewRuns, organizations.length)));
}

function runsLines(runs: readonly RunDocument[], status: StatusDocument, view: View): string {
  const several = status.organizations.length > 1;
  const rows = runs.map((run) => [
    run.run,
    run.command,
    ...(several ? [run.organization] : []),
    outcomeCell(run.outcome, view),
    formatAgo(run.startedAt, view.now),
    runInWords(run),
  ]);
  const columns = [
    { title: 'run', givesWay: 0 },
    { title: 'command', givesWay: 0 },
    ...(several ? [{ title: 'organization' }] : []),
    { title: 'outcome', givesWay: 0 },
    { title: 'when', givesWay: 0 },
    { title: 'what', givesWay: 2 },
  ];
  return `${view.style.strong('Last runs')}\n${renderTable({ columns, rows, width: view.width, paintTitle: view.style.quiet })}`;
}
