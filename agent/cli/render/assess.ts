import type { View } from '../answer.ts';
import type { AssessDocument, AssessFinding } from '../documents-assess.ts';
import { plural } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import { errorSection, noticeLines, organizationHeading, sections } from './parts.ts';

const words = { do: 'to do', check: 'to check', know: 'to know' } as const;

/** The findings in short, and the files that hold them. */
export function renderAssess(document: AssessDocument, view: View): string {
  const heading = organizationHeading(document, view);
  if (document.error !== null) return sections([heading, errorSection(document.error, view)]);
  const findings = document.sections.flatMap((section) => section.findings).filter(({ count }) => count > 0);
  const [page, ...lists] = document.files;
  return sections(
    [heading, ...(document.message === null ? [] : [document.message]), ...(document.totals === null ? [] : [totalsLine(document.totals)])],
    findingTable(findings, view),
    page === undefined
      ? ''
      : [
          `Report  ${view.style.strong(page)}`,
          `        ${plural(lists.length, 'CSV file')} beside it`,
          `        ${view.style.warning('personal data')}: readable by this account only; nothing was changed in any system`,
        ],
    noticeLines(document.notices, view),
  );
}

function totalsLine({ accounts, people, peopleWithContact, contacts, psaContacts }: NonNullable<AssessDocument['totals']>): string {
  const psa = psaContacts === null ? '' : `, ${plural(psaContacts, 'PSA contact')}`;
  return `${plural(accounts, 'account')}, ${plural(contacts, 'contact')}${psa}; ${peopleWithContact} of ${people} active people have a contact`;
}

function findingTable(findings: readonly AssessFinding[], view: View): string {
  if (findings.length === 0) return 'Nothing was found.';
  const weights = Object.keys(words) as (keyof typeof words)[];
  const rows = weights
    .flatMap((weight) => findings.filter((finding) => finding.weight === weight))
    .map(({ weight, title, count, noun }) => [
      { text: words[weight], paint: painter(weight, view) },
      title,
      plural(count, noun[0], noun[1]),
    ]);
  const columns = [
    { title: 'what', givesWay: 0 },
    { title: 'finding', givesWay: 1 },
    { title: 'how many', givesWay: 0 },
  ];
  return renderTable({ columns, rows, width: view.width, paintTitle: view.style.quiet });
}

function painter(weight: keyof typeof words, { style }: View): (text: string) => string {
  if (weight === 'do') return style.bad;
  return weight === 'check' ? style.warning : style.quiet;
}
