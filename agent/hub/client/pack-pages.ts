import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SourceState } from '../../../core/ports/store.ts';
import { cutPages, type PageSize } from './cut-pages.ts';

const press = promisify(gzip);

/** Pages that are packed before they are sent are kept up to so many bytes; what is beyond is cut and pressed once more. */
const mostKeptBytes = 8 * 1024 * 1024;

/** A page as it is sent. */
interface PackedPage {
  /** From 1. */
  readonly number: number;
  readonly sha256: string;
  readonly gzip: Uint8Array;
}

/** A state cut into pages: an upload names all of them before the first one is sent. */
export interface PackedState {
  /** SHA-256 of the text of each page, in their order. */
  readonly digests: readonly string[];
  /** The pages with these numbers, in their order, one at a time. */
  pages(numbers: ReadonlySet<number>): AsyncIterable<PackedPage>;
}

/** Cuts a state once, and keeps what it has packed as long as that is little. Throws `HUB_UPLOAD_TOO_LARGE`. */
export async function packState(state: Pick<SourceState, 'pages'>, size: PageSize, mostBytes = mostKeptBytes): Promise<PackedState> {
  const digests: string[] = [];
  const kept = new Map<number, PackedPage>();
  let keptBytes = 0;
  let isFull = false;
  let pressing: Promise<void> = Promise.resolve();
  const keep = async (number: number, sha256: string, text: string): Promise<void> => {
    const gzip = await press(text);
    isFull ||= keptBytes + gzip.length > mostBytes;
    if (isFull) return;
    keptBytes += gzip.length;
    kept.set(number, { number, sha256, gzip });
  };
  for await (const { number, text, sha256 } of cutPages(state, size)) {
    digests.push(sha256);
    // One is pressed, by another thread, while the next one is read.
    await pressing;
    if (!isFull) pressing = keep(number, sha256, text);
    // Who waits for it is told, once the page after it was read.
    pressing.catch(() => undefined);
  }
  await pressing;
  return { digests, pages: (numbers) => pagesOf({ state, size, kept }, numbers) };
}

interface Packing {
  readonly state: Pick<SourceState, 'pages'>;
  readonly size: PageSize;
  readonly kept: ReadonlyMap<number, PackedPage>;
}

async function* pagesOf({ state, size, kept }: Packing, numbers: ReadonlySet<number>): AsyncGenerator<PackedPage> {
  const wanted = [...numbers].sort((left, right) => left - right);
  for (const number of wanted) {
    const page = kept.get(number);
    if (page !== undefined) yield page;
  }
  // Those that are kept are the first ones, so the order is the same.
  const others = new Set(wanted.filter((number) => !kept.has(number)));
  if (others.size === 0) return;
  for await (const { number, text, sha256 } of cutPages(state, size)) {
    if (!others.delete(number)) continue;
    yield { number, sha256, gzip: await press(text) };
    if (others.size === 0) return;
  }
}
