import type { Handling } from '../exchange.ts';
import type { Tenant } from './envelope.ts';
import { failure } from './envelope.ts';

/** Filters of a request by lower-case name, without `Filter.`; several values of one name are alternatives. */
type SentFilters = ReadonlyMap<string, readonly string[]>;

/** How one filter decides; gets the sent value. */
export type FilterRules<Row> = Readonly<Record<string, (row: Row, value: string) => boolean>>;

/** The rows that pass all filters; filters that the route does not have are dropped without a word. */
export function filterRows<Row>(handling: Handling, rows: readonly Row[], rules: FilterRules<Row>): readonly Row[] {
  const filters = readFilters(handling);
  const known = new Map(Object.entries(rules).map(([name, rule]) => [name.toLowerCase(), rule]));
  let found = rows;
  for (const [name, values] of filters) {
    const rule = known.get(name);
    if (rule === undefined) {
      handling.dropped.push(`filter ${name}`);
    } else if (!handling.listFaults.has('filter-ignored')) {
      found = found.filter((row) => values.some((value) => rule(row, value)));
    }
  }
  return found;
}

export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** Cuts the page out that `PageSize` and `PageNumber` (from 1) ask for; rows are in the order of their ids unless sorted. */
export function cutPage<Row extends { readonly id: number }>(
  tenant: Tenant,
  handling: Handling,
  rows: readonly Row[],
  sorts: Readonly<Record<string, (row: Row) => string | number>>,
): PageOf<Row> {
  const { defaultPageSize, maximumPageSize } = tenant.switches;
  const size = readNumber(tenant, handling, 'pagesize', defaultPageSize);
  const number = readNumber(tenant, handling, 'pagenumber', 1);
  if (size > maximumPageSize) {
    handling.dropped.push(`page size ${size}`);
  }
  const found = sortRows(handling, rows, sorts);
  const used = Math.min(size, maximumPageSize);
  const start = (number - 1) * used;
  const page = found.slice(start, start + used);
  const repeated = found[start === 0 ? 0 : start - 1];
  if (handling.listFaults.has('duplicate-id') && repeated !== undefined) {
    page.unshift(repeated);
  }
  return { rows: page, total: found.length + (handling.listFaults.has('wrong-total') ? 3 : 0) };
}

/** A text filter as the switch has it, without regard to case. */
export function textMatches(tenant: Tenant, value: string | null, wanted: string): boolean {
  const text = (value ?? '').toLowerCase();
  return tenant.switches.search === 'exact' ? text === wanted.toLowerCase() : text.includes(wanted.toLowerCase());
}

/** True when the filter was sent. */
export function isFiltered(handling: Handling, name: string): boolean {
  return readFilters(handling).has(name.toLowerCase());
}

function readFilters(handling: Handling): SentFilters {
  const filters = new Map<string, string[]>();
  for (const [key, value] of handling.request.query) {
    const name = /^filter\.(.+)$/i.exec(key)?.[1]?.toLowerCase();
    if (name !== undefined && value !== '') {
      filters.set(name, [...(filters.get(name) ?? []), value]);
    }
  }
  return filters;
}

function readNumber(tenant: Tenant, handling: Handling, name: string, standard: number): number {
  const sent = [...handling.request.query].find(([key]) => key.toLowerCase() === name)?.[1];
  const number = sent === undefined ? standard : Number(sent);
  if (!Number.isInteger(number) || number < 1) {
    throw failure(tenant, 400, `${name} must be a positive integer`);
  }
  return number;
}

function sortRows<Row extends { readonly id: number }>(
  handling: Handling,
  rows: readonly Row[],
  sorts: Readonly<Record<string, (row: Row) => string | number>>,
): readonly Row[] {
  const sent = [...handling.request.query].find(([key]) => key.toLowerCase() === 'sort')?.[1] ?? 'id';
  const [, name = '', direction = ''] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(sent) ?? [];
  const key = Object.entries(sorts).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  if (key === undefined && name.toLowerCase() !== 'id') {
    handling.dropped.push(`sort ${sent}`);
  }
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [key?.(one) ?? one.id, key?.(other) ?? other.id];
    return a === b ? one.id - other.id : sign * (a < b ? -1 : 1);
  });
}
