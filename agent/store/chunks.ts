/** SQLite takes 32,766 parameters a statement, PostgreSQL 65,535; 128 rows of our widest table stay far below. */
const largestChunk = 128;

/**
 * Cuts rows into pieces of 128, 64, 32 … 1: few different lengths, so that few different statements are prepared and the
 * statement cache holds them all.
 */
export function* chunks<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  let start = 0;
  let size = largestChunk;
  while (start < rows.length) {
    while (size > rows.length - start) {
      size /= 2;
    }
    yield rows.slice(start, start + size);
    start += size;
  }
}
