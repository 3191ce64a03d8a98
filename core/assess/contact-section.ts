import type { Contact } from '../model/contact.ts';
import type { AssessContext } from './assess-context.ts';
import type { Finding, Row, Section } from './assessment.ts';
import { contactCells, contactColumns, contactFactCells, contactFactColumns, linksInWords, userInWords } from './contact-cells.ts';
import { type DuplicateGroup, findDuplicates } from './duplicate-groups.ts';
import { beneath, type FindingText, joined, makeFinding, text } from './make-finding.ts';
import { emailProblem, phoneProblem } from './malformed.ts';

/** Duplicates among the contacts of IT Glue, and what is written in a way that nothing can find. */
export function contactSection(context: AssessContext): Section {
  const groups = findDuplicates(context.contacts);
  return {
    id: 'contacts',
    title: 'Contacts in IT Glue',
    notes: [
      'Names are compared without regard to case, accents, spaces and order; a phone that more than three contacts have counts as a shared line. rollcall merges nothing: what to keep is advice.',
    ],
    bars: [],
    findings: [
      groupFinding(context, samePerson, groups.samePerson),
      groupFinding(context, sharedEmail, groups.sharedEmail),
      groupFinding(context, namesakes, groups.namesakes),
      malformedEmails(context),
      malformedPhones(context),
      unreachable(context),
    ],
  };
}

const samePerson: FindingText = {
  id: 'contact-duplicates',
  about: 'contact',
  title: 'The same person more than once',
  weight: 'do',
  noun: ['group', 'groups'],
  why: 'Calls, tickets and passwords are looked for under one contact and filed under another, and no account can be matched safely while two contacts have its e-mail.',
  advice: 'Move what is worth keeping to the contact named as the one to keep, then delete the others in IT Glue by hand.',
};

const sharedEmail: FindingText = {
  id: 'contact-shared-email',
  about: 'contact',
  title: 'One e-mail address on contacts with different names',
  weight: 'check',
  noun: ['address', 'addresses'],
  why: 'An address that several contacts have does not tell whose it is, so the account with that address is left unmatched.',
  advice: 'Leave the address on the contact of the person who reads it, or of the shared mailbox.',
};

const namesakes: FindingText = {
  id: 'contact-namesakes',
  about: 'contact',
  title: 'Same first and last name, no e-mail or phone in common',
  weight: 'check',
  noun: ['name', 'names'],
  why: 'They may be one person entered twice, or two people of one name; an account that only its name could match is left unmatched.',
  advice: 'Where it is one person, merge by hand; where it is two, give each an e-mail address.',
};

function groupFinding(context: AssessContext, about: FindingText, groups: readonly DuplicateGroup[]): Finding {
  const columns = [
    ...contactColumns,
    text('account', 'Account'),
    ...contactFactColumns,
    text('common', 'In common'),
    text('advice', 'Advice'),
  ];
  const advises = about.id === samePerson.id;
  const rows = groups.flatMap(({ positions, evidence }, index): Row[] => {
    const members = positions.flatMap((position) => context.contacts[position] ?? []);
    const advice = advises ? adviceFor(members, context) : null;
    return members.map((contact) => ({
      of: contact.id,
      group: index + 1,
      cells: [
        ...contactCells(contact),
        userInWords(contact, context),
        ...contactFactCells(contact, context),
        joined(evidence),
        advice?.get(contact) ?? null,
      ],
    }));
  });
  return makeFinding(about, advises ? columns : columns.slice(0, -1), advises ? rows : rows.map(withoutAdvice));
}

function withoutAdvice(row: Row): Row {
  return { ...row, cells: row.cells.slice(0, -1) };
}

/** Which of the contacts of one person to keep: what is linked or belongs to an account first, then the fuller and newer one. */
function adviceFor(members: readonly Contact[], context: AssessContext): ReadonlyMap<Contact, string> {
  const ranked = members
    .map((contact) => ({ contact, uses: usesOf(contact, context), score: scoreOf(contact, context) }))
    .sort((left, right) => right.score - left.score || (right.contact.updatedAt ?? 0) - (left.contact.updatedAt ?? 0));
  const [best] = ranked;
  return new Map(
    ranked.map(({ contact, uses }) => {
      if (contact === best?.contact) return [contact, uses.length === 0 ? 'keep: the fullest, or the newest' : `keep: ${uses.join(', ')}`];
      if (uses.length > 0) return [contact, `in use (${uses.join(', ')}): a person has to decide`];
      return [contact, `safe to merge into ${best?.contact.id ?? ''}: nothing is linked with it`];
    }),
  );
}

function usesOf(contact: Contact, context: AssessContext): readonly string[] {
  const links = linksInWords(contact, context);
  const user = userInWords(contact, context);
  return [...(links === null ? [] : [`linked with ${links}`]), ...(user === null ? [] : [`account of ${user}`])];
}

function scoreOf(contact: Contact, context: AssessContext): number {
  const filled = [contact.firstName, contact.lastName, contact.title, contact.locationId, contact.notes].filter((value) => value !== null);
  const links = linksInWords(contact, context) === null ? 0 : 1_000;
  const user = context.userOf.has(contact.id) ? 500 : 0;
  return links + user + (contact.important === true ? 100 : 0) + filled.length + contact.emails.length + contact.phones.length;
}

function malformedEmails(context: AssessContext): Finding {
  const rows = context.contacts.flatMap((contact) =>
    contact.emails.flatMap(({ value }): Row[] => {
      const problem = emailProblem(value);
      return problem === null ? [] : [{ of: contact.id, cells: [...contactCells(contact).slice(0, 2), value, problem] }];
    }),
  );
  return makeFinding(
    {
      id: 'contact-malformed-email',
      about: 'contact',
      title: 'E-mail addresses that cannot be right',
      weight: 'do',
      noun: ['address', 'addresses'],
      why: 'Nothing is matched by such an address, mail to it comes back, and a PSA may refuse the contact.',
      advice: 'Correct the address, or take it off the contact.',
    },
    [...contactColumns, text('problem', 'What is wrong')],
    rows,
    'problem',
  );
}

function malformedPhones(context: AssessContext): Finding {
  const rows = context.contacts.flatMap((contact) =>
    contact.phones.flatMap(({ phone, label }): Row[] => {
      const problem = phoneProblem(phone);
      return problem === null ? [] : [{ of: contact.id, cells: [...contactCells(contact).slice(0, 2), phone.raw, label, problem] }];
    }),
  );
  return makeFinding(
    {
      id: 'contact-malformed-phone',
      about: 'contact',
      title: 'Phone numbers that nobody can dial',
      weight: 'check',
      noun: ['number', 'numbers'],
      why: 'A number without its area code, or with text in it, is compared by its digits only and is refused or cut by a PSA.',
      advice: 'Write the number with its area code, and the extension in its own field.',
    },
    [...contactColumns.slice(0, 2), text('phone', 'Phone'), beneath('label', 'Label'), text('problem', 'What is wrong')],
    rows,
    'problem',
  );
}

function unreachable(context: AssessContext): Finding {
  const rows = context.contacts
    .filter(({ emails, phones }) => emails.length === 0 && phones.length === 0)
    .map((contact): Row => {
      const cells = [...contactCells(contact).slice(0, 2), userInWords(contact, context), ...contactFactCells(contact, context).slice(1)];
      return { of: contact.id, cells };
    });
  return makeFinding(
    {
      id: 'contact-unreachable',
      about: 'contact',
      title: 'Contacts with neither e-mail nor phone',
      weight: 'check',
      noun: ['contact', 'contacts'],
      why: 'Such a contact is only a name: it cannot be reached, nor told from a namesake.',
      advice: 'Add an e-mail or a phone, or delete the contact. Those with an account are filled by the first sync.',
    },
    [...contactColumns.slice(0, 2), text('account', 'Account'), ...contactFactColumns.slice(1)],
    rows,
  );
}
