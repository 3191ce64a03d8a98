import { createHash } from 'node:crypto';
import { RollcallError } from '../../../core/errors.ts';
import type { SourceState, SourceStatePage } from '../../../core/ports/store.ts';
import { uploadLimits } from '../protocol/limits.ts';

/** How large the pages of an upload are. */
export interface PageSize {
  readonly records: number;
  /** Of the page's text, in bytes. Text that gzip cannot press stays below the hub's limit as well. */
  readonly textBytes: number;
}

export const largestPages: PageSize = { records: uploadLimits.pageRecords, textBytes: uploadLimits.pageBytes - 64 * 1024 };

/** The next smaller size, for a way on which the larger one does not pass; `null`: there is none. */
export function smallerPages({ records, textBytes }: PageSize): PageSize | null {
  return records <= 10 ? null : { records: Math.max(10, Math.floor(records / 5)), textBytes: Math.floor(textBytes / 5) };
}

export interface Page {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly sha256: string;
}

/** The pages of a state, the same each time: an upload that was cut off goes on where it was. Throws `HUB_UPLOAD_TOO_LARGE`. */
export async function* cutPages(state: Pick<SourceState, 'pages'>, size: PageSize): AsyncGenerator<Page> {
  let number = 0;
  for await (const page of state.pages(size.records)) {
    for (const text of fitting(page, size.textBytes)) {
      number += 1;
      yield { number, text, sha256: createHash('sha256').update(text).digest('hex') };
    }
  }
}

function* fitting(page: SourceStatePage, mostBytes: number): Generator<string> {
  const text = JSON.stringify({ entries: page.entries, absences: page.absences, logons: page.logons });
  const bytes = Buffer.byteLength(text, 'utf8');
  const records = page.entries.length + page.absences.length + page.logons.length;
  if (bytes <= mostBytes || (records <= 1 && bytes <= uploadLimits.pageTextBytes)) {
    yield text;
    return;
  }
  if (records <= 1) {
    throw new RollcallError('HUB_UPLOAD_TOO_LARGE', `A single user is larger (${bytes} bytes) than a hub takes.`, { place: { bytes } });
  }
  for (const half of halves(page)) yield* fitting(half, mostBytes);
}

/** Entries before absences before logons, like the page itself. */
function halves(page: SourceStatePage): readonly SourceStatePage[] {
  const parts: SourceStatePage[] = [
    { entries: page.entries, absences: [], logons: [] },
    { entries: [], absences: page.absences, logons: [] },
    { entries: [], absences: [], logons: page.logons },
  ].filter(({ entries, absences, logons }) => entries.length + absences.length + logons.length > 0);
  if (parts.length > 1) return parts;
  return [0, 1].map((half) => ({
    entries: halfOf(page.entries, half),
    absences: halfOf(page.absences, half),
    logons: halfOf(page.logons, half),
  }));
}

function halfOf<Item>(items: readonly Item[], half: number): readonly Item[] {
  const middle = Math.ceil(items.length / 2);
  return half === 0 ? items.slice(0, middle) : items.slice(middle);
}
