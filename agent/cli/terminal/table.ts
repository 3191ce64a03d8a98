import Table from 'cli-table3';
import { fitText, textWidth } from './text-width.ts';

interface Column {
  readonly title: string;
  /** Columns that give way first when the table is too wide have the higher number; 0 never does. */
  readonly givesWay?: number;
  readonly align?: 'left' | 'right';
}

/** A cell: plain text, and how it is coloured once it has its width. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns of the terminal; infinite when the text goes elsewhere. */
  readonly width: number;
  readonly paintTitle: (text: string) => string;
}

const indent = 2;
const gap = 2;
const narrowest = 6;
const rowsAtOnce = 50;
const chars = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: ' '.repeat(indent),
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
};

/** Lays a table out in the width there is; what does not fit is cut with `…`. Lines have no blanks at their ends. */
export function renderTable(options: TableOptions): string {
  const widths = columnWidths(options);
  const title = options.columns.map((column, index) => options.paintTitle(fitText(column.title, widths[index] ?? 0)));
  const rows = options.rows.map((row) => row.map((cell, index) => painted(cell, widths[index] ?? 0)));
  const parts: string[] = [];
  // cli-table3's time grows with the square of the rows: long tables are laid out in parts of the same widths.
  for (let from = 0; from === 0 || from < rows.length; from += rowsAtOnce) {
    const part = [...(from === 0 ? [title] : []), ...rows.slice(from, from + rowsAtOnce)];
    parts.push(layOut(part, options.columns, widths));
  }
  return parts
    .join('\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function layOut(rows: readonly (readonly string[])[], columns: readonly Column[], widths: readonly number[]): string {
  const table = new Table({
    chars,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths: [...widths],
    colAligns: columns.map((column) => column.align ?? 'left'),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function painted(cell: Cell, width: number): string {
  return typeof cell === 'string' ? fitText(cell, width) : cell.paint(fitText(cell.text, width));
}

function plain(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function columnWidths(options: TableOptions): readonly number[] {
  const widths = options.columns.map((column, index) =>
    options.rows.reduce((widest, row) => Math.max(widest, textWidth(plain(row[index] ?? ''))), Math.max(1, textWidth(column.title))),
  );
  const room = options.width - indent - gap * (options.columns.length - 1);
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const index = widestThatGivesWay(options.columns, widths);
    if (index === -1) {
      break;
    }
    widths[index] = (widths[index] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** Weighs width by willingness, so that a column of reasons shrinks before a column of names. */
function widestThatGivesWay(columns: readonly Column[], widths: readonly number[]): number {
  let best = -1;
  let bestWeight = 0;
  for (const [index, width] of widths.entries()) {
    const weight = width > narrowest ? width * (columns[index]?.givesWay ?? 1) : 0;
    if (weight > bestWeight) {
      best = index;
      bestWeight = weight;
    }
  }
  return best;
}
