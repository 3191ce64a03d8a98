import { RollcallError } from '../../core/errors.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { Moment } from '../../core/model/time.ts';
import type { ItGlueApi } from './api.ts';
import { type ParsePhone, parseContact } from './contact-mapping.ts';
import { listDocument } from './schema.ts';

const pageSize = 100;

/**
 * Contacts that were updated at or after the moment, newest first. IT Glue has no such filter: the list is sorted by `-updated_at` and
 * read up to the moment (developer documentation, contacts: sort). Pages may slide while they are read: a record that is met twice
 * counts once, and one that slid past is met by the next look, whose moment overlaps.
 */
export async function readUpdatedContacts(
  api: ItGlueApi,
  parsePhone: ParsePhone,
  { since, most }: { readonly since: Moment; readonly most: number },
): Promise<{ readonly contacts: readonly Contact[]; readonly complete: boolean }> {
  const found = new Map<string, Contact>();
  for (let number = 1; ; number += 1) {
    const query = { sort: '-updated_at', 'page[number]': String(number), 'page[size]': String(pageSize) };
    const { json } = await api.read('/contacts', query);
    const parsed = listDocument.safeParse(json);
    if (!parsed.success) {
      throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: the answer to GET /contacts is not a list with its length.', {
        place: { path: '/contacts' },
      });
    }
    const rows = parsed.data.data.map((row) => parseContact(row, [], parsePhone));
    if (rows.some((row, index) => (row.updatedAt ?? 0) > (rows[index - 1]?.updatedAt ?? Number.POSITIVE_INFINITY))) {
      throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: the list of contacts is not sorted as asked for (-updated_at).', {
        place: { path: '/contacts' },
      });
    }
    for (const row of rows) {
      // A contact without a date sorts anywhere; a full reconcile sees it.
      if (row.updatedAt === null || row.updatedAt < since) return { contacts: [...found.values()], complete: true };
      if (found.size >= most && !found.has(row.id)) return { contacts: [...found.values()], complete: false };
      if (!found.has(row.id)) found.set(row.id, row);
    }
    if (rows.length < pageSize) return { contacts: [...found.values()], complete: true };
  }
}
