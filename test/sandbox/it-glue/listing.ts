import type { Answer, Handling } from '../exchange.ts';
import { idNumber } from '../json.ts';
import { kebab } from './document.ts';
import { badRequest } from './refusals.ts';
import type { ItGlueSwitches } from './switches.ts';

/** A JSON:API resource object. */
export interface ResourceObject {
  readonly id: unknown;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships?: Readonly<Record<string, unknown>>;
}

export interface Rendered {
  readonly resource: ResourceObject;
  readonly included: readonly ResourceObject[];
}

type Sortable = string | number | boolean | null;

/** What a resource's lists can do. Names of sorts, filters and includes are in snake case. */
export interface ListRules<Row> {
  readonly sorts: Readonly<Record<string, (row: Row) => Sortable>>;
  readonly filters: Readonly<Record<string, (row: Row, value: string, filters: ReadonlyMap<string, readonly string[]>) => boolean>>;
  /** Filters that must come with another one. */
  readonly filterNeeds?: Readonly<Record<string, string>>;
  readonly includes: readonly string[];
  readonly name: (row: Row) => string;
  readonly render: (row: Row, includes: ReadonlySet<string>) => Rendered;
  /** Reference data, whose paging is doubtful. */
  readonly reference?: boolean;
}

export interface ListPlace {
  readonly switches: ItGlueSwitches;
  /** The sandbox's address, for links. */
  readonly url: string;
  /** Below `/organizations/ID/relationships/`. */
  readonly nested: boolean;
}

/** Answers a list: filters, sort, page, links and meta. */
export function answerList<Row extends { readonly id: string }>(
  handling: Handling,
  place: ListPlace,
  rows: readonly Row[],
  { rules, everything }: { readonly rules: ListRules<Row>; readonly everything: readonly Row[] },
): Answer {
  const filters = readFilters(handling, place, rules);
  const compare = readOrder(handling, place, rules);
  const includes = readIncludes(handling, rules.includes);
  const page = readPage(handling, place.switches, rules.reference ?? false);

  const candidates = handling.listFaults.has('filter-ignored') ? everything : rows.filter((row) => passes(row, filters, rules));
  const found = [...candidates].sort(compare);
  const start = (page.number - 1) * page.size;
  const shown = found.slice(start, start + page.size);
  const repeated = found[start === 0 ? 0 : start - 1];
  if (handling.listFaults.has('duplicate-id') && repeated !== undefined) {
    shown.unshift(repeated);
  }

  const rendered = shown.map((row) => rules.render(row, includes));
  const total = found.length + (handling.listFaults.has('wrong-total') ? 3 : 0);
  const pages = Math.ceil(total / page.size);
  return {
    status: 200,
    body: {
      data: rendered.map((row) => row.resource),
      ...includedMember(rendered, includes, place.switches),
      meta: {
        'current-page': page.number,
        'next-page': page.number < pages ? page.number + 1 : null,
        'prev-page': page.number > 1 ? page.number - 1 : null,
        'total-pages': pages,
        'total-count': total,
        filters: {},
      },
      links: links(handling, place.url, page, pages),
    },
  };
}

/** Answers with one record and what it includes. */
export function answerOne(rendered: Rendered, status: number, includes: ReadonlySet<string>, switches: ItGlueSwitches): Answer {
  return { status, body: { data: rendered.resource, ...includedMember([rendered], includes, switches) } };
}

/** The includes that were asked for, in snake case. */
export function readIncludes(handling: Handling, known: readonly string[]): ReadonlySet<string> {
  const asked = (handling.request.query.get('include') ?? '').split(',').filter((name) => name !== '');
  const names = asked.map((name) => name.trim().replaceAll('-', '_'));
  for (const name of names) {
    if (!known.includes(name)) {
      throw badRequest(`Cannot include ${name}`);
    }
  }
  return new Set(names);
}

/** Filters as sent: comma-separated values, a backslash keeps a comma. */
export function sentFilters(handling: Handling): ReadonlyMap<string, readonly string[]> {
  const filters = new Map<string, readonly string[]>();
  for (const [key, value] of handling.request.query) {
    const name = /^filter\[(.+)\]$/.exec(key)?.[1];
    if (name !== undefined) {
      filters.set(kebab(name).replaceAll('-', '_'), splitValues(value));
    }
  }
  return filters;
}

/** Orders ids as numbers, whatever their size. */
export function compareIds(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : Number(one > other));
}

function readFilters<Row>(handling: Handling, place: ListPlace, rules: ListRules<Row>): ReadonlyMap<string, readonly string[]> {
  const filters = new Map<string, readonly string[]>();
  for (const [name, values] of sentFilters(handling)) {
    const known = Object.hasOwn(rules.filters, name);
    if (!known && place.switches.unknownFilter === 'refused') {
      throw badRequest(`No such filter: ${name}`);
    }
    if (!known || (place.nested && place.switches.nestedFilters === 'ignored')) {
      handling.dropped.push(`filter ${name}`);
    } else {
      filters.set(name, values);
    }
  }
  for (const [name, needed] of Object.entries(rules.filterNeeds ?? {})) {
    if (filters.has(name) && !filters.has(needed)) {
      throw badRequest(`The filter ${name} needs the filter ${needed}`);
    }
  }
  return filters;
}

function passes<Row>(row: Row, filters: ReadonlyMap<string, readonly string[]>, rules: ListRules<Row>): boolean {
  for (const [name, values] of filters) {
    const filter = rules.filters[name];
    if (filter !== undefined && !values.some((value) => filter(row, value, filters))) {
      return false;
    }
  }
  return true;
}

function splitValues(text: string): readonly string[] {
  return text.split(/(?<!\\),/).map((value) => value.replaceAll('\\,', ','));
}

function readOrder<Row extends { readonly id: string }>(
  handling: Handling,
  place: ListPlace,
  rules: ListRules<Row>,
): (one: Row, other: Row) => number {
  const keys: { descending: boolean; compare: (one: Row, other: Row) => number }[] = [];
  for (const term of (handling.request.query.get('sort') ?? '').split(',').filter((text) => text !== '')) {
    const descending = term.startsWith('-');
    const name = term.replace(/^-/, '').replaceAll('-', '_');
    const key = Object.hasOwn(rules.sorts, name) ? rules.sorts[name] : undefined;
    if (key === undefined) {
      if (place.switches.unknownSort === 'refused') {
        throw badRequest(`Cannot sort by ${name}`);
      }
      handling.dropped.push(`sort ${name}`);
    } else if (name === 'id') {
      keys.push({ descending, compare: (one, other) => compareIds(one.id, other.id) });
    } else {
      keys.push({ descending, compare: (one, other) => compareValues(key(one), key(other)) });
    }
  }
  if (keys.length === 0 && place.switches.defaultOrder === 'name') {
    keys.push({ descending: false, compare: (one, other) => compareValues(rules.name(one), rules.name(other)) });
  }
  return (one, other) => {
    for (const { descending, compare } of keys) {
      const order = compare(one, other);
      if (order !== 0) {
        return descending ? -order : order;
      }
    }
    return compareIds(one.id, other.id);
  };
}

function compareValues(one: Sortable, other: Sortable): number {
  if (one === other) {
    return 0;
  }
  if (one === null || other === null) {
    return one === null ? 1 : -1;
  }
  return one < other ? -1 : 1;
}

interface Page {
  readonly number: number;
  readonly size: number;
}

function readPage(handling: Handling, switches: ItGlueSwitches, reference: boolean): Page {
  const { query } = handling.request;
  const paged = query.has('page[number]') || query.has('page[size]');
  if (reference && paged && switches.referencePaging === 'refused') {
    throw badRequest('This resource takes no page parameters');
  }
  const number = Number(query.get('page[number]') ?? '1');
  const size = Number(query.get('page[size]') ?? '50');
  if (!Number.isInteger(number) || !Number.isInteger(size) || number < 1 || size < 1) {
    throw badRequest('Page number and page size must be positive integers');
  }
  if (size > 1000 && switches.pageSizeOverMaximum === 'refused') {
    throw badRequest('The page size is at most 1000');
  }
  return { number, size: Math.min(size, 1000) };
}

function links(handling: Handling, url: string, page: Page, pages: number): Record<string, string | null> {
  const address = (number: number | null): string | null => {
    if (number === null) {
      return null;
    }
    const query = new URLSearchParams(handling.request.query);
    query.set('page[number]', String(number));
    query.set('page[size]', String(page.size));
    return `${url}${handling.request.path}?${query.toString()}`;
  };
  return {
    self: address(page.number),
    first: address(1),
    prev: address(page.number > 1 ? page.number - 1 : null),
    next: address(page.number < pages ? page.number + 1 : null),
    last: address(Math.max(1, pages)),
  };
}

function includedMember(
  rendered: readonly Rendered[],
  includes: ReadonlySet<string>,
  switches: ItGlueSwitches,
): { readonly included?: readonly ResourceObject[] } {
  if (includes.size === 0) {
    return {};
  }
  const seen = new Set<string>();
  const included: ResourceObject[] = [];
  for (const resource of rendered.flatMap((row) => row.included)) {
    const key = `${resource.type} ${String(resource.id)}`;
    if (!seen.has(key)) {
      seen.add(key);
      included.push(switches.includedIds === 'number' ? { ...resource, id: idNumber(String(resource.id)) } : resource);
    }
  }
  return { included };
}
