import type { View } from '../answer.ts';
import type { PushDocument, PushPlanDocument } from '../documents.ts';
import type { NotPushedDocument, PushOutlookDocument, PushReconciliationDocument } from '../documents-push.ts';
import { formatCount, plural } from '../terminal/format.ts';
import { changesTable } from './changes.ts';
import { conflictSection, cutTable, heldLines, itemLines, noticeLines, organizationHeading, sections } from './parts.ts';
import { renderPlan } from './plan.ts';

const mostOfAKind = 10;
const mostConflicts = 5;
const mostRows = 20;

/** The plan of a push, for a person who is asked about thousands: counts first, then who is left out and why, then some of the names. */
export function renderPushPlan(plan: PushPlanDocument, view: View): string {
  const { outlook } = plan;
  if (outlook === undefined) return renderPlan(plan, view);
  return sections(
    [organizationHeading(plan, view), ...itemLines(`Push to ${outlook.psa}`, comesTo(outlook, view), view)],
    heldLines(plan.held, plan.guards, view),
    groupTable(outlook, view),
    changesTable(plan.changes, mostOfAKind, view),
    conflictSection(plan.conflicts, mostConflicts, view),
    noticeLines(
      [...(outlook.canary === null ? [] : [outlook.canary]), ...plan.notices.filter((notice) => !/wait for the canary/.test(notice))],
      view,
    ),
  );
}

function comesTo({ create, link, complete }: PushOutlookDocument, view: View): readonly string[] {
  const parts = [
    ...(create > 0 ? [view.style.accent(`${formatCount(create)} to create`)] : []),
    ...(link > 0 ? [`${formatCount(link)} there already, to link`] : []),
    ...(complete > 0 ? [`${formatCount(complete)} to complete`] : []),
  ];
  return parts.length === 0 ? ['nothing to do'] : parts;
}

const stateWords: Readonly<Record<PushOutlookDocument['groups'][number]['state'], string>> = {
  pushed: 'in the PSA',
  linked: 'in the PSA',
  'not-yet-pushed': 'not asked for',
  waiting: 'waiting',
  held: 'held',
  'not-eligible': 'not eligible',
  off: 'off',
  other: 'other',
};

function groupTable({ groups }: PushOutlookDocument, view: View): string {
  const rows = groups.map(({ state, reason, count, names }) => [
    stateWords[state],
    formatCount(count),
    reason,
    { text: names.length < count ? `${names.join(', ')} …` : names.join(', '), paint: view.style.quiet },
  ]);
  const columns = [
    { title: 'not pushed', givesWay: 0 },
    { title: 'count', givesWay: 0 },
    { title: 'why', givesWay: 1 },
    { title: 'who', givesWay: 2 },
  ];
  return cutTable({ columns, rows }, mostRows, view);
}

/** Whom nothing was done about, of those who were named. */
export function notPushedSection(items: readonly NotPushedDocument[], view: View): string {
  const rows = items.map(({ label, contactId, state, reason }) => [label, contactId, stateWords[state], reason]);
  const columns = [
    { title: 'not pushed' },
    { title: 'contact', givesWay: 0 },
    { title: 'state', givesWay: 0 },
    { title: 'why', givesWay: 2 },
  ];
  return cutTable({ columns, rows }, mostRows, view);
}

/** Both sides after a push of all, in words. */
export function reconciliationLines({ reconciliation }: PushDocument, view: View): readonly string[] {
  if (reconciliation == null) return [];
  const { itGlue, psa, missing, doubled } = reconciliation;
  const lines = [
    `${view.style.strong('IT Glue')}  ${plural(itGlue.contacts, 'contact')}, ${formatCount(itGlue.eligible)} eligible, ${formatCount(itGlue.linked)} linked now${rest(itGlue)}`,
    `${view.style.strong(psa.name)}  ${plural(psa.contacts, 'contact')} of ${psa.company}, ${formatCount(psa.active)} active, ${formatCount(psa.pushed)} pushed by this run`,
  ];
  if (missing.length === 0 && doubled.length === 0) return [...lines, view.style.good('Nothing is missing, and nothing is there twice.')];
  return [...lines, ...missingLines(reconciliation, view), ...doubledLines(reconciliation, view)];
}

function rest({ notLinked }: PushReconciliationDocument['itGlue']): string {
  const parts = Object.entries(notLinked).map(
    ([state, count]) => `${formatCount(count)} ${stateWords[state as keyof typeof stateWords] ?? state}`,
  );
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const mostNamed = 10;

function missingLines({ missing, psa }: PushReconciliationDocument, view: View): readonly string[] {
  if (missing.length === 0) return [];
  const names = missing.slice(0, mostNamed).map(({ label, contactId, psaContactId }) => `${label || contactId} (${psaContactId})`);
  return [
    `${view.style.bad(`${formatCount(missing.length)} missing`)}  linked, but not among the contacts of ${psa.company}: ${names.join(', ')}${missing.length > mostNamed ? ' …' : ''}`,
  ];
}

function doubledLines({ doubled, psa }: PushReconciliationDocument, view: View): readonly string[] {
  if (doubled.length === 0) return [];
  const groups = doubled.slice(0, mostNamed).map(({ by, psaContacts }) => `${psaContacts.join(' and ')} have the same ${by}`);
  return [
    `${view.style.bad(`${formatCount(doubled.length)} there twice`)}  in ${psa.name}: ${groups.join('; ')}${doubled.length > mostNamed ? ' …' : ''}. See whether IT Glue pushes by itself`,
  ];
}
