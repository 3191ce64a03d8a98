import type { AssessDocument, AssessSource } from '../cli/documents-assess.ts';
import { formatCount } from '../cli/terminal/format.ts';
import { type Html, html } from './html-text.ts';
import { minuteText } from './report-words.ts';

/** Where the data comes from, how exact it is, and what the words mean. */
export function aboutSection(document: AssessDocument): Html {
  const { totals, notices, staleDays, psaName } = document;
  const notSeen = totals === null || totals.notSeen === 0 ? [] : [notSeenText(totals.notSeen)];
  return html`<section aria-labelledby="about">
<h2 id="about">About the data</h2>
${sourceTable(document.sources)}
<dl class="about">
<dt>IT Glue${psaName === null ? '' : ` and ${psaName}`}</dt>
<dd>Read on ${minuteText(document.madeAt)}, to the end of each list. Dates in this report are in UTC.</dd>
<dt>Last logon</dt>
<dd>Domain controllers pass the date of a logon on only every 9 to 14 days, so it may be up to 14 days too old unless marked “exact”. The time of ${staleDays} days is counted from the last day on which a logon could have been. “Never” means that the directory itself says so.</dd>
<dt>Status and passwords</dt>
<dd>Lockout and password expiry are as the domain controller worked them out when it was read, fine-grained policies included.</dd>
<dt>What is not in here</dt>
<dd>Computers, service accounts of the system and built-in accounts; whatever the scope above leaves out; whatever the reading accounts may not see.</dd>
${notSeen.map(
  (text) => html`<dt>Accounts seen earlier</dt><dd>${text}</dd>
`,
)}${
  notices.length === 0
    ? html``
    : html`<dt>To know</dt>
${notices.map(
  (notice) => html`<dd>${notice}</dd>
`,
)}`
}<dt>All rows</dt>
<dd>Every figure counts rows of the lists; the CSV files beside this report hold all of them, and every account, contact and PSA contact with the findings that name it. Keep and send them as personal data.</dd>
</dl>
</section>`;
}

function notSeenText(count: number): string {
  return `${formatCount(count)} accounts of earlier reads were not in the latest one, or are out of its scope; nothing is concluded from that here, and they are in no list of accounts.`;
}

function sourceTable(sources: readonly AssessSource[]): Html {
  if (sources.length === 0) return html`<p>No directory was read.</p>`;
  return html`<table>
<caption>Directories, as the latest complete read brought them</caption>
<thead><tr><th scope="col">Directory</th><th scope="col">Read from</th><th scope="col">Read on</th><th scope="col" class="number">Accounts</th><th scope="col">Left out</th><th scope="col">Scope</th></tr></thead>
<tbody>
${sources.map(sourceRow)}</tbody>
</table>`;
}

function sourceRow({ directory, type, collector, server, readAt, accounts, leftOut, scope }: AssessSource): Html {
  const left = Object.entries(leftOut).filter(([, count]) => count > 0);
  const kind = type === 'ldif' ? 'LDIF export' : 'Active Directory';
  return html`<tr><th scope="row">${directory}<small>${kind}, by ${collector}</small></th><td>${server}</td><td>${
    readAt === null ? null : minuteText(readAt)
  }</td><td class="number">${formatCount(accounts)}</td><td>${
    left.length === 0 ? 'nobody' : left.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')
  }</td><td>${scope.length === 0 ? 'the whole directory' : scope.map((line) => html`<div>${line}</div>`)}</td></tr>
`;
}
