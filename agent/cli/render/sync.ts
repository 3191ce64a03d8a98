import type { View } from '../answer.ts';
import type { PushDocument, RejectDocument, SyncDocument } from '../documents.ts';
import { isCollected } from '../documents-collector.ts';
import { plural } from '../terminal/format.ts';
import { kindCell, summaryOf } from './changes.ts';
import { renderCollected } from './collected.ts';
import {
  conflictSection,
  cutTable,
  errorSection,
  heldLines,
  heldReason,
  itemLines,
  noticeLines,
  organizationHeading,
  sections,
  shown,
} from './parts.ts';
import { notPushedSection, reconciliationLines } from './push.ts';
import { scopeLines } from './scope.ts';

const mostRows = 20;
const mostConflicts = 15;

/** The result of a sync: what was done, what failed and whether it is tried again, what was skipped, what is held. */
export function renderSync(sync: SyncDocument, view: View): string {
  return isCollected(sync) ? renderCollected(sync, view) : sections(...partsOf(sync, view));
}

/** The result of a push: the same, and who does not meet the PSA's requirements. */
export function renderPush(push: PushDocument, view: View): string {
  if (push.declined) {
    return sections([organizationHeading(push, view), 'Nothing was pushed.']);
  }
  const told = push.notPushed?.filter(({ state }) => state !== 'not-eligible') ?? [];
  return sections(...partsOf(push, view), notEligibleSection(push, view), notPushedSection(told, view), reconciliationLines(push, view));
}

export function renderReject(reject: RejectDocument, view: View): string {
  return sections([
    organizationHeading(reject, view),
    `The held plan ${reject.hash} was dropped; nothing of it was done.`,
    view.style.quiet(`It was held because ${heldReason(reject.reason)}.`),
  ]);
}

function partsOf(sync: SyncDocument, view: View): readonly (string | readonly string[])[] {
  const { style } = view;
  const outcome = [
    ...summaryOf(sync.applied, 'done', view),
    ...(sync.failed.length > 0 ? [style.bad(`${sync.failed.length} failed`)] : []),
    ...(sync.skipped.length > 0 ? [`${sync.skipped.length} skipped`] : []),
    ...(sync.conflicts.length > 0 ? [plural(sync.conflicts.length, 'conflict')] : []),
  ];
  const run = sync.run === null ? '' : style.quiet(`  run ${sync.run}`);
  return [
    [organizationHeading(sync, view) + run, ...headline(sync, outcome, view), ...(sync.message === null ? [] : [sync.message])],
    errorSection(sync.error, view),
    scopeLines(sync.scope, view),
    heldLines(sync.held, sync.guards, view),
    failedSection(sync, view),
    skippedSection(sync, view),
    conflictSection(sync.conflicts, mostConflicts, view),
    noticeLines(sync.notices, view),
    undoLine(sync, view),
  ];
}

function headline(sync: SyncDocument, outcome: readonly string[], view: View): readonly string[] {
  if (sync.interrupted) {
    const did = outcome.length === 0 ? 'nothing was written' : outcome.join(' · ');
    return [`${view.style.warning('Interrupted')}  ${did}; the next run goes on from here`];
  }
  if (sync.error !== null) {
    return outcome.length === 0 ? [] : [outcome.join(' · ')];
  }
  const isIdle = sync.applied.length + sync.failed.length + sync.skipped.length === 0;
  if (sync.held !== null && isIdle) {
    return ['Nothing was written.'];
  }
  const hasFailures = sync.failed.length > 0;
  const word = hasFailures ? view.style.warning('Partly done') : view.style.good('Done');
  return itemLines(word, [...(isIdle ? ['nothing to do'] : []), ...outcome], view);
}

function failedSection(sync: SyncDocument, view: View): string {
  const rows = sync.failed.map((item) => [
    kindCell(item.kind, view),
    item.label,
    { text: item.code, paint: view.style.bad },
    item.message,
    item.retryable ? 'next run' : 'needs you',
  ]);
  const columns = [
    { title: 'failed', givesWay: 0 },
    { title: 'who' },
    { title: 'code', givesWay: 0 },
    { title: 'why', givesWay: 2 },
    { title: 'tried again', givesWay: 0 },
  ];
  return cutTable({ columns, rows }, mostRows, view);
}

function skippedSection(sync: SyncDocument, view: View): string {
  const rows = sync.skipped.map((item) => [kindCell(item.kind, view), item.label, { text: item.reason, paint: view.style.quiet }]);
  return cutTable({ columns: [{ title: 'skipped', givesWay: 0 }, { title: 'who' }, { title: 'why', givesWay: 2 }], rows }, mostRows, view);
}

function notEligibleSection(push: PushDocument, view: View): string {
  const rows = push.notEligible.map((item) => [
    item.label,
    item.contactId,
    { text: shown(item.missing.join(', ')), paint: view.style.warning },
  ]);
  const columns = [{ title: 'not eligible' }, { title: 'contact', givesWay: 0 }, { title: 'missing', givesWay: 2 }];
  return cutTable({ columns, rows }, mostRows, view);
}

function undoLine(sync: SyncDocument, view: View): string {
  const writes = sync.applied.filter((item) => item.system !== 'rollcall');
  return sync.run === null || writes.length === 0 ? '' : view.style.quiet(`To take it back: rollcall undo ${sync.run}${view.sameOptions}`);
}
