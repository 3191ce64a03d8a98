import type { Contact } from '../model/contact.ts';
import { labelOf } from '../plan/plan-context.ts';
import type { AssessContext } from './assess-context.ts';
import type { Cell, Column } from './assessment.ts';
import { beneath, joined, moment, text } from './make-finding.ts';

/** The columns of every list of contacts, in front of what the list is about. */
export const contactColumns: readonly Column[] = [text('name', 'Contact'), beneath('contactId', 'IT Glue id'), beneath('emails', 'E-mail')];

/** Further facts of a contact that help to tell what it is. */
export const contactFactColumns: readonly Column[] = [
  text('phones', 'Phone'),
  text('type', 'Type'),
  beneath('links', 'Linked with'),
  moment('changed', 'Last change'),
];

export function contactCells(contact: Contact): readonly Cell[] {
  return [nameOfContact(contact), contact.id, joined(contact.emails.map((email) => email.value))];
}

export function contactFactCells(contact: Contact, context: AssessContext): readonly Cell[] {
  return [
    joined(contact.phones.map(({ phone }) => phone.raw)),
    contact.contactTypeName,
    linksInWords(contact, context),
    contact.updatedAt ?? contact.createdAt,
  ];
}

export function nameOfContact(contact: Contact): string {
  return contact.name.trim() || [contact.firstName, contact.lastName].filter((part) => part !== null).join(' ') || `contact ${contact.id}`;
}

/** The integrations that know the contact; `null` when none does. */
export function linksInWords(contact: Contact, context: AssessContext): string | null {
  const names = contact.adapters.map(({ adapter, orphaned, sync }) => {
    if (orphaned) return `${adapter} (orphaned)`;
    return sync ? adapter : `${adapter} (sync off)`;
  });
  if (names.length === 0 && context.psaLinkOf(contact) !== null) names.push(context.psa?.snapshot.displayName ?? 'the PSA');
  if (names.length === 0 && contact.psaIntegration !== null) names.push(`PSA (${contact.psaIntegration})`);
  return names.length === 0 ? null : [...new Set(names)].join(', ');
}

/** Name of the user that the contact belongs to. */
export function userInWords(contact: Contact, context: AssessContext): string | null {
  const decision = context.userOf.get(contact.id);
  return decision === undefined ? null : labelOf(decision.user);
}
