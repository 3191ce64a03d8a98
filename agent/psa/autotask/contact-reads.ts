import { RollcallError } from '../../../core/errors.ts';
import type { PsaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import type { Psa, PsaContactSearch } from '../../../core/ports/psa.ts';
import { compareIds, isId, wholeNameKey } from '../identity.ts';
import { wireId } from '../json.ts';
import type { AutotaskClient } from './client.ts';
import { type ContactReader, toContact } from './contact.ts';
import type { ContactFields } from './contact-fields.ts';
import type { TenantMemory } from './memory.ts';
import { emailFields, productName } from './products.ts';
import { type ContactRow, contactMembers, contactSchema, itemSchema } from './schema.ts';
import { ignoresCase } from './text-case.ts';
import { type Condition, readFound, readWholeList } from './whole-list.ts';

type ContactReads = Pick<Psa, 'listContacts' | 'listChangedContacts' | 'findContacts' | 'getContact' | 'linkedContactId'> & {
  /** The company that the contact had when it was first read; a contact may become another company's. */
  readonly firstCompanyOf: (id: PsaContactId) => string | null;
};

interface ReadOptions {
  readonly client: AutotaskClient;
  readonly memory: TenantMemory;
  readonly fields: ContactFields;
  readonly reader: ContactReader;
}

const contactQuery = { path: '/Contacts', row: contactSchema, include: contactMembers };

/** The contact reads of the port. */
export function createContactReads({ client, memory, fields, reader }: ReadOptions): ContactReads {
  const firstCompanies = new Map<string, string>();

  function noted(row: ContactRow): PsaContact {
    if (!firstCompanies.has(row.id)) firstCompanies.set(row.id, row.companyID);
    return toContact(reader, row);
  }

  function sorted(rows: readonly ContactRow[]): readonly PsaContact[] {
    return rows.map(noted).sort((a, b) => compareIds(a.id, b.id));
  }

  async function listContacts(companyId: string, onProgress?: Parameters<Psa['listContacts']>[1]): Promise<readonly PsaContact[]> {
    const rows = await readWholeList(client, { ...contactQuery, what: 'listing contacts', filter: [ofCompany(companyId)], onProgress });
    return sorted(own(rows, companyId));
  }

  async function listChangedContacts(companyId: string | null, since: number): Promise<readonly PsaContact[] | null> {
    // The tenant may keep whole seconds only.
    const from = new Date(Math.floor(since / 1000) * 1000).toISOString();
    const changed: Condition = { op: 'gte', field: 'lastModifiedDate', value: from };
    const filter = companyId === null ? [changed] : [ofCompany(companyId), changed];
    try {
      const rows = await readFound(client, { ...contactQuery, what: 'listing changed contacts', filter });
      return sorted(companyId === null ? rows : own(rows, companyId));
    } catch (error) {
      const isRefused = error instanceof RollcallError && error.code === 'PSA_REFUSED';
      if (isRefused && !(await fields.isQueryable('lastModifiedDate'))) return null;
      throw error;
    }
  }

  /** One search for all of it; what comes back is compared here, for Autotask's own comparing may be laxer. */
  async function findContacts(companyId: string, by: PsaContactSearch): Promise<readonly PsaContact[]> {
    const emails = new Map(by.emails.map((email) => [emailKey(email), email.trim()]));
    emails.delete(null);
    const name = wholeNameKey(by.firstName, by.lastName);
    const keys = by.externalKeys ?? [];
    const conditions = [
      ...keys.map((value): Condition => ({ op: 'eq', field: 'externalID', value })),
      ...[...emails.values()].flatMap((value) => emailFields.map(({ id }): Condition => ({ op: 'eq', field: id, value }))),
      ...(name === null ? [] : [nameCondition(by)]),
    ];
    if (conditions.length === 0) return [];

    const found = (await isSearchable(keys, emails.size > 0 || name !== null))
      ? sorted(own(await search([ofCompany(companyId), { op: 'or', items: conditions }]), companyId))
      : await listContacts(companyId);
    return found.filter(
      (contact) =>
        (contact.externalKey !== null && keys.includes(contact.externalKey)) ||
        contact.emails.some((email) => emails.has(emailKey(email.value))) ||
        (name !== null && wholeNameKey(contact.firstName, contact.lastName) === name),
    );
  }

  function search(filter: readonly Condition[]): Promise<readonly ContactRow[]> {
    return readFound(client, { ...contactQuery, what: 'searching contacts', filter });
  }

  /** Whether a search in this tenant finds all that it should; else the company's whole list is looked through. */
  async function isSearchable(keys: readonly string[], isByText: boolean): Promise<boolean> {
    if (keys.length > 0 && !(await fields.isQueryable('externalID'))) return false;
    return !isByText || ignoresCase(client, memory);
  }

  async function getContact(id: PsaContactId): Promise<PsaContact | null> {
    if (!isId(id)) return null;
    const what = 'reading a contact';
    const reply = await client.ask({ path: `/Contacts/${id}` });
    if (reply.kind === 'failure' && reply.class === 'missing') return findById(id);
    if (reply.kind !== 'result') throw client.readError(what, reply);
    const { item } = client.parse(what, itemSchema, reply.value);
    if (item === null || item === undefined) return null;
    const row = client.parse(what, contactSchema, item);
    if (row.id !== id) throw otherThan(`contact ${id}`);
    return noted(row);
  }

  /** "Not found" may come from anything between here and the API; that a search finds nothing comes from the API itself. */
  async function findById(id: PsaContactId): Promise<PsaContact | null> {
    const [row] = await search([{ op: 'eq', field: 'id', value: wireId(id) }]);
    if (row !== undefined && row.id !== id) throw otherThan(`contact ${id}`);
    return row === undefined ? null : noted(row);
  }

  return {
    listContacts,
    listChangedContacts,
    findContacts,
    getContact,
    // Autotask knows nothing of IT Glue.
    linkedContactId: () => Promise.resolve(null),
    firstCompanyOf: (id) => firstCompanies.get(id) ?? null,
  };
}

function ofCompany(companyId: string): Condition {
  return { op: 'eq', field: 'companyID', value: Number(companyId) };
}

function nameCondition(by: PsaContactSearch): Condition {
  const parts = [
    ['firstName', by.firstName],
    ['lastName', by.lastName],
  ] as const;
  const items = parts.flatMap(([field, value]): Condition[] =>
    value === null || value.trim() === '' ? [] : [{ op: 'eq', field, value: value.trim() }],
  );
  return { op: 'and', items };
}

function own(rows: readonly ContactRow[], companyId: string): readonly ContactRow[] {
  if (rows.some((row) => row.companyID !== companyId)) throw otherThan(`contacts of company ${companyId}`);
  return rows;
}

function otherThan(wanted: string): RollcallError {
  return new RollcallError('PSA_ANSWER_INVALID', `${productName} answered with something else than the ${wanted}.`, {
    place: { system: productName },
  });
}
