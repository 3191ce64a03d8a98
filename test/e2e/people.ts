import type { ContactRow, ContactsDocument, PlanDocument, StatusDocument, SyncDocument } from '../../agent/cli/documents.ts';
import type { NewContact } from '../sandbox/it-glue/data.ts';
import type { ContactRecord } from '../sandbox/it-glue/records.ts';
import type { LdifPerson } from './ldif-people.ts';
import type { Finished, Site } from './site.ts';

/** A fictional number; the same for the same name. */
function numberOf(name: string): string {
  let sum = 0;
  for (let index = 0; index < name.length; index += 1) sum += name.charCodeAt(index);
  return `+1 415 555 01${String(sum % 100).padStart(2, '0')}`;
}

type Attributes = { readonly [Name in keyof LdifPerson]?: LdifPerson[Name] | null };

/** A person called NAME Kesten with all that P1 asks for; an attribute that is null is not there. */
export function person(name: string, more: Attributes = {}): LdifPerson {
  const attributes: Attributes = {
    givenName: name.charAt(0).toUpperCase() + name.slice(1),
    sn: 'Kesten',
    mail: `${name}@acme.test`,
    physicalDeliveryOfficeName: 'Head Office',
    telephoneNumber: numberOf(name),
    ...more,
  };
  return { sAMAccountName: name, ...Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null)) };
}

/** So many people: p0, p1, … */
export function crowd(count: number, more: (index: number) => Attributes = () => ({})): readonly LdifPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const telephoneNumber = `+1 ${415 + Math.floor(index / 100)} 555 01${String(index % 100).padStart(2, '0')}`;
    return person(`p${index}`, { sn: `Kesten${index}`, telephoneNumber, ...more(index) });
  });
}

/** Adds the contact of a person to IT Glue, as somebody typed it in. */
export function addContact(site: Site, name: string, more: Partial<NewContact> = {}): ContactRecord {
  return site.itGlue.data.addContact({
    organizationId: site.organization,
    firstName: name.charAt(0).toUpperCase() + name.slice(1),
    lastName: 'Kesten',
    emails: [{ value: `${name}@acme.test`, primary: true, labelName: 'Work' }],
    ...more,
  });
}

/** The contact of IT Glue with this e-mail; there must be one. */
export function contactWith(site: Site, email: string): ContactRecord {
  const found = [...site.itGlue.data.contacts.values()].filter((contact) => contact.emails.some((item) => item.value === email));
  const [contact] = found;
  if (contact === undefined || found.length > 1) throw new Error(`${found.length} contacts of IT Glue have ${email}`);
  return contact;
}

/** The contacts of BMS with this e-mail. */
export function bmsWith(site: Site, email: string) {
  return [...site.bms.data.contacts.values()].filter((contact) => contact.emails.some((item) => item.emailAddress === email));
}

export function syncOf(finished: Finished): SyncDocument {
  return documentOf(finished);
}

export function planOf(finished: Finished): PlanDocument {
  return documentOf(finished);
}

export function statusOf(finished: Finished): StatusDocument {
  return documentOf(finished);
}

export function contactsOf(finished: Finished): ContactsDocument {
  return documentOf(finished);
}

/** The one row of `contacts show --json`. */
export async function rowOf(site: Site, user: string): Promise<ContactRow> {
  const [row] = contactsOf(await site.call('contacts', 'show', user, '--json')).contacts;
  if (row === undefined) throw new Error(`no row of ${user}`);
  return row;
}

/** The document of `--json`; says what the program printed when there is none. */
export function documentOf<Document>(finished: Finished): Document {
  if (finished.json === null) throw new Error(`no document: exit ${finished.exit}\n${finished.stdout}\n${finished.stderr}`);
  return finished.json as Document;
}
