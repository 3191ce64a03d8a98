import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { renderTable } from '../../../../agent/cli/terminal/table.ts';
import { textWidth } from '../../../../agent/cli/terminal/text-width.ts';

const same = (text: string): string => text;
const red = createStyle(true).bad;

describe('table', () => {
  it('lays columns out below their titles, wide characters too', () => {
    const table = renderTable({
      columns: [{ title: 'name' }, { title: 'count', align: 'right' }, { title: 'note' }],
      rows: [
        ['Ann', '1', 'x'],
        ['山田 太郎', '200', ''],
      ],
      width: 80,
      paintTitle: same,
    });

    expect(table).toBe(['  name       count  note', '  Ann            1  x', '  山田 太郎    200'].join('\n'));
  });

  it('cuts the columns that give way when it is too wide, and no others', () => {
    const table = renderTable({
      columns: [{ title: 'id', givesWay: 0 }, { title: 'name' }, { title: 'reason', givesWay: 2 }],
      rows: [['1234567890', 'Ann Example', 'a reason that is long, and longer still, and does not end']],
      width: 50,
      paintTitle: same,
    });

    expect(table).toContain('1234567890  Ann Example  a reason that is long,…');
  });

  it('colours what was cut, not what is measured', () => {
    const table = renderTable({
      columns: [{ title: 'a' }, { title: 'b' }],
      rows: [[{ text: 'x'.repeat(30), paint: (text) => red(text) }, 'end']],
      width: 20,
      paintTitle: same,
    });

    expect(table).toMatch(/x{8,}…/);
    expect(table).toContain(red(`${'x'.repeat(12)}…`));
  });

  it('is never wider than the terminal where all columns give way, and has one line a row', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll(/[\p{C}\p{Z}]/gu, 'x'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 40, max: 120 }),
        (rows, width) => {
          const lines = renderTable({ columns: [{ title: 'a' }, { title: 'b' }, { title: 'c' }], rows, width, paintTitle: same }).split(
            '\n',
          );
          return lines.length === rows.length + 1 && lines.every((line) => textWidth(line) <= width);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps the widths of columns over many rows', () => {
    const rows = Array.from({ length: 500 }, (_, index) => [`name ${index}`, 'x']);

    const lines = renderTable({ columns: [{ title: 'name' }, { title: 'mark' }], rows, width: 80, paintTitle: same }).split('\n');

    expect(lines).toHaveLength(501);
    expect(new Set(lines.slice(1).map((line) => line.indexOf('x')))).toEqual(new Set([12]));
  });
});
