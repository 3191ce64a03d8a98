import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import { contactId, type PsaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { compareIds, wholeNameKey } from '../identity.ts';
import type { BmsClient, QueryPairs } from './client.ts';
import { type ContactReader, toContact } from './contact.ts';
import { createContactSearch } from './contact-search.ts';
import { type ContactRow, contactSchema, itGlueLookupSchema } from './schema.ts';
import { readWholeList } from './whole-list.ts';

type ContactReads = Pick<Psa, 'listContacts' | 'listChangedContacts' | 'findContacts' | 'getContact' | 'linkedContactId'>;
type Wanted = Parameters<Psa['findContacts']>[1];
type Progress = Parameters<Psa['listContacts']>[1];

const pageSize = 100;

/** The contact reads of the port, over the API's list, search, single contact and IT Glue bridge. */
export function createContactReads(client: BmsClient, reader: ContactReader): ContactReads {
  const contactSearch = createContactSearch(client);

  async function listContacts(companyId: string, onProgress?: Progress): Promise<readonly PsaContact[]> {
    const listed = await readList(companyId, [], onProgress);
    // Whether the plain list hides inactive contacts is not published: one inactive row in it shows that it does not.
    const hidden = listed.some((contact) => !contact.active) ? [] : await readList(companyId, [['Filter.IsActive', 'false']]);
    const all = new Map([...listed, ...hidden].map((contact) => [contact.id, contact]));
    return [...all.values()].sort((a, b) => compareIds(a.id, b.id));
  }

  async function readList(companyId: string | null, filter: QueryPairs, onProgress?: Progress): Promise<readonly PsaContact[]> {
    const what = 'listing contacts';
    const rows = await readWholeList<ContactRow>({
      productName: client.productName,
      what: companyId === null ? 'the list of changed contacts' : `the list of contacts of company ${companyId}`,
      idOf: (row) => row.id,
      onProgress,
      async readPage(page) {
        const query: QueryPairs = [
          ...(companyId === null ? [] : [['Filter.AccountId', companyId] as const]),
          ...filter,
          ['PageSize', String(pageSize)],
          ['PageNumber', String(page)],
        ];
        const reply = await client.get(what, { route: '/v2/crm/contacts/summary', query });
        const rows = client.parse(what, z.array(contactSchema), reply.value ?? []);
        if (companyId !== null && rows.some((row) => row.accountId !== companyId)) throw foreignRows(companyId);
        return { rows, total: reply.total };
      },
    });
    return rows.map((row) => toContact(reader, row));
  }

  async function listChangedContacts(companyId: string | null, since: number): Promise<readonly PsaContact[] | null> {
    const filter: QueryPairs = [['Filter.ModifiedOnFrom', new Date(since).toISOString()]];
    return readList(companyId, filter);
  }

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
  async function loadContact(id: string): Promise<PsaContact | null> {
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
    return toContact(reader, row);
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

  function foreignRows(companyId: string): RollcallError {
    return new RollcallError('PSA_ANSWER_INVALID', `${client.productName} answered with contacts of another company than ${companyId}.`, {
      place: { system: client.productName, company: companyId },
    });
  }

  return { listContacts, listChangedContacts, findContacts, getContact: loadContact, linkedContactId };
}

function nameFilter(by: Wanted): QueryPairs {
  const parts = [
    ['Filter.FirstName', by.firstName],
    ['Filter.LastName', by.lastName],
  ] as const;
  return parts.flatMap(([name, value]) => (value === null || value.trim() === '' ? [] : [[name, value.trim()] as const]));
}
