import type { PsaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { Moment } from '../../../core/model/time.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import type { Psa, PsaContactSearch } from '../../../core/ports/psa.ts';
import { compareIds, isId, wholeNameKey } from '../identity.ts';
import type { ConnectWiseClient, Query } from './client.ts';
import { allOf, anyOf, changedSince, equalsId, equalsText } from './conditions.ts';
import { type ContactReader, toContact } from './contact.ts';
import { invalidAnswer } from './errors.ts';
import { keyQuery } from './external-key.ts';
import { readList, readWholeList } from './list.ts';
import { type ContactRow, contactSchema } from './schema.ts';

type ContactReads = Pick<Psa, 'listContacts' | 'listChangedContacts' | 'findContacts' | 'getContact' | 'linkedContactId'> & {
  /** The contact as the API tells it; `null` only when the API itself says that there is none. */
  readonly loadRow: (id: string) => Promise<ContactRow | null>;
};

const path = '/company/contacts';
/** More hits than this for one person mean that the conditions were not applied. */
const plausibleHits = 1_000;
/** A row that changed longer ago than this before the moment shows that the condition was not applied. */
const clockSkewMs = 24 * 3_600_000;
/** E-mails asked for in one request: an address has some thousand characters at most. */
const emailsAtOnce = 8;

/** The contact reads of the port. `ignoresCase`: whether the tenant's conditions do; where not, the whole company is compared here. */
export function createContactReads(client: ConnectWiseClient, reader: ContactReader, ignoresCase: () => Promise<boolean>): ContactReads {
  async function listContacts(companyId: string, onProgress?: Parameters<Psa['listContacts']>[1]): Promise<readonly PsaContact[]> {
    if (!isId(companyId)) return [];
    const rows = await readWholeList(client, {
      what: `the list of contacts of company ${companyId}`,
      path,
      countPath: `${path}/count`,
      schema: contactSchema,
      conditions: [equalsId('company/id', companyId)],
      onProgress,
    });
    if (rows.some((row) => row.company?.id !== companyId)) throw foreignRows(companyId);
    return rows.map((row) => toContact(reader, row));
  }

  async function listChangedContacts(companyId: string | null, since: Moment): Promise<readonly PsaContact[] | null> {
    if (companyId !== null && !isId(companyId)) return [];
    const conditions = [changedSince(since), ...(companyId === null ? [] : [equalsId('company/id', companyId)])];
    const rows = await readList(client, { what: 'the list of changed contacts', path, schema: contactSchema, conditions });
    if (companyId !== null && rows.some((row) => row.company?.id !== companyId)) throw foreignRows(companyId);
    // A contact of no company is nobody's here.
    const contacts = rows.filter((row) => row.company?.id !== undefined).map((row) => toContact(reader, row));
    const isApplied = contacts.every(({ modifiedAt }) => modifiedAt === null || modifiedAt >= since - clockSkewMs);
    return isApplied ? contacts : null;
  }

  async function findContacts(companyId: string, by: PsaContactSearch): Promise<readonly PsaContact[]> {
    if (!isId(companyId)) return [];
    const keys = reader.keyPlace.kind === 'none' ? [] : [...new Set(by.externalKeys ?? [])].filter((key) => key.trim() !== '');
    const emails = new Map(by.emails.map((email) => [emailKey(email), email.trim()]));
    emails.delete(null);
    const name = wholeNameKey(by.firstName, by.lastName);
    if (keys.length === 0 && emails.size === 0 && name === null) return [];

    function isWanted(contact: PsaContact): boolean {
      const hasKey = contact.externalKey !== null && keys.some((key) => key.toLowerCase() === contact.externalKey?.trim().toLowerCase());
      const hasEmail = contact.emails.some((email) => emails.has(emailKey(email.value)));
      return hasKey || hasEmail || (name !== null && wholeNameKey(contact.firstName, contact.lastName) === name);
    }

    const wanted = { keys, emails: [...emails.values()], by, hasName: name !== null };
    const hits = (await ignoresCase()) ? await search(companyId, wanted) : await listContacts(companyId);
    const found = new Map(hits.filter((contact) => contact.companyId === companyId && isWanted(contact)).map((hit) => [hit.id, hit]));
    return [...found.values()].sort((a, b) => compareIds(a.id, b.id));
  }

  interface Wanted {
    readonly keys: readonly string[];
    readonly emails: readonly string[];
    readonly by: PsaContactSearch;
    readonly hasName: boolean;
  }

  /** By each key, by e-mail among the communication items, by name: conditions of items and of the contact itself do not mix. */
  async function search(companyId: string, { keys, emails, by, hasName }: Wanted): Promise<readonly PsaContact[]> {
    const hits: PsaContact[] = [];
    for (const key of keys) {
      const { conditions, customFieldConditions } = keyQuery(reader.keyPlace, key);
      hits.push(...(await searchOnce(companyId, conditions, { customFieldConditions })));
    }
    for (let start = 0; start < emails.length; start += emailsAtOnce) {
      const values = emails.slice(start, start + emailsAtOnce).map((email) => equalsText('communicationItems/value', email));
      const childConditions = allOf([anyOf(values), equalsText('communicationItems/communicationType', 'Email')]);
      hits.push(...(await searchOnce(companyId, [], { childConditions })));
    }
    if (hasName) hits.push(...(await searchOnce(companyId, nameConditions(by), {})));
    return hits;
  }

  async function searchOnce(companyId: string, conditions: readonly string[], query: Query): Promise<readonly PsaContact[]> {
    const rows = await readList(client, {
      what: 'searching contacts',
      path,
      schema: contactSchema,
      conditions: [equalsId('company/id', companyId), ...conditions],
      query,
      atMost: plausibleHits,
    });
    return rows.map((row) => toContact(reader, row));
  }

  async function loadRow(id: string): Promise<ContactRow | null> {
    if (!isId(id)) return null;
    const what = 'reading a contact';
    const reply = await client.ask(what, { path: `${path}/${id}` });
    if (reply.kind === 'failure' && reply.class === 'missing') return null;
    if (reply.kind !== 'result') throw client.readError(what, reply);
    const row = client.parse(what, contactSchema, reply.value);
    if (row.id !== id) throw invalidAnswer(`answered with another contact than ${id}.`, { record: id });
    return row;
  }

  async function getContact(id: PsaContactId): Promise<PsaContact | null> {
    const row = await loadRow(id);
    return row === null ? null : toContact(reader, row);
  }

  return {
    listContacts,
    listChangedContacts,
    findContacts,
    getContact,
    loadRow,
    // Its API knows nothing of IT Glue: links are told by IT Glue only.
    linkedContactId: () => Promise.resolve(null),
  };
}

/** What the name has; a blank part is compared here, not asked for. */
function nameConditions(by: PsaContactSearch): readonly string[] {
  const parts = [
    ['firstName', by.firstName],
    ['lastName', by.lastName],
  ] as const;
  return parts.flatMap(([member, value]) => (value === null || value.trim() === '' ? [] : [equalsText(member, value.trim())]));
}

function foreignRows(companyId: string): Error {
  return invalidAnswer(`answered with contacts of another company than ${companyId}.`, { company: companyId });
}
