import type { View } from '../answer.ts';
import type { ContactRow, ContactsDocument } from '../documents.ts';
import { formatDate } from '../terminal/format.ts';
import { adStatusCell, presenceWords, stateCell } from './contacts.ts';
import { noticeLines, organizationHeading, sections, shown, systemWords } from './parts.ts';

/** `contacts show`: one user with all that is known. */
export function renderContactDetails(document: ContactsDocument, view: View): string {
  return sections(
    [organizationHeading(document, view), ...(document.message === null ? [] : [document.message])],
    ...document.contacts.map((row) => userSection(row, view)),
    noticeLines(document.notices, view),
  );
}

/** The user's facts, and what is known of match, candidates, conflicts and PSA. */
export function userSection(row: ContactRow, view: View): string {
  const state = stateCell(row, view);
  const status = adStatusCell(row.adStatus, view);
  const facts: readonly (readonly [string, string])[] = [
    ['AD status', status.paint(status.text)],
    ['last logon', `${formatDate(row.lastLogon)}${row.lastLogon === null ? '' : view.style.quiet(` (${row.lastLogonAccuracy})`)}`],
    ['last password reset', formatDate(row.lastPasswordReset)],
    ['password expires', formatDate(row.passwordExpires)],
    ['mail', shown(row.email)],
    ['directory', `${row.source.directory}, seen by ${shown(row.collectors.join(', '))}`],
    ['id', row.objectGuid ?? row.id],
    ['contact', row.contactId === null ? '-' : `${row.contactId}${row.ownedElsewhere ? ' (owned elsewhere)' : ''}`],
    ['PSA', psaText(row)],
    ...typeFact(row),
    ...leaverFact(row),
    ...absenceFact(row),
  ];
  return sections(
    [
      `${view.style.strong(row.name)}  ${state.paint(state.text)}`,
      `  ${row.reason}`,
      ...facts.map(([name, value]) => `  ${view.style.quiet(name.padEnd(19))}  ${value}`),
    ],
    listOf(
      'Candidates',
      row.candidates.map(
        (candidate) =>
          `${candidate.name} (${candidate.contactId})${candidate.evidence.length === 0 ? '' : `: ${candidate.evidence.join(', ')}`}`,
      ),
      view,
    ),
    listOf('Contested by', row.rivals, view),
    listOf(
      'Conflicts, left as they are',
      row.conflicts.map(
        (conflict) => `${conflict.field}: ours ${shown(conflict.ours)}, theirs ${shown(conflict.theirs)} in ${systemWords[conflict.with]}`,
      ),
      view,
    ),
  );
}

/** E8, E10: only where a setting asks for something. */
function typeFact({ contactType }: ContactRow): readonly (readonly [string, string])[] {
  if (contactType == null) return [];
  const flag = contactType.important === null ? '' : `, important ${contactType.important ? 'yes' : 'no'}`;
  return [['contact type', `${contactType.name ?? 'left as it is'}${flag} (${contactType.rule}: ${contactType.reason})`]];
}

function leaverFact({ leaver }: ContactRow): readonly (readonly [string, string])[] {
  if (leaver == null) return [];
  const waits = leaver.actsAt === null ? '' : `, its setting acts on ${formatDate(leaver.actsAt)}`;
  return [['left', `${leaver.kind}, seen so since ${formatDate(leaver.since)}${leaver.acts ? ', its setting acts' : waits}`]];
}

/** C10: why nobody sees the user now. */
function absenceFact({ presence, absence }: ContactRow): readonly (readonly [string, string])[] {
  if (presence === undefined || presence === 'present') return [];
  const since = absence?.since == null ? '' : ` since ${formatDate(absence.since)}`;
  return [['not there', `${presenceWords[presence]}${since}${absence == null ? '' : `: ${absence.why}`}`]];
}

function psaText(row: ContactRow): string {
  const { psa } = row;
  const missing = psa.missing.length === 0 ? '' : `, missing ${psa.missing.join(', ')}`;
  if (psa.state === 'off' && psa.message?.startsWith('Not pushed: ') === true) return psa.message.replace(/^N/, 'n');
  // The message stands alone elsewhere, and begins with the state there.
  const message = psa.message === null ? '' : `: ${psa.state === 'held' ? psa.message.replace(/^Held: /, '') : psa.message}`;
  return `${psa.badge ? '● ' : ''}${psa.state.replaceAll('-', ' ')}${missing}${message}`;
}

function listOf(title: string, items: readonly string[], view: View): readonly string[] {
  return items.length === 0 ? [] : [`  ${view.style.quiet(title)}`, ...items.map((item) => `    ${item}`)];
}
