import { createHash } from 'node:crypto';
import type { QueryExecutorProvider } from 'kysely';
import { toJson } from '../json.ts';
import { keyOf, type Row, rowsAfter, type Table, type Value } from './moved-tables.ts';

/** What a table holds, in short: equal where all rows are equal. */
export interface Digest {
  readonly rows: number;
  /** SHA-256 over all rows in the order of their keys, hexadecimal. */
  readonly checksum: string;
}

/** Of all rows, or of so many from the first on. */
export async function digest(
  db: QueryExecutorProvider,
  table: Table,
  count: (rows: number) => void,
  most = Number.POSITIVE_INFINITY,
): Promise<Digest> {
  const hash = createHash('sha256');
  let total = 0;
  let after: readonly Value[] | null = null;
  for (;;) {
    const rows: readonly Row[] = (await rowsAfter(db, table, after)).slice(0, most - total);
    const last = rows.at(-1);
    if (last === undefined) return { rows: total, checksum: hash.digest('hex') };
    for (const row of rows) hash.update(`${toJson(Object.entries(row).sort(([one], [two]) => (one < two ? -1 : 1)))}\n`);
    total += rows.length;
    after = keyOf(table, last);
    count(rows.length);
  }
}
