import type { View } from '../answer.ts';
import type { UndoDocument, UndoItemDocument } from '../documents.ts';
import { formatCount } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, noticeLines, organizationHeading, sections, shown, systemWords } from './parts.ts';

const mostRows = 40;

/** What an undo did, or (before its question) would do. */
export function renderUndo(undo: UndoDocument, view: View): string {
  const heading = [organizationHeading(undo, view), undo.run === null ? '' : view.style.quiet(`  run ${undo.run}`)].join('');
  if (undo.declined) {
    return sections([heading, 'Nothing was undone.']);
  }
  const deleted = undo.created.filter((item) => item.deleted);
  const inactivated = undo.created.filter((item) => item.inactivated === true);
  const stays = undo.created.filter((item) => !item.deleted && item.inactivated !== true);
  const isPreview = undo.run === null;
  const counts = [
    `${formatCount(undo.restored.length)} ${isPreview ? 'to put back' : 'put back'}`,
    ...(deleted.length > 0 ? [`${formatCount(deleted.length)} ${isPreview ? 'to delete' : 'deleted'}`] : []),
    ...(inactivated.length > 0 ? [`${formatCount(inactivated.length)} ${isPreview ? 'to make' : 'made'} inactive in the PSA`] : []),
    ...(stays.length > 0 ? [`${formatCount(stays.length)} created by the run ${isPreview ? 'stay' : 'stayed'}`] : []),
    ...(undo.skipped.length > 0 ? [`${formatCount(undo.skipped.length)} left as they are`] : []),
    ...(undo.failed.length > 0 ? [view.style.bad(`${formatCount(undo.failed.length)} failed`)] : []),
  ];
  return sections(
    [heading, `${headline(undo, view)} of run ${undo.undone}: ${counts.join(' · ')}`],
    itemsTable(isPreview ? 'to put back' : 'put back', undo.restored, view),
    itemsTable(isPreview ? 'to delete' : 'deleted', deleted, view),
    itemsTable(isPreview ? 'to make inactive' : 'made inactive', inactivated, view),
    itemsTable('created, stays', stays, view),
    itemsTable('left as it is', undo.skipped, view),
    itemsTable('failed', undo.failed, view),
    noticeLines(undo.notices ?? [], view),
    stays.some((item) => item.deletable === true) && !isPreview
      ? view.style.quiet(`To delete what the run created: rollcall undo ${undo.undone} --delete-created${view.sameOptions}`)
      : '',
  );
}

function headline(undo: UndoDocument, view: View): string {
  if (undo.run === null) {
    return 'Undo';
  }
  return undo.interrupted ? view.style.warning('Interrupted undo') : view.style.good('Undone');
}

function itemsTable(title: string, items: readonly UndoItemDocument[], view: View): string {
  const rows = items.map((item): readonly Cell[] => [
    item.label,
    systemWords[item.system],
    shown(item.record),
    Object.entries(item.fields)
      .map(([name, change]) => `${name}: ${shown(change.from)} → ${shown(change.to)}`)
      .join('; '),
    { text: item.reason ?? '', paint: view.style.quiet },
  ]);
  const columns = [
    { title },
    { title: 'in', givesWay: 0 },
    { title: 'record', givesWay: 0 },
    { title: 'from → to', givesWay: 2 },
    { title: 'why', givesWay: 2 },
  ];
  return cutTable({ columns, rows }, mostRows, view);
}
