import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Html, visibleText } from '../../../agent/assess/html-text.ts';
import { reportPage } from '../../../agent/assess/report-page.ts';
import { readPage } from './markup.ts';
import { assessDocument, longDocument } from './sample-assessment.ts';

const csvFile = (listing: string): string => `larkfield-csv/${listing}.csv`;

function page(value: string, brand = 'Northwind'): string {
  return reportPage(assessDocument(value), { brand, csvFile });
}

const hostile = [
  '<script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</td></tr></table>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '&lt;b&gt; & &amp; &#60;',
  '<!-- --> ]]> <![CDATA[',
  'javascript:alert(1)',
  '\\"; } body { display: none } /*',
  '\u202Eevil\u202C \u2066x\u2069',
  'a\u0000b\u0007c\u001b[31m',
  '\uD800 lone',
  '{{constructor}} ${1}',
  '',
];

describe('the page', () => {
  it.each(hostile)('keeps %j a text, in every place', (value) => {
    const plain = readPage(page('Jane'));
    const read = readPage(page(value, value));

    expect(read.tags.map(({ name }) => name)).toEqual(
      readPage(page(value === '' ? '' : 'Jane', value === '' ? '' : 'x')).tags.map(({ name }) => name),
    );
    expect(plain.tags.length).toBe(read.tags.length);
    if (value.trim() !== '') expect(read.texts.filter((text) => text.includes(visibleText(value)))).not.toEqual([]);
  });

  it('has the same markup whatever the names are', () => {
    const plain = readPage(page('Jane', 'Jane')).tags;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (value, brand) => {
        expect(readPage(page(value, brand)).tags).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  it('needs nothing else and runs nothing', () => {
    const html = page('Jane');
    const { tags } = readPage(html);

    expect(tags.map(({ name }) => name).filter((name) => ['script', 'link', 'img', 'iframe', 'object', 'form'].includes(name))).toEqual([]);
    expect(tags.flatMap(({ attributes }) => attributes).filter((name) => name.startsWith('on') || name === 'src')).toEqual([]);
    expect(html).not.toMatch(/https?:|url\(|@import/);
    expect(html).toContain("default-src 'none'");
  });

  it('is marked up for those who do not see it', () => {
    const { tags, values } = readPage(page('Jane'));
    const names = tags.map(({ name }) => name);

    expect(values).toContain('en');
    expect(names.filter((name) => name === 'h1')).toHaveLength(1);
    expect(names.filter((name) => name === 'main')).toHaveLength(1);
    expect(names.filter((name) => name === 'table').length).toBe(names.filter((name) => name === 'caption').length);
    for (const { name, attributes } of tags) if (name === 'th') expect(attributes).toContain('scope');
    for (const { name, attributes } of tags) if (name === 'svg') expect(attributes).toEqual(expect.arrayContaining(['role', 'aria-label']));
  });

  it('links every finding of the summary to its place, each id once', () => {
    const html = page('Jane');
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(links.length).toBeGreaterThan(1);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('says when and from where it was read, that nothing was changed, and how exact it is', () => {
    const text = readPage(page('Jane')).texts.join(' ');

    expect(text).toContain('Nothing was changed.');
    expect(text).toContain('As of 2026-01-05 08:00 UTC');
    expect(text).toContain('2026-01-05 07:00 UTC');
    expect(text).toMatch(/up to 14 days too old/);
    expect(text).toContain('Looked for, and nothing found');
  });

  it('shows the first rows, more behind a click, and says where the rest is', () => {
    const texts = (rows: number) => readPage(reportPage(longDocument(rows), { brand: '', csvFile })).texts;

    expect(texts(14).filter((text) => text.includes('more in'))).toEqual([]);
    expect(texts(15)).toContain('3 more in larkfield-csv/some.csv');
    expect(texts(15)).toContain('Show 3 more');
    expect(texts(5_000)).toContain('4,988 more in larkfield-csv/some.csv');
    expect(texts(5_000)).toContain('4,600 more in larkfield-csv/some.csv');
    expect(texts(5_000).filter((text) => /^Name \d+$/.test(text))).toHaveLength(400);
  });

  it('a style sheet that could end its element is refused', () => {
    expect(() => Html.styleSheet('</style>')).toThrow(RangeError);
  });
});
