import type { PsaContext } from '../eligibility/psa-context.ts';
import { findTwin, type TwinDecision } from '../eligibility/psa-twin.ts';
import type { PsaContactId } from '../model/ids.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import { emailKey } from '../normalize/email.ts';
import { accountCells, accountColumns } from './account-cells.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Cell, Finding, Row } from './assessment.ts';
import { contactCells, contactColumns, userInWords } from './contact-cells.ts';
import { beneath, byName, compareText, joined, makeFinding, moment, text } from './make-finding.ts';
import { candidateOfAccount, candidateWithAccount } from './psa-candidates.ts';

const namesShown = 3;

/** What is in the PSA already, or twice (P8). */
export function twinFindings(context: AssessContext, psa: PsaContext): readonly Finding[] {
  const met = new Set<PsaContactId>(psa.snapshot.linkedTo.keys());
  const links: Row[] = [];
  const held: Row[] = [];
  for (const contact of context.contacts) {
    const linked = context.psaLinkOf(contact);
    if (linked !== null) met.add(linked);
    if (linked !== null || contact.psaIntegration !== null) continue;
    const twin = findTwin(candidateWithAccount(contact, context), psa);
    if (twin.kind === 'none') continue;
    const row: Row = {
      of: contact.id,
      cells: [...contactCells(contact), userInWords(contact, context), ...twinCells(twin, psa)],
    };
    (twin.kind === 'link' ? links : held).push(row);
    for (const id of idsOf(twin)) met.add(id);
  }
  const users = withoutContact(context, psa, met);
  return [heldFinding(psa, held), usersFinding(psa, users), duplicates(psa), linkFinding(psa, links), onlyInPsa(psa, met)];
}

/** Accounts without a contact that the PSA knows; what it knows of them is added to `met`. */
function withoutContact(context: AssessContext, psa: PsaContext, met: Set<PsaContactId>): readonly Row[] {
  const found = context.accounts.flatMap((account: Account): { row: Row; ids: readonly PsaContactId[] }[] => {
    if (account.decision.match.contactId !== null) return [];
    const twin = findTwin(candidateOfAccount(account), psa);
    if (twin.kind === 'none' || idsOf(twin).every((id) => met.has(id))) return [];
    return [{ row: { of: account.user.id, cells: [...accountCells(account), ...twinCells(twin, psa)] }, ids: idsOf(twin) }];
  });
  for (const { ids } of found) for (const id of ids) met.add(id);
  return found.map(({ row }) => row);
}

function idsOf(twin: TwinDecision): readonly PsaContactId[] {
  if (twin.kind === 'none') return [];
  return twin.kind === 'link' ? [twin.twin.id] : twin.candidates;
}

const twinColumns = [text('twins', 'In the PSA'), text('why', 'Why')];

function twinCells(twin: TwinDecision, psa: PsaContext): readonly Cell[] {
  const ids = idsOf(twin);
  const named = ids.slice(0, namesShown).flatMap((id) => {
    const contact = psa.byId.get(id);
    return contact === undefined ? [] : [`${nameOf(contact)} (${id}${contact.active ? '' : ', inactive'})`];
  });
  return [joined([...named, ids.length > namesShown ? '…' : null], '; '), twin.kind === 'none' ? null : twin.why];
}

function nameOf({ firstName, lastName, id }: PsaContact): string {
  return [firstName, lastName].filter((part) => part !== null).join(' ') || `contact ${id}`;
}

function heldFinding({ snapshot }: PsaContext, rows: readonly Row[]): Finding {
  return makeFinding(
    {
      id: 'psa-twin-unclear',
      about: 'contact',
      title: `Contacts that may be in ${snapshot.displayName} already`,
      weight: 'do',
      noun: ['contact', 'contacts'],
      why: 'Pushed as new they would be there twice; linked by guess, one person would get another person’s tickets. They are held until a person says.',
      advice: 'Make name and e-mail equal on both sides, or delete the one that is not needed.',
    },
    [...contactColumns, text('account', 'Account'), ...twinColumns],
    rows,
  );
}

function linkFinding({ snapshot }: PsaContext, rows: readonly Row[]): Finding {
  return makeFinding(
    {
      id: 'psa-twin-sure',
      about: 'contact',
      title: `Contacts that are in ${snapshot.displayName}, but not linked`,
      weight: 'know',
      noun: ['contact', 'contacts'],
      why: 'Same e-mail and an equal name: they are linked instead of created a second time.',
      advice: 'Nothing; rollcall links them when they are pushed.',
    },
    [...contactColumns, text('account', 'Account'), ...twinColumns],
    rows,
  );
}

function usersFinding({ snapshot }: PsaContext, rows: readonly Row[]): Finding {
  return makeFinding(
    {
      id: 'psa-twin-of-account',
      about: 'account',
      title: `In the directory and in ${snapshot.displayName}, but not in IT Glue`,
      weight: 'check',
      noun: ['account', 'accounts'],
      why: 'The PSA knows the person, the documentation does not; a push without looking would make a second PSA contact.',
      advice: 'Create the contact in IT Glue; rollcall links it with the one in the PSA.',
    },
    [...accountColumns, ...twinColumns],
    rows,
  );
}

const psaColumns = [
  text('name', 'Contact'),
  beneath('psaContactId', 'PSA id'),
  beneath('emails', 'E-mail'),
  text('phones', 'Phone'),
  text('active', 'Active'),
  moment('changed', 'Last change'),
];

function psaCells(contact: PsaContact): readonly Cell[] {
  return [
    nameOf(contact),
    contact.id,
    joined(contact.emails.map(({ value }) => value)),
    joined(contact.phones.map(({ phone }) => phone.raw)),
    contact.active ? 'yes' : 'no',
    contact.modifiedAt,
  ];
}

function duplicates({ snapshot }: PsaContext): Finding {
  const byEmail = new Map<string, PsaContact[]>();
  for (const contact of snapshot.contacts) {
    for (const key of new Set(contact.emails.map(({ value }) => emailKey(value)))) {
      if (key === null) continue;
      const known = byEmail.get(key);
      if (known === undefined) byEmail.set(key, [contact]);
      else known.push(contact);
    }
  }
  const groups = [...byEmail].filter(([, members]) => members.length > 1).sort(([left], [right]) => compareText(left, right));
  const rows = groups.flatMap(([email, members], index) =>
    members.map(
      (contact): Row => ({
        of: contact.id,
        group: index + 1,
        cells: [...psaCells(contact), snapshot.linkedTo.get(contact.id) ?? null, email],
      }),
    ),
  );
  return makeFinding(
    {
      id: 'psa-duplicates',
      about: 'psa-contact',
      title: `One e-mail address on several contacts of ${snapshot.displayName}`,
      weight: 'do',
      noun: ['address', 'addresses'],
      why: 'Tickets by mail land on whichever the PSA finds first, and no contact of IT Glue can be linked safely.',
      advice: 'Merge them in the PSA; keep the one that is linked with IT Glue.',
    },
    [...psaColumns, text('contactId', 'Linked with IT Glue id'), text('common', 'In common')],
    rows,
  );
}

function onlyInPsa({ snapshot }: PsaContext, met: ReadonlySet<PsaContactId>): Finding {
  const alone = byName(
    snapshot.contacts.filter(({ id }) => !met.has(id)),
    (contact) => ({ name: nameOf(contact), id: contact.id }),
  );
  return makeFinding(
    {
      id: 'psa-only',
      about: 'psa-contact',
      title: `Only in ${snapshot.displayName}`,
      weight: 'know',
      noun: ['contact', 'contacts'],
      why: 'Neither IT Glue nor the directory has a contact or account with their e-mail or name.',
      advice: 'Look at the active ones with an old last change.',
    },
    psaColumns,
    alone.map((contact) => ({ of: contact.id, cells: psaCells(contact) })),
    'active',
  );
}
