import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import { compareIds } from '../identity.ts';
import type { ConnectWiseClient, Query } from './client.ts';
import { allOf, idAbove } from './conditions.ts';
import { connectWiseName } from './product.ts';
import { countSchema } from './schema.ts';

interface Listing<Row> {
  /** In words, for messages. */
  readonly what: string;
  readonly path: string;
  readonly schema: z.ZodType<Row>;
  readonly conditions?: readonly string[];
  readonly query?: Query;
  /** More rows than this mean that the conditions were not applied. */
  readonly atMost?: number;
}

/** A list that the API counts too. */
interface CountedListing<Row> extends Listing<Row> {
  readonly countPath: string;
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
}

/** Rows a page; the vendor allows 1,000. */
const pageSize = 500;
const attempts = 3;
const pages = 2_000;

/**
 * Reads a list to its end. The `Link` header says whether there is more (so does a full page without one); its address is never
 * followed, it may name another host. What follows is asked for by the last id instead of the page's number, so that a record that is
 * deleted meanwhile shifts no other out of sight.
 */
export async function readList<Row extends { readonly id: string }>(
  client: ConnectWiseClient,
  listing: Listing<Row>,
): Promise<readonly Row[]> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const rows = await readOnce(client, listing);
    if (rows !== null) return rows;
  }
  throw unstable(listing.what);
}

/** Reads a list whole (C11): as many distinct ids as the API counts; otherwise it is read again, and at last given up. */
export async function readWholeList<Row extends { readonly id: string }>(
  client: ConnectWiseClient,
  listing: CountedListing<Row>,
): Promise<readonly Row[]> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const query = { ...listing.query, conditions: allOf(listing.conditions ?? []) };
    const counted = await client.get(listing.what, { path: listing.countPath, query });
    const { count } = client.parse(listing.what, countSchema, counted.value);
    const rows = await readOnce(client, listing, (read) => listing.onProgress?.(read, count));
    if (rows?.length === count) return rows;
  }
  throw unstable(listing.what);
}

/** `null`: the rows are not in order of their ids, or one came twice. */
async function readOnce<Row extends { readonly id: string }>(
  client: ConnectWiseClient,
  { what, path, schema, conditions = [], query = {}, atMost = Number.POSITIVE_INFINITY }: Listing<Row>,
  onPage?: (read: number) => void,
): Promise<readonly Row[] | null> {
  const all: Row[] = [];
  for (let page = 1; page <= pages; page += 1) {
    const last = all.at(-1);
    const wanted = allOf([...conditions, ...(last === undefined ? [] : [idAbove(last.id)])]);
    const reply = await client.get(what, { path, query: { ...query, conditions: wanted, orderBy: 'id', pageSize: String(pageSize) } });
    const rows = client.parse(what, z.array(schema), reply.value);
    for (const row of rows) {
      const before = all.at(-1);
      if (before !== undefined && compareIds(row.id, before.id) <= 0) return null;
      all.push(row);
    }
    if (all.length > atMost) {
      throw new RollcallError('PSA_ANSWER_INVALID', `${connectWiseName} answered a search with more than ${atMost} rows (${what}).`, {
        place: { system: connectWiseName },
      });
    }
    onPage?.(all.length);
    const hasMore = /rel\s*=\s*"?next\b/i.test(reply.headers['link'] ?? '') || rows.length >= pageSize;
    if (!hasMore || rows.length === 0) return all;
  }
  return null;
}

function unstable(what: string): RollcallError {
  return new RollcallError('PSA_UNSTABLE_LIST', `${connectWiseName}: ${what} did not add up in ${attempts} readings.`, {
    place: { system: connectWiseName },
  });
}
