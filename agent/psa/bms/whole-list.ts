import { RollcallError } from '../../../core/errors.ts';

interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** The announced total of the whole list; `null` when the answer had none. */
  readonly total: number | null;
}

interface ListReading<Row> {
  readonly productName: string;
  /** What is listed, for messages. */
  readonly what: string;
  /** Reads one page; the first is 1. */
  readonly readPage: (page: number) => Promise<ListPage<Row>>;
  readonly idOf: (row: Row) => string;
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
}

const attempts = 3;
/** A list that announces more than this is none: it would be read for days. */
const mostRows = 500_000;

/**
 * Reads a paged list whole (C11): the announced total equals the distinct ids and did not change meanwhile; otherwise it is read
 * again, and at last `PSA_UNSTABLE_LIST` is thrown. It does not trust the page size: servers may give fewer rows than asked for.
 */
export async function readWholeList<Row>(reading: ListReading<Row>): Promise<readonly Row[]> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const rows = await readOnce(reading);
    if (rows !== null) return rows;
  }
  throw new RollcallError('PSA_UNSTABLE_LIST', `${reading.productName}: ${reading.what} did not add up in ${attempts} readings.`, {
    place: { system: reading.productName },
  });
}

async function readOnce<Row>(reading: ListReading<Row>): Promise<readonly Row[] | null> {
  const byId = new Map<string, Row>();
  let announced: number | null = null;
  for (let page = 1; ; page += 1) {
    const { rows, total } = await reading.readPage(page);
    if (total === null || total > mostRows) {
      const problem = total === null ? 'came without a total' : `announces ${total} rows, which is beyond belief`;
      throw new RollcallError('PSA_ANSWER_INVALID', `${reading.productName}: ${reading.what} ${problem}.`, {
        place: { system: reading.productName },
      });
    }
    announced ??= total;
    for (const row of rows) {
      if (byId.has(reading.idOf(row))) return null;
      byId.set(reading.idOf(row), row);
    }
    if (total !== announced || byId.size > total) return null;
    reading.onProgress?.(byId.size, total);
    if (byId.size === total) return [...byId.values()];
    if (rows.length === 0) return null;
  }
}
