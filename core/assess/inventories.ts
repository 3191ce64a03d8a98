import { accountCells, accountColumns, contactOfAccount, logonCells, logonColumns } from './account-cells.ts';
import type { AssessContext } from './assess-context.ts';
import type { Finding, Listing, Row, Section } from './assessment.ts';
import { contactCells, contactColumns, contactFactCells, contactFactColumns, userInWords } from './contact-cells.ts';
import { beneath, joined, moment, text } from './make-finding.ts';

/** All accounts, contacts and PSA contacts, each in one row with the findings that name it: what the totals count. */
export function inventories(context: AssessContext, sections: readonly Section[]): readonly Listing[] {
  const found = findingsByRecord(sections);
  const { psa } = context;
  return [accountInventory(context, found), contactInventory(context, found), ...(psa === null ? [] : [psaInventory(context, found)])];
}

/** Ids of the findings that name a record, in the order of the report. */
type Found = Readonly<Record<Finding['about'], ReadonlyMap<string, readonly string[]>>>;

function findingsByRecord(sections: readonly Section[]): Found {
  const found: Record<Finding['about'], Map<string, string[]>> = {
    account: new Map(),
    contact: new Map(),
    'psa-contact': new Map(),
    other: new Map(),
  };
  for (const { id, about, rows } of sections.flatMap(({ findings }) => findings)) {
    for (const { of } of rows) {
      const known = found[about].get(of);
      if (known === undefined) found[about].set(of, [id]);
      else if (known.at(-1) !== id) known.push(id);
    }
  }
  return found;
}

function accountInventory({ accounts }: AssessContext, found: Found): Listing {
  const columns = [
    ...accountColumns,
    ...logonColumns,
    moment('passwordSet', 'Password set'),
    moment('passwordExpires', 'Password expires'),
    moment('expires', 'Account expires'),
    text('mailbox', 'Mailbox'),
    text('office', 'Office'),
    text('department', 'Department'),
    text('match', 'Match'),
    text('contact', 'Contact'),
    beneath('contactId', 'IT Glue id'),
    text('reason', 'Why'),
    text('dn', 'Place in the directory'),
    text('id', 'Id'),
    text('findings', 'Findings'),
  ];
  const rows = accounts.map((account): Row => {
    const { user, decision } = account;
    const { person } = user;
    return {
      of: user.id,
      cells: [
        ...accountCells(account),
        ...logonCells(account),
        user.account.passwordLastSet,
        user.account.passwordExpires,
        user.account.expires,
        person.mailbox,
        person.office,
        person.department,
        decision.match.state,
        ...contactOfAccount(account),
        decision.match.reason,
        user.dn,
        user.immutableId,
        joined(found.account.get(user.id) ?? []),
      ],
    };
  });
  return { id: 'accounts', title: 'All accounts', columns, rows };
}

function contactInventory(context: AssessContext, found: Found): Listing {
  const columns = [
    ...contactColumns,
    ...contactFactColumns,
    text('title', 'Title'),
    text('location', 'Location'),
    text('account', 'Account'),
    text('psa', 'PSA'),
    text('missing', 'Missing for the PSA'),
    text('findings', 'Findings'),
  ];
  const rows = context.contacts.map((contact): Row => {
    const view = context.views.get(contact.id);
    return {
      of: contact.id,
      cells: [
        ...contactCells(contact),
        ...contactFactCells(contact, context),
        contact.title,
        contact.locationName,
        userInWords(contact, context),
        view?.state ?? null,
        joined(view?.missing ?? []),
        joined(found.contact.get(contact.id) ?? []),
      ],
    };
  });
  return { id: 'contacts', title: 'All contacts of IT Glue', columns, rows };
}

function psaInventory({ psa }: AssessContext, found: Found): Listing {
  const columns = [
    text('name', 'Contact'),
    beneath('psaContactId', 'PSA id'),
    beneath('emails', 'E-mail'),
    text('phones', 'Phone'),
    text('title', 'Title'),
    text('active', 'Active'),
    text('contactId', 'Linked with IT Glue id'),
    moment('changed', 'Last change'),
    text('findings', 'Findings'),
  ];
  const rows = (psa?.snapshot.contacts ?? []).map(
    (contact): Row => ({
      of: contact.id,
      cells: [
        joined([contact.firstName, contact.lastName], ' '),
        contact.id,
        joined(contact.emails.map(({ value }) => value)),
        joined(contact.phones.map(({ phone }) => phone.raw)),
        contact.title,
        contact.active ? 'yes' : 'no',
        psa?.snapshot.linkedTo.get(contact.id) ?? null,
        contact.modifiedAt,
        joined(found['psa-contact'].get(contact.id) ?? []),
      ],
    }),
  );
  return { id: 'psa-contacts', title: 'All contacts of the PSA', columns, rows };
}
