import { externalKeyOf, type PushCandidate } from '../eligibility/psa-context.ts';
import type { Contact } from '../model/contact.ts';
import type { Account, AssessContext } from './assess-context.ts';
import { nameOfContact } from './contact-cells.ts';

/** A contact of IT Glue as it is today, as a PSA would be asked for it. */
export function candidateOfContact(contact: Contact, { locationsById, userOf }: AssessContext): PushCandidate {
  const { id, firstName, lastName, title, emails, phones, locationId } = contact;
  const location = locationId === null ? null : (locationsById.get(locationId) ?? null);
  const { contactTypeName } = contact;
  return {
    contactId: id,
    label: nameOfContact(contact),
    firstName,
    lastName,
    title,
    emails,
    phones,
    location,
    contactTypeName,
    externalKey: externalKeyOf(userOf.get(id)?.user.immutableId ?? null, id),
  };
}

/** The same with the e-mail of the account that it belongs to, which a first sync would add. */
export function candidateWithAccount(contact: Contact, context: AssessContext): PushCandidate {
  const candidate = candidateOfContact(contact, context);
  const email = context.userOf.get(contact.id)?.user.person.email ?? null;
  if (email === null || candidate.emails.some(({ value }) => value === email)) return candidate;
  return { ...candidate, emails: [...candidate.emails, { value: email, label: '', primary: candidate.emails.length === 0 }] };
}

/** A user without a contact, as a PSA would be asked for it. */
export function candidateOfAccount({ user, label }: Account): PushCandidate {
  const { firstName, lastName, title, email } = user.person;
  const emails = email === null ? [] : [{ value: email, label: '', primary: true }];
  const nothing = { phones: [], location: null, contactTypeName: null, externalKey: externalKeyOf(user.immutableId, null) };
  return { contactId: null, label, firstName, lastName, title, emails, ...nothing };
}
