import type { View } from '../answer.ts';
import type { OrganizationStatusDocument, ProblemDocument, StatusDocument } from '../documents.ts';
import { formatAgo, formatCount, formatDate, plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';
import { heldLines, noticeLines, sections } from './parts.ts';
import { runsTable } from './runs.ts';

/** Health first, then what needs a person, then the facts. */
export function renderStatus(status: StatusDocument, view: View): string {
  const { style } = view;
  const words = { healthy: style.good('● healthy'), degraded: style.warning('● degraded'), failed: style.bad('● failed') } as const;
  return sections(
    words[status.health],
    ...status.problems.map((problem) => problemLines(problem, view)),
    ...status.held.map((held) => [
      `${style.strong(`Organization ${held.organization}`)}${held.since === null ? '' : style.quiet(`  held since ${formatDate(held.since)}`)}`,
      ...heldLines(held, held.guards, view),
    ]),
    ...status.organizations.map((organization) => organizationLines(organization, view)),
    status.runs.length === 0 ? '' : `${style.strong('Last runs')}\n${runsTable(status.runs, view)}`,
    status.next.map((next) => `${style.quiet('next')}  ${next.command} of ${next.organization}, ${formatDate(next.at)}`),
    noticeLines(status.notices, view),
  );
}

function problemLines(problem: ProblemDocument, view: View): readonly string[] {
  const { style } = view;
  const paint = problem.severity === 'failed' ? style.bad : style.warning;
  const [first = '', ...rest] = wrapText(problem.message.replaceAll('\n', ' '), Math.max(30, view.width - 2));
  const where = problem.organization === null ? '' : `organization ${problem.organization}, `;
  const since = problem.since === null ? '' : `, since ${formatAgo(problem.since, view.now)}`;
  return [
    `${paint('✘')} ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...wrapText(problem.hint, Math.max(30, view.width - 8)).map(
      (line, index) => `  ${style.quiet(index === 0 ? 'next' : '    ')}  ${line}`,
    ),
    `  ${style.quiet(`code  ${where}${problem.code}${since}`)}`,
  ];
}

function organizationLines(organization: OrganizationStatusDocument, view: View): readonly string[] {
  const { counts } = organization;
  const name =
    organization.organizationName === null
      ? `Organization ${organization.organization}`
      : `${organization.organizationName} (${organization.organization})`;
  const facts = [
    plural(organization.users, 'user'),
    `${formatCount(counts.matched)} matched`,
    `${formatCount(counts.unmatched)} unmatched`,
    `${formatCount(counts.ignored)} ignored`,
    ...(organization.conflicts > 0 ? [plural(organization.conflicts, 'conflict')] : []),
  ];
  return [
    view.style.strong(name),
    ...(organization.message === null ? [] : [`  ${organization.message}`]),
    `  ${facts.join(' · ')}`,
    `  ${view.style.quiet(`last scan ${formatAgo(organization.lastScanAt, view.now)}, last sync ${formatAgo(organization.lastSyncAt, view.now)}${organization.onboarded ? '' : ', first sync not approved yet'}`)}`,
  ];
}
