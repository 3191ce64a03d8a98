import { RollcallError } from '../../core/errors.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { Moment } from '../../core/model/time.ts';
import type { ItGlueApi } from './api.ts';
import { type ParsePhone, parseContact } from './contact-mapping.ts';
import { listDocument } from './schema.ts';

interface Wanted {
  readonly since: Moment;
  readonly most: number;
}

interface UpdatedContacts {
  readonly contacts: readonly Contact[];
  readonly complete: boolean;
}

const path = '/contacts';
const pageSize = 100;
const rounds = 3;

/**
 * Contacts that were updated at or after the moment, newest first. IT Glue has no such filter: the list is sorted by `-updated_at`
 * (developer documentation, contacts: sort; the id decides among equal dates) and read up to the moment: one request when nothing is new.
 *
 * Pages slide while they are read. What is updated meanwhile goes to the top and moves the rest down: rows that are met again count once,
 * and the updated one is met by the next look, for it is newer than all that was seen. What is deleted moves the rest up, past the edge
 * of a page: then the total has shrunk, and the list is read again. What still slides is `complete: false` after three times.
 */
export async function readUpdatedContacts(api: ItGlueApi, parsePhone: ParsePhone, wanted: Wanted): Promise<UpdatedContacts> {
  let found: UpdatedContacts | null = null;
  for (let round = 1; round <= rounds; round += 1) {
    const { hasSlidUp, ...read } = await readOnce(api, parsePhone, wanted);
    if (!hasSlidUp) return read;
    found = read;
  }
  return { contacts: found?.contacts ?? [], complete: false };
}

async function readOnce(
  api: ItGlueApi,
  parsePhone: ParsePhone,
  { since, most }: Wanted,
): Promise<UpdatedContacts & { readonly hasSlidUp: boolean }> {
  const found = new Map<string, Contact>();
  let read = 0;
  let totalBefore = 0;
  let hasSlidUp = false;

  function result(complete: boolean) {
    return { contacts: [...found.values()].sort(byNewest), complete, hasSlidUp };
  }

  for (let number = 1; ; number += 1) {
    const { rows, total } = await readPage(api, parsePhone, number);
    hasSlidUp ||= total < totalBefore;
    totalBefore = total;
    for (const row of rows) {
      // A contact without a date stands anywhere, at the top most likely; a full reconcile sees it.
      if (row.updatedAt === null) continue;
      if (row.updatedAt < since) return result(true);
      if (found.size >= most && !found.has(row.id)) return result(false);
      found.set(row.id, row);
    }
    read += rows.length;
    // A page may be shorter than asked for: the server's own limit. The total tells where the list ends.
    if (rows.length === 0 || read >= total) return result(true);
    if (number * pageSize > Math.max(most, pageSize) * 2) return result(false);
  }
}

async function readPage(
  api: ItGlueApi,
  parsePhone: ParsePhone,
  number: number,
): Promise<{ readonly rows: readonly Contact[]; readonly total: number }> {
  const { json } = await api.read(path, { sort: '-updated_at,id', 'page[number]': String(number), 'page[size]': String(pageSize) });
  const parsed = listDocument.safeParse(json);
  if (!parsed.success) throw invalid('the answer to GET /contacts is not a list with its length');
  const rows = parsed.data.data.map((row) => parseContact(row, [], parsePhone));
  const moments = rows.flatMap(({ updatedAt }) => updatedAt ?? []);
  if (moments.some((moment, index) => moment > (moments[index - 1] ?? Number.POSITIVE_INFINITY))) {
    throw invalid('the list of contacts is not sorted as asked for (-updated_at)');
  }
  return { rows, total: parsed.data.meta['total-count'] };
}

function byNewest(one: Contact, other: Contact): number {
  return (other.updatedAt ?? 0) - (one.updatedAt ?? 0);
}

function invalid(what: string): RollcallError {
  return new RollcallError('ITGLUE_ANSWER_INVALID', `IT Glue: ${what}.`, { place: { path } });
}
