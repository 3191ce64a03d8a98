import { randomUUID } from 'node:crypto';
import { entryNamed, isDeleted, isInScope, type LdapEntry } from './entry.ts';
import type { SearchKind } from './faults.ts';
import { filterText, meetsFilter } from './filter.ts';
import type { LdapRequest, LdapResult, Paging, SearchRequest } from './message.ts';

/** AD's limits (facts: MaxPageSize, MaxValRange). */
const maxPageSize = 1000;
const maxValues = 1500;
/** Show deleted objects, and recycled ones: this server keeps no difference. */
const showDeleted: ReadonlySet<string> = new Set(['1.2.840.113556.1.4.417', '1.2.840.113556.1.4.2064']);

type Search = LdapRequest & { readonly operation: 'search' };

export interface Page {
  readonly number: number;
  readonly entries: readonly LdapEntry[];
  readonly result: LdapResult;
  /** Cookie for what follows, empty at the end; `null` when the search was not paged. */
  readonly cookie: string | null;
  /** Cookies that lead to this page again, and on. */
  again(): string;
}

interface Position {
  readonly key: string;
  readonly found: readonly LdapEntry[];
  readonly offset: number;
  readonly number: number;
}

/** Tells what a search is for, from its own words alone. */
export function kindOf(request: SearchRequest): SearchKind {
  if (request.base === '' && request.scope === 'base') return 'root';
  if (request.attributes.some((name) => /;range=/i.test(name))) return 'range';
  if (filterText(request.filter).includes('805306368')) return 'users';
  return request.scope === 'base' ? 'entry' : 'other';
}

/** Searches of one connection over a list of entries, with cookies that only this connection knows. */
export class EntrySearch {
  readonly #entries: readonly LdapEntry[];
  readonly #contexts: readonly string[];
  readonly #positions = new Map<string, Position>();

  constructor(entries: readonly LdapEntry[], contexts: readonly string[]) {
    this.#entries = entries;
    this.#contexts = contexts;
  }

  find(request: Search, paging: Paging | null): Page {
    const problem = this.#problemWith(request);
    if (problem !== null) return lonePage([], problem);
    const key = JSON.stringify([request.base, request.scope, filterText(request.filter)]);
    if (paging === null) return this.#unpaged(this.#matching(request), request);
    const known = this.#positions.get(paging.cookie);
    if (paging.cookie !== '' && known?.key !== key) {
      return lonePage([], { code: 12, message: '00000057: LdapErr: DSID-0C0907E1, comment: Error processing control, data 0, v4f7c' });
    }
    return this.#paged(known ?? { key, found: this.#matching(request), offset: 0, number: 1 }, paging.size, request);
  }

  #problemWith(request: Search): LdapResult | null {
    if (request.base === '') return null;
    const named = this.#named(request);
    if (named !== undefined && named.hidden !== 'referral') return null;
    const home = this.#contexts.find((context) => isInScope(request.base, context, 'sub'));
    if (named === undefined && (home !== undefined || request.base.startsWith('<GUID=')))
      return { code: 32, message: '0000208D: NameErr: DSID-0310028F, problem 2001 (NO_OBJECT), data 0', matchedDn: home ?? '' };
    return {
      code: 10,
      message: '0000202B: RefErr: DSID-0310084A, data 0, 1 access points',
      referrals: [`ldap://other.example.test/${request.base}`],
    };
  }

  /** The entry that the base names, as far as the account may see it. */
  #named(request: Search): LdapEntry | undefined {
    const named = entryNamed(request.base, this.#visible(request));
    return named?.hidden === 'no-object' ? undefined : named;
  }

  #visible({ controls }: Search): readonly LdapEntry[] {
    return controls.some((control) => showDeleted.has(control)) ? this.#entries : this.#entries.filter((entry) => !isDeleted(entry));
  }

  #matching(request: Search): LdapEntry[] {
    const base = this.#named(request)?.dn ?? request.base;
    return this.#visible(request).filter((entry) => {
      if (entry.dn === '' && !(request.base === '' && request.scope === 'base')) return false;
      if (entry.hidden !== undefined && !(entry.hidden === 'bare' && request.scope === 'base')) return false;
      return isInScope(entry.dn, base, request.scope) && meetsFilter(request.filter, entry, this.#entries);
    });
  }

  #unpaged(found: readonly LdapEntry[], request: SearchRequest): Page {
    const limit = request.sizeLimit > 0 ? Math.min(request.sizeLimit, maxPageSize) : maxPageSize;
    const entries = found.slice(0, limit).map((entry) => project(entry, request.attributes));
    return lonePage(entries, found.length > limit ? { code: 4, message: '' } : { code: 0 });
  }

  #paged(position: Position, size: number, request: SearchRequest): Page {
    const end = position.offset + Math.max(1, Math.min(size, maxPageSize));
    const entries = position.found.slice(position.offset, end).map((entry) => project(entry, request.attributes));
    const cookie = end < position.found.length ? this.#keep({ ...position, offset: end, number: position.number + 1 }) : '';
    return {
      number: position.number,
      entries,
      result: { code: 0 },
      cookie,
      again: () => this.#keep({ ...position, number: position.number + 1 }),
    };
  }

  #keep(position: Position): string {
    const cookie = randomUUID();
    this.#positions.set(cookie, position);
    return cookie;
  }
}

function lonePage(entries: readonly LdapEntry[], result: LdapResult): Page {
  return { number: 1, entries, result, cookie: null, again: () => '' };
}

/** Attributes that AD hands out only when they are asked for by name. */
const onlyByName = /^(msds-user|allowedattributes|tokengroups|msds-resultantpso)/i;

function project(entry: LdapEntry, asked: readonly string[]): LdapEntry {
  const names = new Map(asked.map((name) => [name.replace(/;range=.*$/i, '').toLowerCase(), name]));
  const all = asked.length === 0 || names.has('*');
  const attributes: Record<string, readonly (string | Uint8Array)[]> = {};
  if (entry.hidden === 'bare') return { dn: entry.dn, attributes };
  const own = Object.entries({ ...(entry.dn === '' ? {} : { distinguishedName: [entry.dn] }), ...entry.attributes });
  for (const [name, values] of own) {
    const wanted = names.get(name.toLowerCase());
    if (values.length === 0 || (wanted === undefined && (!all || onlyByName.test(name)))) continue;
    const range = rangeOf(wanted ?? name, values.length);
    if (range === null) attributes[name] = values;
    else attributes[`${name};range=${range.start}-${range.end ?? '*'}`] = values.slice(range.start, (range.end ?? values.length) + 1);
  }
  return { dn: entry.dn, attributes };
}

/** The part of a long value list that one answer carries (MS-ADTS 3.1.1.3.1.3.3); `end` is `null` for the last part. */
function rangeOf(wanted: string, count: number): { readonly start: number; readonly end: number | null } | null {
  const asked = /;range=(\d+)-(\d+|\*)$/i.exec(wanted);
  if (asked === null && count <= maxValues) return null;
  const start = Number(asked?.[1] ?? 0);
  const last = asked?.[2] === undefined || asked[2] === '*' ? Number.POSITIVE_INFINITY : Number(asked[2]);
  const end = Math.min(last, start + maxValues - 1);
  return { start, end: end >= count - 1 ? null : end };
}
