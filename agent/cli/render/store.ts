import type { View } from '../answer.ts';
import type { StoreMoveDocument } from '../documents-store.ts';
import { formatCount, formatDuration, plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';
import { itemLines, sections } from './parts.ts';

/** What was moved, and the one thing that is left to do. */
export function renderStoreMove(document: StoreMoveDocument, view: View): string {
  const { style } = view;
  const { from, to, rows, tables, durationMs, resumed, configuration } = document;
  const facts = [
    plural(rows, 'row'),
    `${formatCount(tables.length)} tables, each compared whole`,
    formatDuration(durationMs),
    ...(resumed ? ['went on with an earlier move'] : []),
  ];
  const steps = `Nothing uses the new store yet. Put this in the place of "store" in the configuration file, then start the service again:`;
  const kept = `The old store stays as it is (${from.place}). Once the new one is in use, keep it as a backup or delete it: rollcall writes to one of them only.`;
  const along = tables.some(({ table }) => table === 'hub.collector')
    ? "The hub's collectors went along, with their keys and invitations. Where they were the hub does not use them any more."
    : '';
  return sections(
    [`${style.good('✔')} ${style.strong('Moved')}  to ${to.place}`, ...itemLines('  ', facts, view)],
    [...wrapText(steps, Math.max(30, view.width)), '', `  "store": ${JSON.stringify(configuration)}`],
    wrapText(kept, Math.max(30, view.width)),
    along === '' ? [] : wrapText(along, Math.max(30, view.width)),
  );
}
