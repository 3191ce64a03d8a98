import type { View } from '../answer.ts';
import type { ContactRow, ContactsDocument } from '../documents.ts';
import { formatCount, formatDay, plural } from '../terminal/format.ts';
import type { Cell } from '../terminal/table.ts';
import { cutTable, noticeLines, organizationHeading, sections } from './parts.ts';

const mostOnTerminal = 100;

/** The contact-matching table. Elsewhere than on a terminal it is whole, so that it can be searched. */
export function renderContactsList(document: ContactsDocument, view: View): string {
  const { counts } = document;
  const total = counts.matched + counts.unmatched + counts.ignored;
  const summary = `${plural(total, 'user')}: ${formatCount(counts.matched)} matched · ${formatCount(counts.unmatched)} unmatched · ${formatCount(counts.ignored)} ignored`;
  const heading = organizationHeading(document, view);
  if (document.contacts.length === 0) {
    const nothing = document.message ?? (total === 0 ? 'No users are known yet: run "rollcall scan".' : 'No user fits.');
    return sections([heading, ...(total === 0 ? [] : [summary]), nothing], noticeLines(document.notices, view));
  }
  return sections(
    [heading, summary, ...(document.message === null ? [] : [document.message])],
    contactsTable(document.contacts, view.isTerminal ? mostOnTerminal : Number.POSITIVE_INFINITY, view),
    noticeLines(document.notices, view),
  );
}

/** What was recorded by hand, and when it takes effect. */
export function renderContactsChanged(document: ContactsDocument, view: View): string {
  return sections(
    [organizationHeading(document, view), ...(document.message === null ? [] : [document.message])],
    contactsTable(document.contacts, mostOnTerminal, view),
    [view.style.good('Recorded.') + view.style.quiet(' The next sync carries it out.'), ...noticeLines(document.notices, view)],
  );
}

function contactsTable(contacts: readonly ContactRow[], limit: number, view: View): string {
  const hasPsa = contacts.some((row) => row.psa.state !== 'off');
  const rows = contacts.map((row): readonly Cell[] => [
    stateCell(row, view),
    row.name,
    row.email ?? '-',
    adStatusCell(row.adStatus, view),
    formatDay(row.lastLogon),
    contactText(row),
    ...(hasPsa ? [psaCell(row, view)] : []),
    { text: row.reason, paint: view.style.quiet },
  ]);
  const columns = [
    { title: 'state', givesWay: 0 },
    { title: 'name' },
    { title: 'mail', givesWay: 1.5 },
    { title: 'AD status', givesWay: 0 },
    { title: 'last logon', givesWay: 0 },
    { title: 'contact', givesWay: 0.5 },
    ...(hasPsa ? [{ title: 'PSA', givesWay: 0.5 }] : []),
    { title: 'reason' },
  ];
  return cutTable({ columns, rows }, limit, view);
}

/** What is known of a user that the latest complete read did not bring (C10). */
export const presenceWords = { absent: 'not read', missing: 'missing', gone: 'deleted', out: 'out of scope' } as const;

/** Colours: what is well, what waits for a person, what is left aside. */
export function stateCell(
  row: Pick<ContactRow, 'state' | 'scope' | 'presence'>,
  view: View,
): { readonly text: string; readonly paint: (text: string) => string } {
  const paints = { matched: view.style.good, unmatched: view.style.warning, ignored: view.style.quiet } as const;
  const away = row.presence === undefined || row.presence === 'present' ? null : presenceWords[row.presence];
  const outside = row.scope === 'out' ? presenceWords.out : away;
  return { text: outside === null ? row.state : `${row.state}, ${outside}`, paint: paints[row.state] };
}

export function adStatusCell(
  status: ContactRow['adStatus'],
  view: View,
): { readonly text: string; readonly paint: (text: string) => string } {
  if (status === 'Enabled') {
    return { text: status, paint: (text) => text };
  }
  return {
    text: status,
    paint: status === 'Disabled' || status === 'Gone' || status === 'Expired' ? view.style.quiet : view.style.warning,
  };
}

function contactText(row: ContactRow): string {
  if (row.contactId !== null) {
    return row.ownedElsewhere ? `${row.contactId} (owned elsewhere)` : row.contactId;
  }
  return row.candidates.length === 0 ? '-' : plural(row.candidates.length, 'candidate');
}

/** P11: the badge goes wherever a contact is shown. */
function psaCell(row: ContactRow, view: View): Cell {
  if (row.psa.state === 'off') {
    return '-';
  }
  return {
    text: `${row.psa.badge ? '● ' : ''}${row.psa.state.replaceAll('-', ' ')}`,
    paint: row.psa.badge ? view.style.accent : view.style.quiet,
  };
}
