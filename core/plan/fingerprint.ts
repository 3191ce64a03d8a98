import type { Contact } from '../model/contact.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';

/** Canonical text of a contact's mapped fields: it differs when a person updated one of them (P4). Order of lists does not matter. */
export function contactFingerprint(contact: Contact): string {
  const emails = contact.emails.map((item) => `${emailKey(item.value) ?? item.value}|${item.label}|${item.primary ? 1 : 0}`).sort();
  const phones = contact.phones
    .map((item) => `${phoneKey(item.phone) ?? item.phone.raw}|${item.phone.extension ?? ''}|${item.label}|${item.primary ? 1 : 0}`)
    .sort();
  return JSON.stringify([contact.firstName, contact.lastName, contact.title, contact.locationId, emails, phones]);
}
