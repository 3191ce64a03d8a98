import type { View } from '../answer.ts';
import type { PlanDocument } from '../documents.ts';
import { plural } from '../terminal/format.ts';
import { changesTable, summaryOf } from './changes.ts';
import { conflictSection, errorSection, heldLines, itemLines, noticeLines, organizationHeading, sections } from './parts.ts';
import { scopeLines } from './scope.ts';

const mostOfAKind = 15;
const mostConflicts = 15;

/** A plan for people: what it comes to, whom a changed scope takes in and leaves out, why it is held, each change, what is left alone, what to know. */
export function renderPlan(plan: PlanDocument, view: View): string {
  const heading = organizationHeading(plan, view);
  if (plan.error !== null) {
    return sections([heading, errorSection(plan.error, view)], noticeLines(plan.notices, view));
  }
  const summary = [
    ...summaryOf(plan.changes, 'toDo', view),
    ...(plan.conflicts.length > 0 ? [plural(plan.conflicts.length, 'conflict')] : []),
  ];
  const nothing = plan.message ?? 'Nothing to do.';
  return sections(
    [
      heading,
      ...(plan.changes.length === 0 ? [nothing] : itemLines(`Plan ${plan.hash}`, summary, view)),
      ...(plan.changes.length > 0 && plan.message !== null ? [plan.message] : []),
    ],
    scopeLines(plan.scope, view),
    heldLines(plan.held, plan.guards, view),
    changesTable(plan.changes, mostOfAKind, view),
    conflictSection(plan.conflicts, mostConflicts, view),
    noticeLines(plan.notices, view),
  );
}
