import { RollcallError } from '../../../core/errors.ts';
import { contactId, type PsaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { compareIds, wholeNameKey } from '../identity.ts';
import { createChangedContacts } from './changed-contacts.ts';
import type { BmsClient, QueryPairs } from './client.ts';
import { type ContactReader, toContact } from './contact.ts';
import { createContactList } from './contact-list.ts';
import { createContactSearch } from './contact-search.ts';
import type { TenantMemory } from './memory.ts';
import { type ContactRow, contactSchema, itGlueLookupSchema } from './schema.ts';

type ContactReads = Pick<Psa, 'listContacts' | 'listChangedContacts' | 'findContacts' | 'getContact' | 'linkedContactId'>;
type Wanted = Parameters<Psa['findContacts']>[1];

/** The contact reads of the port, over the API's list, search, single contact and IT Glue bridge; and a contact's row as it is. */
export function createContactReads(
  client: BmsClient,
  reader: ContactReader,
  memory: TenantMemory,
): ContactReads & { readonly loadRow: (id: string) => Promise<ContactRow | null> } {
  const list = createContactList(client, reader, memory);
  const contactSearch = createContactSearch(client);

  async function findContacts(companyId: string, by: Wanted): Promise<readonly PsaContact[]> {
    const emails = new Map(by.emails.map((email) => [emailKey(email), email.trim()]));
    emails.delete(null);
    const name = wholeNameKey(by.firstName, by.lastName);

    function hasName(row: Pick<PsaContact, 'firstName' | 'lastName'>): boolean {
      return name !== null && wholeNameKey(row.firstName, row.lastName) === name;
    }

    function isWanted(contact: PsaContact): boolean {
      const hasEmail = contact.emails.some((email) => emails.has(emailKey(email.value)));
      return hasEmail || hasName(contact);
    }

    const ids = new Set<string>();
    for (const email of emails.values()) {
      // A row shows one address only: the hit may be another one of the same contact, so every row is loaded.
      for (const row of await contactSearch.search(companyId, [['Filter.EmailAddress', email]])) ids.add(row.id);
    }
    if (name !== null) {
      for (const row of await contactSearch.search(companyId, nameFilter(by))) if (hasName(row)) ids.add(row.id);
    }

    const found: PsaContact[] = [];
    for (const id of [...ids].sort(compareIds)) {
      const contact = await loadContact(id);
      if (contact !== null && contact.companyId === companyId && isWanted(contact)) found.push(contact);
    }
    return found;
  }

  /** `null` only when the API itself says that there is none. */
  async function loadRow(id: string): Promise<ContactRow | null> {
    const what = 'reading a contact';
    const reply = await client.ask({ route: '/v2/crm/contacts/summary/{id}', path: { id } });
    if (reply.kind === 'failure' && reply.class === 'missing') return null;
    if (reply.kind !== 'result') throw client.readError(what, reply);
    if (reply.value === null) return null;
    const row = client.parse(what, contactSchema, reply.value);
    if (row.id !== id) {
      throw new RollcallError('PSA_ANSWER_INVALID', `${client.productName} answered with another contact than ${id}.`, {
        place: { system: client.productName, record: id },
      });
    }
    return row;
  }

  async function loadContact(id: string): Promise<PsaContact | null> {
    const row = await loadRow(id);
    return row === null ? null : toContact(reader, row);
  }

  async function linkedContactId(id: PsaContactId): ReturnType<Psa['linkedContactId']> {
    const what = 'reading the IT Glue link of a contact';
    const reply = await client.ask({ route: '/v2/integrations/itglue/contacts/{contactId}/lookup', path: { contactId: id } });
    // Integration off, no right to it, or no link: all are "not told".
    if (reply.kind === 'failure' && (reply.class === 'missing' || reply.class === 'refused' || reply.class === 'forbidden')) return null;
    if (reply.kind !== 'result') throw client.readError(what, reply);
    if (reply.value === null) return null;
    const linked = client.parse(what, itGlueLookupSchema, reply.value).id;
    return linked === null ? null : contactId(linked);
  }

  return {
    loadRow,
    listContacts: list.listContacts,
    listChangedContacts: createChangedContacts(list, reader, memory),
    findContacts,
    getContact: loadContact,
    linkedContactId,
  };
}

function nameFilter(by: Wanted): QueryPairs {
  const parts = [
    ['Filter.FirstName', by.firstName],
    ['Filter.LastName', by.lastName],
  ] as const;
  return parts.flatMap(([name, value]) => (value === null || value.trim() === '' ? [] : [[name, value.trim()] as const]));
}
