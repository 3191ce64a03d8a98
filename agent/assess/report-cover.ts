import type { AssessDocument, AssessFinding } from '../cli/documents-assess.ts';
import { formatCount } from '../cli/terminal/format.ts';
import { type Html, html } from './html-text.ts';
import { countInWords, marks, minuteText } from './report-words.ts';

const weights = ['do', 'check', 'know'] as const;

/** The first page: whose report it is, that nothing was changed, a few figures, and the list of findings. */
export function cover(document: AssessDocument, name: string, { brand }: { readonly brand: string }): Html {
  const findings = document.sections.flatMap((section) => section.findings);
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
${summary(findings)}
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

function summary(findings: readonly AssessFinding[]): Html {
  const found = weights.flatMap((weight) => findings.filter((finding) => finding.weight === weight && finding.count > 0));
  const fine = findings.filter(({ count, weight }) => count === 0 && weight !== 'know').length;
  return html`<table class="summary">
<caption>${marks.do.sign} somebody has to act, ${marks.check.sign} somebody has to look whether it is meant so, ${marks.know.sign} for information, ${marks.fine.sign} looked for and not found</caption>
<thead><tr><th scope="col">Mark</th><th scope="col">Finding</th><th scope="col" class="number">How many</th></tr></thead>
<tbody>
${found.map(
  (
    finding,
  ) => html`<tr><td>${mark(finding.weight)}</td><th scope="row"><a href="#${finding.id}">${finding.title}</a></th><td class="number">${countInWords(finding)}</td></tr>
`,
)}${
  fine === 0
    ? html``
    : html`<tr><td>${mark('fine')}</td><th scope="row">Other things looked for: nothing found; each section names them</th><td class="number">${fine} ${fine === 1 ? 'check' : 'checks'}</td></tr>
`
}</tbody>
</table>`;
}

function mark(weight: keyof typeof marks): Html {
  const { sign, word } = marks[weight];
  return html`<span class="mark ${weight}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
