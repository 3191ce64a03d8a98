import type { View } from '../answer.ts';
import type { BundleDocument } from '../documents-bundle.ts';
import { renderTable } from '../terminal/table.ts';
import { wrapText } from '../terminal/text-width.ts';
import { sections } from './parts.ts';

/** What is inside, what is missing and why, and what to do with it. */
export function renderBundle(document: BundleDocument, view: View): string {
  const { style } = view;
  const advice =
    'Look through it before you send it: every file is text. It holds no secret; people, customers and hosts are pseudonyms that nobody can undo.';
  return sections(
    `${style.good('Written')}  ${document.file} (${kilobytes(document.bytes)})`,
    renderTable({
      columns: [{ title: 'inside' }, { title: 'size', align: 'right' }, { title: 'not whole' }],
      rows: document.parts.map(({ name, bytes, code }) => [name, kilobytes(bytes), code ?? '']),
      width: view.width,
      paintTitle: style.quiet,
    }),
    wrapText(advice, Math.max(30, Math.min(view.width, 100))),
  );
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
