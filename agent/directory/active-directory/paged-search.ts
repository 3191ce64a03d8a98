import { createHash } from 'node:crypto';
import type { Control } from 'ldapts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import { BerError, type BerReader } from './ber-reader.ts';
import { describeResult, resultCodes, searchError } from './ldap-error.ts';
import { pagedResults } from './messages.ts';
import type { DirectorySession } from './session.ts';

export interface PagedWords {
  readonly base: string;
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
  readonly pageSize: number;
  /** Names the base in errors. */
  readonly what: string;
  /** Besides the one for paging. */
  readonly controls?: readonly Control[];
}

export interface PageSink {
  readonly onEntry: (reader: BerReader) => void;
  readonly onReference?: (urls: readonly string[]) => void;
  /** Awaited before the next page is asked for; tells how many entries of the page were new. */
  readonly onPage?: () => Promise<number>;
}

/** Pages without anything new, one after the other, after which a server is taken to be going round in circles. */
const maxBarrenPages = 1000;
/** More than this in one page no server may send, whatever was asked for. */
const maxPageEntries = 1000;
/** A page is held until its end; 64 KiB for each entry of the largest one are many times what users have. */
const maxPageBytes = 64 * 1024 * 1024;
/** What is not handed on page by page is kept to the end: containers, groups, members. Names of a million objects have room in it. */
const maxKeptBytes = 256 * 1024 * 1024;
/** More than any domain that this product is for; without a limit a hostile server fills the memory with ids. */
const maxEntries = 2_000_000;

const limits: ReadonlyMap<number, string> = new Map([
  [resultCodes.timeLimitExceeded, 'time limit'],
  [resultCodes.sizeLimitExceeded, 'size limit'],
  [resultCodes.adminLimitExceeded, 'administrative limit'],
]);

/**
 * Reads a subtree page by page to the proven end: an answer whose cookie is empty. A page may be empty and still have a cookie;
 * what goes on is decided by the cookie alone (C1; ldapts' own paging would stop there). Returns why the end is not proven, or
 * `null` when it is. Other failures are thrown.
 */
export async function searchPages(
  session: Pick<DirectorySession, 'directory' | 'server' | 'search'>,
  words: PagedWords,
  sink: PageSink,
): Promise<string | null> {
  const { base, filter, attributes, pageSize, what } = words;
  let cookie: Buffer | null = null;
  let barren = 0;
  let total = 0;
  let totalBytes = 0;
  const pages = sink.onPage === undefined ? new SeenPages() : null;
  for (;;) {
    let entries = 0;
    let bytes = 0;
    const result = await session.search(
      { base, scope: 'sub', filter, attributes, controls: [pagedResults(pageSize, cookie), ...(words.controls ?? [])] },
      {
        onEntry: (reader) => {
          entries += 1;
          bytes += reader.end - reader.position;
          if (entries > maxPageEntries) throw new BerError('more entries than a page may have');
          if (bytes > maxPageBytes) throw new BerError(`a page of more than ${maxPageBytes} bytes`);
          pages?.add(reader);
          sink.onEntry(reader);
        },
        ...(sink.onReference === undefined ? {} : { onReference: sink.onReference }),
      },
    );
    const limit = limits.get(result.code);
    if (result.code !== resultCodes.success && limit === undefined) {
      throw searchError(result, what, { directory: session.directory, server: session.server, base });
    }
    const fresh = (await sink.onPage?.()) ?? (pages?.endPage() === true ? entries : 0);
    if (limit !== undefined) return `the server's ${limit} ended the reading of ${what}: ${describeResult(result)}`;
    if (result.cookie === null) return `the server did not say whether ${what} was read to its end`;
    if (result.cookie.length === 0) return null;
    barren = fresh > 0 ? 0 : barren + 1;
    if (barren >= maxBarrenPages) return `the server sent ${barren} pages of ${what} with nothing new in them, and no end`;
    total += entries;
    if (total > maxEntries) return `the server sent more than ${maxEntries} entries of ${what}, and no end`;
    totalBytes += bytes;
    if (pages !== null && totalBytes > maxKeptBytes) return `the server sent more than ${maxKeptBytes} bytes of ${what}, and no end`;
    cookie = result.cookie;
  }
}

/** Tells a page that was there before, for searches that do not look at their entries one by one. */
class SeenPages {
  private readonly digests = new Set<string>();
  private page = createHash('sha256');

  add(reader: BerReader): void {
    this.page.update(reader.bytes.subarray(reader.position, reader.end));
  }

  /** Whether the page that ends is a new one. */
  endPage(): boolean {
    const digest = this.page.digest('base64');
    this.page = createHash('sha256');
    const isNew = !this.digests.has(digest);
    this.digests.add(digest);
    return isNew;
  }
}
