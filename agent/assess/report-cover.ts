import type { AssessDocument, AssessFinding } from '../cli/documents-assess.ts';
import { formatCount } from '../cli/terminal/format.ts';
import { type Html, html } from './html-text.ts';
import { markOf } from './report-mark.ts';
import { byWeight, countInWords, marks, minuteText } from './report-words.ts';

/** The first page: whose report it is, that nothing was changed, a few figures, and the list of findings. */
export function cover(document: AssessDocument, name: string, { brand }: { readonly brand: string }): Html {
  return html`<header>
<div class="head"><strong>${brand}</strong><span class="soft">Confidential: contains personal data</span></div>
<p class="kind">Directory and contact assessment</p>
<h1><bdi>${name}</bdi></h1>
<p class="when">As of ${minuteText(document.madeAt)}</p>
<p class="promise"><strong>Nothing was changed.</strong> This report comes from reading only: nothing was written to ${systems(document)}, and nothing was decided.</p>
${
  document.message === null
    ? html``
    : html`<p class="promise">${document.message}. So this report holds what the contacts alone show.</p>
`
}${figures(document)}
</header>
<nav aria-label="Findings">
<h2 class="first">At a glance</h2>
${summary(document)}
</nav>`;
}

function systems({ psaName }: AssessDocument): string {
  return psaName === null ? 'Active Directory or IT Glue' : `Active Directory, IT Glue or ${psaName}`;
}

function figures({ totals, psaName, sections }: AssessDocument): Html {
  if (totals === null) return html``;
  const { accounts, activeAccounts, people, peopleWithContact, contacts, contactsWithAccount, psaContacts, psaInactive } = totals;
  const changes = sections.find(({ id }) => id === 'sync')?.findings.filter(({ id }) => id !== 'sync-guards') ?? [];
  const written = changes.filter(({ id }) => id !== 'sync-match').reduce((sum, { count }) => sum + count, 0);
  return html`<dl class="figures">
${accounts === 0 ? html`` : figure('Accounts in the directory', accounts, `${formatCount(activeAccounts)} active`)}${
  accounts === 0
    ? html``
    : figure('Active people with a contact', peopleWithContact, `of ${formatCount(people)}${shareOf(peopleWithContact, people)}`)
}${figure('Contacts in IT Glue', contacts, accounts === 0 ? '' : `${formatCount(contactsWithAccount)} with an account`)}${
  psaContacts === null ? html`` : figure(`Contacts in ${psaName ?? 'the PSA'}`, psaContacts, `${formatCount(psaInactive ?? 0)} inactive`)
}${changes.length === 0 ? html`` : figure('Writes of a sync', written, 'each listed below, none done')}</dl>`;
}

function shareOf(part: number, whole: number): string {
  return whole === 0 ? '' : ` (${Math.round((part / whole) * 100)} %)`;
}

function figure(label: string, value: number, more: string): Html {
  return html`<div><dt>${label}</dt><dd>${formatCount(value)}<small>${more}</small></dd></div>
`;
}

function summary(document: AssessDocument): Html {
  const findings = document.sections.flatMap((section) => section.findings);
  const found = byWeight(findings);
  const open = found.filter(({ weight }) => weight !== 'know');
  const known = found.filter(({ weight }) => weight === 'know');
  const fine = findings.filter(({ count, weight }) => count === 0 && weight !== 'know').length;
  const rest = fine === 0 ? html`` : fineRow(fine);
  return html`<p class="soft">${marks.do.sign} somebody has to act. ${marks.check.sign} somebody has to look whether it is meant to be so. ${marks.know.sign} for information. ${marks.fine.sign} looked for, and not found.</p>
<table class="summary">
<caption class="hidden">Findings that ask for something</caption>
${summaryHead()}
<tbody>
${open.map(summaryRow)}${rest}</tbody>
</table>
${
  known.length === 0
    ? html``
    : html`<table class="summary">
<caption class="hidden">Findings for information</caption>
${summaryHead()}
<tbody>
${known.map(summaryRow)}</tbody>
</table>
`
}`;
}

function summaryHead(): Html {
  return html`<thead><tr><th scope="col">Mark</th><th scope="col">Finding</th><th scope="col" class="number">How many</th></tr></thead>`;
}

function summaryRow(finding: AssessFinding): Html {
  return html`<tr><td>${markOf(finding.weight)}</td><th scope="row"><a href="#${finding.id}">${finding.title}</a></th><td class="number">${countInWords(finding)}</td></tr>
`;
}

function fineRow(fine: number): Html {
  return html`<tr><td>${markOf('fine')}</td><th scope="row">Other things that were looked for: nothing found; each section names them</th><td class="number">${fine} ${fine === 1 ? 'check' : 'checks'}</td></tr>
`;
}
