/** Excel takes a file for UTF-8 only with it. */
const byteOrderMark = '\uFEFF';

/** What a spreadsheet would take for a formula, also behind blanks and in full width. */
const formula = /^[\s\u0000]*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/; // oxlint-disable-line no-control-regex -- NUL is one of them

export type CsvCell = string | number | null;

/** A CSV file (RFC 4180) that opens as it is in a spreadsheet and starts no formula there. */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  const lines = [header, ...rows].map((cells) => cells.map(cellText).join(','));
  return `${byteOrderMark}${lines.join('\r\n')}\r\n`;
}

function cellText(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = harmlessText(cell);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text that begins as a formula does gets an apostrophe in front, which spreadsheets show as text. */
export function harmlessText(text: string): string {
  const wellFormed = text.toWellFormed();
  return formula.test(wellFormed) ? `'${wellFormed}` : wellFormed;
}
