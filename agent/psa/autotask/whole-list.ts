import type { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { WireId } from '../json.ts';
import type { AutotaskClient } from './client.ts';
import type { AutotaskResult } from './errors.ts';
import { productName } from './products.ts';
import { countSchema, pageSchema } from './schema.ts';

/** A condition of a query, or a group of them. */
export type Condition =
  | { readonly op: string; readonly field: string; readonly value?: string | WireId | boolean | readonly string[] }
  | { readonly op: 'and' | 'or'; readonly items: readonly Condition[] };

interface Query<Schema extends z.ZodType> {
  /** In words: `listing contacts`. */
  readonly what: string;
  /** The entity: `/Contacts`. */
  readonly path: string;
  readonly row: Schema;
  /** The fields that are asked for; `id` among them, or a long list has no further pages. */
  readonly include: readonly string[];
  /** All of these hold. */
  readonly filter: readonly Condition[];
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
}

/** The largest that the vendor takes. */
const pageSize = 500;
const attempts = 3;
/** A million records; a list that goes on beyond has no end. */
const mostPages = 2_000;

/**
 * Reads a list whole (C11): the vendor's own count equals the distinct ids; otherwise it is read again, and at last `PSA_UNSTABLE_LIST` is
 * thrown.
 */
export function readWholeList<Schema extends z.ZodType<{ id: string }>>(
  client: AutotaskClient,
  query: Query<Schema>,
): Promise<readonly z.output<Schema>[]> {
  return readStable(query, async () => {
    const reply = await client.get(query.what, { path: `${query.path}/query/count`, body: { filter: query.filter } });
    const count = client.parse(query.what, countSchema, reply.value).queryCount;
    if (count === 0) {
      query.onProgress?.(0, 0);
      return [];
    }
    const rows = await readPages(client, query, count);
    return rows?.length === count ? rows : null;
  });
}

/** Reads what a search finds, every page of it: one request when it finds little. */
export function readFound<Schema extends z.ZodType<{ id: string }>>(
  client: AutotaskClient,
  query: Query<Schema>,
): Promise<readonly z.output<Schema>[]> {
  return readStable(query, () => readPages(client, query, null));
}

async function readStable<Row>(query: { readonly what: string }, read: () => Promise<readonly Row[] | null>): Promise<readonly Row[]> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const rows = await read();
    if (rows !== null) return rows;
  }
  throw new RollcallError('PSA_UNSTABLE_LIST', `${productName} (${query.what}): the list did not add up in ${attempts} readings.`, {
    place: { system: productName },
  });
}

/** `null`: an id came twice, a page brought nothing, there are more than there should be, or the tenant was moved meanwhile. */
async function readPages<Schema extends z.ZodType<{ id: string }>>(
  client: AutotaskClient,
  query: Query<Schema>,
  count: number | null,
): Promise<readonly z.output<Schema>[] | null> {
  const rows = new Map<string, z.output<Schema>>();
  const body = { maxRecords: pageSize, includeFields: query.include, filter: query.filter };
  const path = `${query.path}/query`;
  let next: string | null = null;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const reply: AutotaskResult | null =
      next === null ? await client.get(query.what, { path, body }) : await client.getNext(query.what, { path, body, next });
    if (reply === null) return null;
    const page: z.output<typeof pageSchema> = client.parse(query.what, pageSchema, reply.value);
    for (const [index, item] of page.items.entries()) {
      const row = client.parse(`${query.what}, row ${index}`, query.row, item);
      if (rows.has(row.id)) return null;
      rows.set(row.id, row);
    }
    if (count !== null && rows.size > count) return null;
    query.onProgress?.(rows.size, count ?? rows.size);
    next = page.pageDetails.nextPageUrl;
    if (next === null) return [...rows.values()];
    if (page.items.length === 0) return null;
  }
  throw new RollcallError('PSA_ANSWER_INVALID', `${productName} (${query.what}): the list did not come to an end.`, {
    place: { system: productName },
  });
}
