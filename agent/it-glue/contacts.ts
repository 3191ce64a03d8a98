import { RollcallError } from '../../core/errors.ts';
import type { AdapterLink, Contact } from '../../core/model/contact.ts';
import { type ContactId, contactId, type OrganizationId } from '../../core/model/ids.ts';
import type { ContactLookup, ContactPatch, Documentation } from '../../core/ports/documentation.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { ItGlueApi } from './api.ts';
import { type ParsePhone, parseContact, toAttributes, valuesOf } from './contact-mapping.ts';
import { readErrors, saysInvalidValue, saysSynced } from './error-words.ts';
import { idToJson, tryParseJson } from './json.ts';
import { readList } from './list.ts';
import { bulkDocument, singleDocument } from './schema.ts';
import { readUpdatedContacts } from './updated-contacts.ts';
import { refused, sortAnswer, unknown } from './write-answer.ts';
import { arraysDiffer } from './written-arrays.ts';

/** Ids in one `filter[id]`: keeps the address well under 8 KB. */
const idsPerRequest = 200;

const withAdapters = { include: 'adapters_resources' };

/**
 * Contacts. A 422 to an update counts as `synced` when its words say so, or, as they are not published, when they object to no
 * value and a fresh look shows a live link (an adapter that syncs and is not orphaned, or `psa-integration` "enabled").
 * Arrays that are not what was sent, in the answer and in a fresh look, make an update `refused` (although other members may have
 * been written) and a create `unknown` (the contact exists, so it must be found before anything is created again).
 */
type ContactCalls = Pick<
  Documentation,
  'listContacts' | 'listContactsById' | 'listUpdatedContacts' | 'lookUpContact' | 'createContact' | 'updateContact' | 'deleteContacts'
>;

export function createContactCalls(api: ItGlueApi, parsePhone: ParsePhone): ContactCalls {
  // The answer to a write carries no adapter links; what was read last stands in.
  const adapters = new Map<ContactId, readonly AdapterLink[]>();

  function remember(contact: Contact): Contact {
    if (contact.adapters.length > 0) {
      adapters.set(contact.id, contact.adapters);
    } else {
      adapters.delete(contact.id);
    }
    return contact;
  }

  function parseRow(organization: OrganizationId, asked: ReadonlySet<string> | null) {
    return (row: unknown, included: readonly unknown[]): Contact => {
      const contact = parseContact(row, included, parsePhone);
      if (contact.organizationId !== organization || (asked !== null && !asked.has(contact.id))) {
        throw filterIgnored(organization, contact);
      }
      return remember(contact);
    };
  }

  async function list(
    organization: OrganizationId,
    ids: readonly ContactId[] | null,
    onProgress?: (read: number, total: number) => void,
  ): Promise<readonly Contact[]> {
    const contacts = await readList(api, {
      path: '/contacts',
      query: { 'filter[organization_id]': organization, ...(ids === null ? {} : { 'filter[id]': ids.join(',') }), ...withAdapters },
      parseRow: parseRow(organization, ids === null ? null : new Set(ids)),
      id: (contact) => contact.id,
      newest: { sort: '-id', isNewer: (contact, newest) => compareIds(contact.id, newest.id) > 0 },
      onProgress,
    });
    return contacts.toSorted((a, b) => compareIds(a.id, b.id));
  }

  /** `null` is a JSON 404. */
  async function get(id: ContactId): Promise<Contact | null> {
    const path = `/contacts/${encodeURIComponent(id)}`;
    const { answer, json } = await api.read(path, withAdapters, { missing: 'allowed' });
    if (answer.status === 404) {
      if (readErrors(answer.text).length > 0) {
        return null;
      }
      // An HTML page says that the address is unknown, which is no proof that the contact is (C11).
      throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: the answer 404 to the look-up of a contact is not of the API.', {
        place: { path },
      });
    }
    const contact = parseSingle(json);
    if (contact?.id !== id) {
      throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: the answer to the look-up of a contact is not that contact.', {
        place: { path },
      });
    }
    return remember(contact);
  }

  function parseSingle(json: unknown): Contact | null {
    const parsed = singleDocument.safeParse(json);
    if (!parsed.success) {
      return null;
    }
    try {
      return parseContact(parsed.data.data, parsed.data.included ?? [], parsePhone);
    } catch {
      return null;
    }
  }

  async function isSynced(id: ContactId): Promise<boolean> {
    try {
      const contact = await get(id);
      return contact !== null && (contact.psaIntegration === 'enabled' || contact.adapters.some((link) => link.sync && !link.orphaned));
    } catch {
      // The refusal stands whatever this look says.
      return false;
    }
  }

  /** The contact as it is after a write, when its arrays are what was sent; else why not. */
  async function settleArrays(
    patch: ContactPatch,
    answered: Contact,
  ): Promise<{ readonly contact: Contact } | { readonly difference: string }> {
    if (arraysDiffer(patch, answered) === null) {
      return { contact: answered };
    }
    const reread = await get(answered.id);
    const difference = reread === null ? 'it is not there any more' : arraysDiffer(patch, reread);
    return reread !== null && difference === null ? { contact: reread } : { difference: difference ?? '' };
  }

  return {
    listContacts: (organization, onProgress) => list(organization, null, onProgress),

    async listContactsById(organization, ids) {
      const wanted = [...new Set(ids)];
      const found: Contact[] = [];
      for (let from = 0; from < wanted.length; from += idsPerRequest) {
        found.push(...(await list(organization, wanted.slice(from, from + idsPerRequest))));
      }
      return found.toSorted((a, b) => compareIds(a.id, b.id));
    },

    listUpdatedContacts: (since, most) => readUpdatedContacts(api, parsePhone, { since, most }),

    async lookUpContact(organization, id): Promise<ContactLookup> {
      const contact = await get(id);
      if (contact === null) {
        return { kind: 'deleted' };
      }
      return { kind: contact.organizationId === organization ? 'found' : 'moved', contact };
    },

    async createContact(organization, fields): Promise<WriteOutcome<Contact>> {
      const body = { data: { type: 'contacts', attributes: toAttributes(fields, organization) } };
      const sorted = sortAnswer(await api.write('POST', '/contacts', body), valuesOf(fields));
      if (sorted.kind !== 'accepted') {
        return sorted;
      }
      const contact = parseSingle(tryParseJson(sorted.answer.text));
      if (contact === null || contact.organizationId !== organization) {
        return unknown('the answer to the create is not the contact');
      }
      try {
        const settled = await settleArrays(fields, contact);
        // It exists, so it must not count as refused: the next run would create it again.
        return 'contact' in settled
          ? { kind: 'done', value: settled.contact }
          : unknown(`contact ${contact.id} was created, but ${settled.difference}`);
      } catch (error) {
        return unknown(`contact ${contact.id} was created, and could not be read again (${codeOf(error)})`);
      }
    },

    async updateContact(_organization, id, patch): Promise<WriteOutcome<Contact>> {
      const body = { data: { type: 'contacts', attributes: toAttributes(patch, null) } };
      const result = await api.write('PATCH', `/contacts/${encodeURIComponent(id)}`, body);
      const sorted = sortAnswer(result, valuesOf(patch));
      if (sorted.kind === 'refused' && result.kind === 'answer' && result.status === 422) {
        const errors = readErrors(result.text);
        const synced = saysSynced(errors) || (!saysInvalidValue(errors) && (await isSynced(id)));
        return refused(sorted.reason, synced);
      }
      if (sorted.kind !== 'accepted') {
        return sorted;
      }
      const contact = parseSingle(tryParseJson(sorted.answer.text));
      if (contact?.id !== id) {
        return unknown('the answer to the update is not the contact');
      }
      try {
        const settled = await settleArrays(patch, { ...contact, adapters: adapters.get(id) ?? contact.adapters });
        return 'contact' in settled
          ? { kind: 'done', value: settled.contact }
          : refused(`the update was answered with success, but ${settled.difference}; look at the contact in IT Glue`);
      } catch (error) {
        return unknown(`the contact could not be read again after the update (${codeOf(error)})`);
      }
    },

    async deleteContacts(organization, ids): Promise<WriteOutcome<readonly ContactId[]>> {
      if (ids.length === 0) {
        return { kind: 'done', value: [] };
      }
      const path = `/organizations/${encodeURIComponent(organization)}/relationships/contacts`;
      const data = ids.map((id) => ({ type: 'contacts', attributes: { id: idToJson(id) } }));
      const sorted = sortAnswer(await api.write('DELETE', path, { data }));
      if (sorted.kind !== 'accepted') {
        return sorted.kind === 'refused' && ids.length > 1 ? unknown(`one of ${ids.length} was refused: ${sorted.reason}`) : sorted;
      }
      const answered = answeredIds(tryParseJson(sorted.answer.text));
      return answered !== null && ids.every((id) => answered.has(id))
        ? { kind: 'done', value: [...ids] }
        : unknown('the answer to the delete does not name all the contacts');
    },
  };
}

/** The ids of the records in the answer to a bulk write; `null` when it is no list. */
export function answeredIds(json: unknown): ReadonlySet<string> | null {
  const parsed = bulkDocument.safeParse(json);
  return parsed.success
    ? new Set(parsed.data.data.map((row) => (typeof row === 'object' && row !== null && 'id' in row ? contactId(String(row.id)) : '')))
    : null;
}

/** By number, without losing digits. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

function codeOf(error: unknown): string {
  return error instanceof RollcallError ? error.code : 'INTERNAL';
}

function filterIgnored(organization: OrganizationId, contact: Contact): RollcallError {
  return new RollcallError(
    'ITGLUE_FILTER_IGNORED',
    `IT Glue: asked for contacts of organization ${organization}, got one that is not among them.`,
    {
      place: { organization, contact: contact.id, contactOrganization: contact.organizationId },
    },
  );
}
