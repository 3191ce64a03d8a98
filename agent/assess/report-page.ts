import type { AssessDocument, AssessFinding, AssessSection } from '../cli/documents-assess.ts';
import { Html, html } from './html-text.ts';
import { aboutSection } from './report-about.ts';
import { barTables } from './report-bars.ts';
import { cover } from './report-cover.ts';
import { markOf } from './report-mark.ts';
import { reportStyle } from './report-style.ts';
import { findingTable } from './report-table.ts';
import { byWeight, countInWords, dayText } from './report-words.ts';

export interface PageOptions {
  /** Who made the report, for the header; empty: nobody is named. */
  readonly brand: string;
  /** The CSV file of a list, as it stands beside the report. */
  readonly csvFile: (listing: string) => string;
}

/** The report of one customer: one page that needs nothing else, without any script. Every value in it is escaped. */
export function reportPage(document: AssessDocument, options: PageOptions): string {
  const name = document.organizationName ?? `Organization ${document.organization}`;
  const title = `Directory and contact assessment: ${name}`;
  const style = reportStyle({
    title: `${name}, ${dayText(document.madeAt)}${options.brand === '' ? '' : `, ${options.brand}`}`,
    note: 'Confidential: personal data',
  });
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
${Html.styleSheet(style)}
</style>
</head>
<body>
${cover(document, name, options)}
<main>
${document.sections.map((section) => sectionPart(section, options))}
${aboutSection(document)}
</main>
</body>
</html>
`;
  return page.markup;
}

function sectionPart(section: AssessSection, options: PageOptions): Html {
  const found = byWeight(section.findings);
  const fine = section.findings.filter(({ count, weight }) => count === 0 && weight !== 'know');
  return html`<section aria-labelledby="${section.id}">
<h2 id="${section.id}">${section.title}</h2>
${section.notes.map(
  (note) => html`<p>${note}</p>
`,
)}${barTables(section.bars)}${found.map((finding) => findingPart(finding, options))}${fineList(fine)}</section>
`;
}

/** A list of so few rows is not torn apart in print. */
const shortRows = 4;

function findingPart(finding: AssessFinding, { csvFile }: PageOptions): Html {
  return html`<article class="finding${finding.rows.length <= shortRows ? ' short' : ''}" aria-labelledby="${finding.id}">
<h3 id="${finding.id}">${markOf(finding.weight)}${finding.title} <span class="count">(${countInWords(finding)})</span></h3>
<p>${finding.why}</p>
<p class="advice">${finding.advice}</p>
${shares(finding)}${findingTable(finding, csvFile(finding.id))}</article>
`;
}

/** How the rows are spread over their reasons, when there are several. */
function shares({ breakdown, rows }: AssessFinding): Html {
  if (breakdown.length < 2 || breakdown.length > 12 || breakdown.length === rows.length) return html``;
  return html`<ul class="shares">${breakdown.map(({ label, count }) => html`<li>${label}: ${count}</li>`)}</ul>
`;
}

function fineList(findings: readonly AssessFinding[]): Html {
  if (findings.length === 0) return html``;
  return html`<div class="fine-list"><h3>${markOf('fine')}Looked for, and nothing found</h3>
<ul class="shares">${findings.map(({ title }) => html`<li>${title}</li>`)}</ul></div>
`;
}
