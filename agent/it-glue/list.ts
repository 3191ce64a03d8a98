import { RollcallError } from '../../core/errors.ts';
import { type ItGlueApi, PageTooSlow, type Query } from './api.ts';
import { listDocument } from './schema.ts';

const largestPage = 500;
const smallestPage = 50;
const rounds = 3;

export interface ListRequest<Row> {
  readonly path: string;
  /** Filters and includes; paging and sorting are added. */
  readonly query: Query;
  /** The sort that the route allows; `id` when not given. */
  readonly sort?: string;
  /**
   * Parses one row, `included` being what came with its page. Throws when the row is not of what was asked for
   * (`ITGLUE_FILTER_IGNORED`) or not readable.
   */
  parseRow(row: unknown, included: readonly unknown[]): Row;
  id(row: Row): string;
  /** How to tell that a record was created while several pages were read: the sort that puts the newest first. */
  readonly newest?: { readonly sort: string; isNewer(row: Row, newest: Row): boolean };
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
}

/**
 * Reads a whole list, or throws. It is whole when the announced total equals the number of distinct ids and stayed the same
 * from the first page to the last (C11); else it is read again, three times in all, then `ITGLUE_UNSTABLE_LIST`.
 * One deletion and one creation between two pages leave the total as it was and hide the record that slid over the page's edge.
 * So a list of several pages is compared with the newest record of its beginning: when it holds a newer one, it is unproven too.
 * Pages that take the server too long are asked for again at half the size.
 */
export async function readList<Row>(api: ItGlueApi, request: ListRequest<Row>): Promise<readonly Row[]> {
  let reason = '';
  let size = largestPage;
  for (let round = 1; round <= rounds; round += 1) {
    const result = await readOnce(api, request, size);
    if (result.kind === 'whole') {
      return [...result.rows.values()];
    }
    ({ reason, size } = result);
  }
  throw new RollcallError('ITGLUE_UNSTABLE_LIST', `IT Glue: the list ${request.path} was read ${rounds} times and ${reason}.`, {
    place: { path: request.path },
  });
}

type Round<Row> =
  | { readonly kind: 'whole'; readonly rows: ReadonlyMap<string, Row> }
  | { readonly kind: 'unproven'; readonly reason: string; readonly size: number };

async function readOnce<Row>(api: ItGlueApi, request: ListRequest<Row>, firstSize: number): Promise<Round<Row>> {
  const rows = new Map<string, Row>();
  let size = firstSize;
  let read = 0;
  let pages = 0;
  let total: number | null = null;
  let newest: Row | null = null;

  for (;;) {
    const number = Math.floor(read / size) + 1;
    let page: Page;
    try {
      page = await readPage(api, request, { number, size });
    } catch (error) {
      if (!(error instanceof PageTooSlow)) {
        throw error;
      }
      if (size <= smallestPage) {
        throw error.failure;
      }
      // The rows read so far stay: the next page begins at or before the first that is missing.
      size = Math.max(smallestPage, Math.floor(size / 2));
      continue;
    }

    pages += 1;
    if (total !== null && total !== page.total) {
      return { kind: 'unproven', reason: `its length changed from ${total} to ${page.total} while it was read`, size };
    }
    total = page.total;
    const known = rows.size;
    for (const row of parsePage(request, page)) {
      rows.set(request.id(row), row);
    }
    // After the page became smaller, the next one may begin with rows that were read already.
    const overlap = read - (number - 1) * size;
    if (page.items.length - (rows.size - known) > overlap) {
      return { kind: 'unproven', reason: 'gave a record twice', size };
    }
    read = (number - 1) * size + page.items.length;
    request.onProgress?.(Math.min(rows.size, total), total);

    const endsHere = read >= total || rows.size === known;
    if (!endsHere) {
      if (page.items.length < size) {
        if (page.items.length < smallestPage) {
          return { kind: 'unproven', reason: `had a page of ${page.items.length} records in its middle`, size };
        }
        // The server's own limit is lower than what was asked for.
        size = page.items.length;
      }
      if (pages === 1 && request.newest !== undefined) {
        newest = await readNewest(api, request, request.newest.sort);
      }
      continue;
    }
    if (rows.size !== total) {
      return { kind: 'unproven', reason: `gave ${rows.size} records where ${total} were announced`, size };
    }
    if (newest !== null && hasNewer(rows.values(), request, newest)) {
      return { kind: 'unproven', reason: 'records were created while it was read', size };
    }
    return { kind: 'whole', rows };
  }
}

async function readNewest<Row>(api: ItGlueApi, request: ListRequest<Row>, sort: string): Promise<Row | null> {
  try {
    const page = await readPage(api, request, { number: 1, size: 1, sort });
    return parsePage(request, page)[0] ?? null;
  } catch (error) {
    throw error instanceof PageTooSlow ? error.failure : error;
  }
}

function hasNewer<Row>(rows: Iterable<Row>, request: ListRequest<Row>, newest: Row): boolean {
  for (const row of rows) {
    if (request.newest?.isNewer(row, newest) === true) {
      return true;
    }
  }
  return false;
}

function parsePage<Row>(request: ListRequest<Row>, page: Page): readonly Row[] {
  return page.items.map((item) => request.parseRow(item, page.included));
}

interface Page {
  readonly items: readonly unknown[];
  readonly included: readonly unknown[];
  readonly total: number;
}

async function readPage<Row>(
  api: ItGlueApi,
  request: ListRequest<Row>,
  page: { readonly number: number; readonly size: number; readonly sort?: string },
): Promise<Page> {
  const query = {
    ...request.query,
    sort: page.sort ?? request.sort ?? 'id',
    'page[number]': String(page.number),
    'page[size]': String(page.size),
  };
  const { json } = await api.readPage(request.path, query, page.size > smallestPage ? 2 : undefined);
  const parsed = listDocument.safeParse(json);
  if (!parsed.success) {
    throw new RollcallError('ITGLUE_ANSWER_INVALID', `IT Glue: the answer to GET ${request.path} is not a list with its length.`, {
      place: { path: request.path },
    });
  }
  return {
    items: parsed.data.data,
    included: parsed.data.included ?? [],
    total: parsed.data.meta['total-count'],
  };
}
