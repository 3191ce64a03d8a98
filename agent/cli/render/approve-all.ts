import type { View } from '../answer.ts';
import type { ApprovalDocument, ApproveAllDocument, HeldPlanDocument } from '../documents-approve.ts';
import { renderError } from '../failure.ts';
import { formatAgo, formatCount, plural } from '../terminal/format.ts';
import { type Cell, renderTable } from '../terminal/table.ts';
import { organizationHeading, sections } from './parts.ts';
import { renderSync } from './sync.ts';

/** What is asked about: every plan, for nobody agrees to what is cut off. */
export function renderHeldPlans({ held, leftOut }: Pick<ApproveAllDocument, 'held' | 'leftOut'>, view: View): string {
  const columns = [
    { title: 'organization', givesWay: 1 },
    { title: 'held', givesWay: 0 },
    { title: 'because of' },
    { title: 'what it does', givesWay: 2 },
    { title: 'plan', givesWay: 0 },
  ];
  const rows = held.map((plan) => rowOf(plan, view));
  const table = rows.length === 0 ? '' : renderTable({ columns, rows, width: view.width, paintTitle: view.style.quiet });
  const look = `Look at one: rollcall plan --no-scan --organization ID${view.sameOptions}`;
  return sections(table, leftOutLines(leftOut, view), rows.length === 0 ? '' : view.style.quiet(look));
}

function rowOf(plan: HeldPlanDocument, view: View): readonly Cell[] {
  const { organization, organizationName, since, reason, guards, hash } = plan;
  const counts = guards.flatMap(({ kind, count, limit, exceeded }) => {
    if (count === 0) return [];
    return [exceeded ? `${kind} ${formatCount(count)} (limit ${formatCount(limit)})` : `${kind} ${formatCount(count)}`];
  });
  return [
    organizationName === null ? organization : `${organizationName} (${organization})`,
    formatAgo(since, view.now),
    { text: reason, paint: view.style.warning },
    counts.join(', '),
    hash,
  ];
}

function leftOutLines(leftOut: readonly HeldPlanDocument[], { style, sameOptions }: View): readonly string[] {
  return leftOut.map(({ organization, reason, hash }) => {
    const first = `${style.warning('Left out')}  organization ${organization} (${reason}): look why, then`;
    return `${first} rollcall approve ${hash}${sameOptions}`;
  });
}

export function renderApproveAll(document: ApproveAllDocument, view: View): string {
  const { held, leftOut, declined, approvals } = document;
  if (declined) return sections(renderHeldPlans(document, view), 'Nothing was approved.');
  if (held.length === 0) return sections('No plan is held that can be approved with others.', leftOutLines(leftOut, view));
  const untouched = held.length - approvals.length;
  return sections(
    ...approvals.map((approval) => renderApproval(approval, view)),
    leftOutLines(leftOut, view),
    untouched === 0 ? '' : `${plural(untouched, 'plan')} stayed held: the command was interrupted.`,
  );
}

function renderApproval({ organization, result, error }: ApprovalDocument, view: View): string {
  if (result !== null) return renderSync(result, view);
  const heading = organizationHeading({ organization, organizationName: null }, view);
  return error === null ? heading : `${heading}\n${renderError(error, view)}`;
}
