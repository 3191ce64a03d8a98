import { cssString } from './html-text.ts';

/** The style of a report; the texts stand in the margins of printed pages. */
export function reportStyle(margin: { readonly title: string; readonly note: string }): string {
  return `${page(margin)}\n${screenStyle}\n${printStyle}`;
}

function page({ title, note }: { readonly title: string; readonly note: string }): string {
  return `@page {
  margin: 17mm 14mm 17mm;
  @bottom-left { content: ${cssString(title)}; font: 8pt system-ui, sans-serif; color: #4a5560; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt system-ui, sans-serif; color: #4a5560; }
  @top-right { content: ${cssString(note)}; font: 8pt system-ui, sans-serif; color: #4a5560; }
}
@page :first { @top-right { content: ""; } }`;
}

const screenStyle = `:root { --ink: #1b2733; --soft: #4a5560; --line: #c9d1d8; --tint: #f3f6f8; --deep: #12475a; }
* { box-sizing: border-box; }
html { color: var(--ink); background: #fff; font: 15px/1.5 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
body { margin: 0 auto; padding: 32px 40px 64px; max-width: 1080px; }
h2.first { margin-top: 30px; }
h1 { margin: 0; font-size: 34px; line-height: 1.15; letter-spacing: -0.01em; }
h2 { margin: 56px 0 8px; padding-top: 20px; border-top: 3px solid var(--deep); font-size: 24px; line-height: 1.2; }
h3 { margin: 34px 0 4px; font-size: 17px; line-height: 1.3; }
p { margin: 4px 0 8px; max-width: 76ch; }
a { color: inherit; }
a:focus-visible, summary:focus-visible { outline: 3px solid #1f7a99; outline-offset: 2px; }
.soft { color: var(--soft); }
.head { display: flex; justify-content: space-between; gap: 24px; padding-bottom: 14px; margin-bottom: 30px; border-bottom: 1px solid var(--line); }
.head strong { font-size: 17px; }
.kind { margin: 0 0 6px; color: var(--deep); font-size: 16px; font-weight: 600; }
.when { margin: 8px 0 20px; color: var(--soft); }
.promise { max-width: none; margin: 0 0 24px; padding: 10px 14px; border-left: 4px solid var(--deep); background: var(--tint); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 8px; padding: 0; }
.figures div { padding: 12px 14px; border: 1px solid var(--line); border-radius: 4px; }
.figures dt { color: var(--soft); font-size: 13px; line-height: 1.35; }
.figures dd { margin: 0; font-size: 28px; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figures dd small { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }
.mark { display: inline-block; min-width: 88px; padding: 1px 9px 1px 7px; border: 1.5px solid; border-radius: 999px; font-size: 12.5px; font-weight: 600; line-height: 1.55; white-space: nowrap; }
.do { color: #8f1313; background: #fdeeee; }
.check { color: #7a4b00; background: #fff6e2; }
.know { color: #1c4a6e; background: #eef4f9; }
.fine { color: #17592f; background: #edf7f0; }
table { width: 100%; border-collapse: collapse; margin: 8px 0; font-size: 13.5px; line-height: 1.4; }
caption { padding: 0 0 4px; color: var(--soft); font-size: 13px; text-align: left; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; unicode-bidi: isolate; }
thead th { border-bottom: 2px solid var(--ink); font-size: 12.5px; }
tbody th { font-weight: 400; }
tr.group th { padding-top: 12px; border-bottom: 1px solid var(--ink); font-weight: 600; }
.lists { table-layout: fixed; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td small, tbody th small { display: block; color: var(--soft); font-size: 12px; }
thead small { font-weight: 400; font-size: 12px; }
.summary td:first-child { width: 116px; }
.summary .number { width: 130px; white-space: nowrap; }
.finding { break-inside: auto; }
h3 .mark { margin-right: 8px; vertical-align: 2px; }
.finding .count { color: var(--soft); font-weight: 400; white-space: nowrap; }
.advice::before { content: "What to do: "; font-weight: 600; }
.shares { margin: 4px 0 8px; padding: 0; list-style: none; font-size: 13.5px; }
.shares li { display: inline; }
.shares li:not(:last-child)::after { content: " · "; color: var(--soft); }
details { margin: 4px 0 10px; }
summary { cursor: pointer; color: var(--deep); font-weight: 600; }
.more { color: var(--soft); font-size: 13.5px; }
.printed { display: none; }
.bars { margin: 14px 0; }
.bars svg { display: block; width: 100%; height: 16px; }
.bars td { vertical-align: middle; }
.bars .bar { width: 30%; }
.bars th, .bars td { overflow-wrap: normal; }
.bars tbody th { white-space: nowrap; }
.key { display: inline-block; width: 11px; height: 11px; margin-right: 5px; border: 1px solid #1b2733; vertical-align: -1px; }
.about dt { margin-top: 10px; font-weight: 600; }
.about dd { margin: 0; }`;

const printStyle = `@media print {
  html { font-size: 9.5pt; line-height: 1.38; }
  body { padding: 0; max-width: none; }
  h1 { font-size: 24pt; }
  h2 { margin: 0 0 4pt; padding-top: 6pt; font-size: 16pt; break-before: page; break-after: avoid; }
  h2.first { margin-top: 12pt; break-before: auto; }
  h3 { margin: 14pt 0 2pt; font-size: 11pt; break-after: avoid; break-inside: avoid; }
  .fine-list { break-inside: avoid; break-before: avoid; }
  .finding > p:not(.more) { break-inside: avoid; break-after: avoid; }
  .figures { grid-template-columns: repeat(5, 1fr); gap: 5pt; }
  .figures div { padding: 5pt 7pt; }
  .figures dt, .figures dd small { font-size: 7.5pt; }
  .figures dd { font-size: 17pt; }
  .mark { min-width: 52pt; font-size: 7.5pt; }
  .summary td:first-child { width: 62pt; }
  .summary .number { width: 76pt; }
  table { font-size: 8pt; line-height: 1.3; }
  caption, thead th { font-size: 7.5pt; }
  td small, tbody th small, thead small { font-size: 7pt; }
  th, td { padding: 2.5pt 6pt 2.5pt 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  tbody tr:nth-child(-n+2) { break-before: avoid; }
  .short { break-inside: avoid; }
  tr.group { break-after: avoid; }
  .head { margin-bottom: 16pt; padding-bottom: 6pt; }
  .when { margin-bottom: 10pt; }
  .promise { margin-bottom: 12pt; }
  .bars svg { height: 9pt; }
  .bars, .figures div { break-inside: avoid; }
  details, .screen { display: none; }
  .printed { display: block; }
  a { text-decoration: none; }
  svg, .key, .mark, .promise { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}`;
