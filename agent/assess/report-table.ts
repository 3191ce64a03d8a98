import type { Column } from '../../core/assess/assessment.ts';
import type { AssessFinding, AssessRow } from '../cli/documents-assess.ts';
import { formatCount } from '../cli/terminal/format.ts';
import { type Html, html } from './html-text.ts';
import { dayText } from './report-words.ts';

/** Rows that are always shown, printed too. */
const shownRows = 12;
/** Rows in the page; the rest is in the CSV file. */
const pageRows = 400;

/** What stands in one cell of the page: a column, and those that go beneath it. */
interface CellColumns {
  readonly main: Column;
  readonly beneath: readonly Column[];
}

/** The rows of a finding: the first ones, more on the screen behind a click, and where the rest is. */
export function findingTable(finding: AssessFinding, csvFile: string): Html {
  const { rows } = finding;
  const cut = cutAtGroup(rows, shownRows);
  const end = cutAtGroup(rows, pageRows);
  const columns = cellColumns(finding);
  const first = table(
    finding,
    columns,
    rows.slice(0, cut),
    `${finding.title}${cut === rows.length ? '' : `: the first ${formatCount(cut)} of ${formatCount(rows.length)} rows`}`,
  );
  if (cut === rows.length) return first;
  const rest = rows.length - cut;
  const onPage = end > cut;
  return html`${first}${onPage ? details(finding, columns, rows.slice(cut, end)) : html``}<p class="more printed">${formatCount(rest)} more in ${csvFile}</p>${
    end < rows.length ? html`<p class="more screen">${formatCount(rows.length - end)} more in ${csvFile}</p>` : html``
  }
`;
}

function details(finding: AssessFinding, columns: readonly CellColumns[], rows: readonly AssessRow[]): Html {
  return html`<details><summary>Show ${formatCount(rows.length)} more</summary>
${table(finding, columns, rows, `${finding.title}, continued`)}</details>
`;
}

/** A position at which no group is torn apart, unless one group fills it all. */
function cutAtGroup(rows: readonly AssessRow[], most: number): number {
  if (rows.length <= most + 2) return rows.length;
  let at = most;
  while (at > 0 && rows[at]?.['group'] !== undefined && rows[at]?.['group'] === rows[at - 1]?.['group']) at -= 1;
  return at === 0 ? most : at;
}

function cellColumns({ columns, rows }: AssessFinding): readonly CellColumns[] {
  const isGrouped = rows[0]?.['group'] !== undefined;
  const cells: { main: Column; beneath: Column[] }[] = [];
  for (const column of columns) {
    // What a group has in common stands in its heading.
    if (isGrouped && column.key === 'common') continue;
    const last = cells.at(-1);
    if (column.beneath === true && last !== undefined) last.beneath.push(column);
    else cells.push({ main: column, beneath: [] });
  }
  // A column in which nothing stands only takes room.
  return cells.filter(({ main, beneath }) => [main, ...beneath].some(({ key }) => rows.some((row) => (row[key] ?? null) !== null)));
}

function table(finding: AssessFinding, columns: readonly CellColumns[], rows: readonly AssessRow[], caption: string): Html {
  const isCut = rows.length < finding.rows.length;
  return html`<table class="lists">
<caption${isCut ? html`` : html` class="hidden"`}>${caption}</caption>
<colgroup>${widths(columns, finding.rows).map((share) => html`<col style="width:${share}%">`)}</colgroup>
<thead><tr>${columns.map(({ main, beneath }) => head(main, beneath))}</tr></thead>
<tbody>
${rows.map((row, index) => bodyRow(finding, columns, row, row['group'] !== undefined && row['group'] !== rows[index - 1]?.['group']))}</tbody>
</table>
`;
}

function head(main: Column, beneath: readonly Column[]): Html {
  const more = beneath.length === 0 ? html`` : html` <small>${beneath.map(({ title }) => title).join(', ')}</small>`;
  return main.kind === 'number' ? html`<th scope="col" class="number">${main.title}</th>` : html`<th scope="col">${main.title}${more}</th>`;
}

function bodyRow(finding: AssessFinding, columns: readonly CellColumns[], row: AssessRow, beginsGroup: boolean): Html {
  const cells = columns.map(({ main, beneath }, index) => bodyCell(main, beneath, row, index === 0));
  const heading = beginsGroup
    ? html`<tr class="group"><th colspan="${columns.length}" scope="rowgroup">${groupTitle(finding, row)}</th></tr>
`
    : html``;
  return html`${heading}<tr>${cells}</tr>
`;
}

function groupTitle({ noun }: AssessFinding, row: AssessRow): string {
  const common = row['common'];
  const [one] = noun;
  return `${one.charAt(0).toUpperCase()}${one.slice(1)} ${row['group'] ?? ''}${common == null ? '' : `: ${common}`}`;
}

function bodyCell(main: Column, beneath: readonly Column[], row: AssessRow, isFirst: boolean): Html {
  const value = row[main.key] ?? null;
  if (main.kind === 'number') return html`<td class="number">${typeof value === 'number' ? formatCount(value) : value}</td>`;
  const below = beneath.flatMap(({ key }) => row[key] ?? []).filter((each) => each !== value);
  const more =
    below.length === 0 ? html`` : html`<small>${below.map((each, index) => html`${index === 0 ? '' : ' · '}<bdi>${each}</bdi>`)}</small>`;
  const text = main.kind === 'moment' && typeof value === 'string' ? dayText(value) : value;
  return isFirst ? html`<th scope="row">${text}${more}</th>` : html`<td>${text}${more}</td>`;
}

/** So many rows tell how wide a column has to be. */
const rowsMeasured = 200;
const widest = 30;
const narrowest = 7;

/** Widths in percent, by what stands in the columns: the longest word has to fit, and long texts get more. */
function widths(columns: readonly CellColumns[], rows: readonly AssessRow[]): readonly string[] {
  const weights = columns.map(({ main, beneath }) => {
    let longestWord = Math.max(...main.title.split(' ').map((word) => word.length));
    let length = 0;
    const measured = rows.slice(0, rowsMeasured);
    for (const row of measured) {
      const value = shownText(main, row[main.key] ?? null);
      const below = beneath.map(({ key }) => String(row[key] ?? ''));
      longestWord = Math.max(longestWord, unbreakable(value), ...below.map((word) => unbreakable(word) * smallShare));
      length += Math.max(value.length, below.join(' · ').length * smallShare);
    }
    return Math.min(widest, Math.max(narrowest, longestWord * 1.2 + 2, length / Math.max(1, measured.length)));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => ((weight / sum) * 100).toFixed(1));
}

/** In a sentence a long word may be broken; a name, a number or an address that stands alone should not be. */
const longestInSentence = 13;

function unbreakable(value: string): number {
  if (/^[+\d\s().-]+$/.test(value)) return value.length;
  const words = value.split(/[\s-]+/);
  const longest = Math.max(...words.map((word) => word.length));
  return words.length > 3 ? Math.min(longest, longestInSentence) : longest;
}

/** What stands beneath is set smaller. */
const smallShare = 0.88;

function shownText({ kind }: Column, value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return formatCount(value);
  return kind === 'moment' ? dayText(value) : value;
}
