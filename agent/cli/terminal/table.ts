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
/**
 * Lays a table out in the width there is; what does not fit is cut with `…`. Lines have no blanks at their ends. Laid out here
 * because cli-table3 counts code points (names of many scripts shift the columns) and takes time with the square of the rows.
 */
export function renderTable(options: TableOptions): string {
  const widths = columnWidths(options);
  const title = options.columns.map((column) => ({ text: column.title, paint: options.paintTitle }));
  return [title, ...options.rows].map((row) => renderRow(row, options.columns, widths)).join('\n');
}

function renderRow(row: readonly Cell[], columns: readonly Column[], widths: readonly number[]): string {
  const cells = columns.map((column, index) => {
    const cell = row[index] ?? '';
    const width = widths[index] ?? 0;
    const text = fitText(plain(cell), width);
    const filling = ' '.repeat(Math.max(0, width - textWidth(text)));
    const shown = typeof cell === 'string' ? text : cell.paint(text);
    return column.align === 'right' ? filling + shown : shown + filling;
  });
  return `${' '.repeat(indent)}${cells.join(' '.repeat(gap))}`.trimEnd();
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
