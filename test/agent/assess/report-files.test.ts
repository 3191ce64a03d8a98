import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CsvCell, harmlessText, toCsv } from '../../../agent/assess/csv.ts';
import { listingCsv, proveFree, reportPlaces, writeReport } from '../../../agent/assess/report-files.ts';
import { assessDocument } from './sample-assessment.ts';

/** RFC 4180, with the byte order mark. Throws where a row does not end as it should. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
    row.push(cell.value);
    at = cell.end;
    if (text[at] === ',') at += 1;
    else {
      if (text.slice(at, at + 2) !== '\r\n') throw new Error(`a row ends with ${JSON.stringify(text.slice(at, at + 2))}`);
      rows.push(row);
      row = [];
      at += 2;
    }
  }
  return rows;
}

function plainCell(text: string, from: number): { readonly value: string; readonly end: number } {
  let end = from;
  while (end < text.length && !',\r\n'.includes(text.charAt(end))) end += 1;
  return { value: text.slice(from, end), end };
}

function quotedCell(text: string, from: number): { readonly value: string; readonly end: number } {
  let end = from + 1;
  while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
  return { value: text.slice(from + 1, end).replaceAll('""', '"'), end: end + 1 };
}

describe('a CSV file', () => {
  it('reads back as it was, but for what is made harmless', () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('=1+1', '"', ',', '\r\n', ' a '), fc.integer(), fc.constant(null));
    const table = fc.integer({ min: 1, max: 5 }).chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width })));
    fc.assert(
      fc.property(table, (rows: readonly (readonly CsvCell[])[]) => {
        const header = (rows[0] ?? [null]).map((_, index) => `Column ${index}`);
        const expected = rows.map((row) => row.map((each) => (typeof each === 'string' ? harmlessText(each) : String(each ?? ''))));

        expect(parseCsv(toCsv(header, rows))).toEqual([header, ...expected]);
      }),
    );
  });

  it.each(['=1+1', '+14155550100', '-2', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\n=1', '＝1', '\u0000=1', '=cmd|" /C calc"!A0'])(
    'starts no formula with %j',
    (value) => {
      const [, [cell = ''] = []] = parseCsv(toCsv(['a'], [[value]]));

      expect(cell).toBe(`'${value}`);
    },
  );

  it.each(['Jane', "O'Neil", 'a=b', '2026-01-05', 'x@y.test', ''])('leaves %j as it is', (value) => {
    expect(harmlessText(value)).toBe(value);
  });

  it('opens as UTF-8, and has dates in UTC as spreadsheets read them', () => {
    const [listing] = assessDocument('Käthe').inventories;
    const text = listing === undefined ? '' : listingCsv(listing);

    expect(text.startsWith('\uFEFFContact,IT Glue id,Last change (UTC),Count\r\n')).toBe(true);
    expect(text).toContain('Käthe,1,2026-01-05 08:00:00,3\r\n');
  });

  it('tells the groups of duplicates', () => {
    const grouped = assessDocument('Jane').sections[0]?.findings[1];

    expect(grouped === undefined ? [] : parseCsv(listingCsv(grouped)).map(([group]) => group)).toEqual(['Group', '1', '1']);
  });
});

describe('the files of a report', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['acme', null, 'acme.html', 'acme-csv'],
    ['acme.html', null, 'acme.html', 'acme-csv'],
    ['acme.HTM', null, 'acme.HTM', 'acme-csv'],
    ['acme.corp', null, 'acme.corp.html', 'acme.corp-csv'],
    ['acme.html', '4711', 'acme-4711.html', 'acme-4711-csv'],
  ])('%s for %s is %s and %s', (file, organization, page, lists) => {
    expect(reportPlaces(file, organization)).toEqual({ page, lists });
  });

  it.each(['acme.pdf', 'acme.csv', 'acme.JSON'])('%s promises another kind of file and is refused', (file) => {
    expect(() => reportPlaces(file, null)).toThrow(/should end with \.html/);
  });

  it('are for this account alone, whatever was there before, and leave no drafts', async () => {
    const places = reportPlaces(join(folder, 'acme'), null);
    mkdirSync(places.lists, { mode: 0o755 });
    writeFileSync(join(places.lists, 'some.csv'), 'old', { mode: 0o644 });
    const files = await writeReport(assessDocument('Jane'), places, '');

    expect(files[0]).toBe(places.page);
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(places.lists).mode & 0o777).toBe(0o700);
    expect(readdirSync(places.lists).sort()).toEqual(['contacts.csv', 'grouped.csv', 'some.csv']);
    expect(readdirSync(folder).sort()).toEqual(['acme-csv', 'acme.html']);
  });

  it('replace those of an earlier report and leave other files alone', async () => {
    const places = reportPlaces(join(folder, 'acme'), null);
    mkdirSync(places.lists);
    writeFileSync(join(places.lists, 'none.csv'), 'rows of an earlier report');
    writeFileSync(join(places.lists, 'notes.txt'), 'mine');
    await writeReport(assessDocument('Jane'), places, '');

    expect(readdirSync(places.lists).sort()).toEqual(['contacts.csv', 'grouped.csv', 'notes.txt', 'some.csv']);
  });

  it('are not written over without --force, nor through a link', async () => {
    const places = reportPlaces(join(folder, 'acme'), null);
    await expect(proveFree(places, false)).resolves.toBeUndefined();
    writeFileSync(places.page, 'mine');
    await expect(proveFree(places, false)).rejects.toMatchObject({ code: 'REPORT_EXISTS' });
    await expect(proveFree(places, true)).resolves.toBeUndefined();
    rmSync(places.page);
    mkdirSync(places.lists);
    await expect(proveFree(places, false)).rejects.toMatchObject({ code: 'REPORT_EXISTS' });
    symlinkSync('/dev/null', places.page);
    await expect(proveFree(places, true)).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE' });
  });

  it('say what stands in their way', async () => {
    await expect(proveFree(reportPlaces(join(folder, 'no', 'acme'), null), false)).rejects.toThrow(/There is no folder .*no\./);
    mkdirSync(join(folder, 'acme.html'));
    await expect(proveFree(reportPlaces(join(folder, 'acme'), null), true)).rejects.toThrow(/is no file/);
  });

  it('that cannot be written are named, and an earlier page stays', async () => {
    const places = reportPlaces(join(folder, 'acme'), null);
    writeFileSync(places.page, 'earlier');
    mkdirSync(join(places.lists, 'some.csv', 'x'), { recursive: true });

    await expect(writeReport(assessDocument('Jane'), places, '')).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE' });
    expect(readFileSync(places.page, 'utf8')).toBe('earlier');
    expect(readdirSync(places.lists).filter((name) => name.endsWith('.new'))).toEqual([]);
    chmodSync(folder, 0o700);
  });
});
