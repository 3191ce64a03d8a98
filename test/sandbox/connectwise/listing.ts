import type { Answer, Handling } from '../exchange.ts';
import { isRecord } from '../json.ts';
import type { Tenant } from './answers.ts';
import { badCondition, refusal } from './answers.ts';
import { parseConditions } from './condition-parser.ts';
import { checkConditions, childTest, meets } from './conditions.ts';
import { scalarText } from './scalar.ts';
import type { Members } from './shapes.ts';
import { moment } from './shapes.ts';

/** A sort of records as the API tells them. */
export interface Resource<Row extends { readonly id: number }> {
  readonly members: Members;
  /** The members in order; `null`, and an empty list in `absentWhenEmpty`, are left out of answers. */
  read(row: Row, member: string): unknown;
  /** Milliseconds since 1970, for `lastUpdated` in conditions. */
  readonly lastUpdated?: (row: Row) => number;
  readonly absentWhenEmpty?: readonly string[];
  /** The member that a list is ordered by when the switch says `name`. */
  readonly nameMember?: string;
}

/** A list as conditions, order, fields and page ask for it. */
export function listOf<Row extends { readonly id: number }>(
  tenant: Tenant,
  handling: Handling,
  rows: Iterable<Row>,
  resource: Resource<Row>,
): Answer {
  const found = matching(tenant, handling, rows, resource);
  const size = pageSize(tenant, handling);
  const { query, headers } = handling.request;
  const forwardOnly = headers['pagination-type']?.toLowerCase() === 'forward-only';
  if (query.has('pageId') && !forwardOnly && tenant.switches.pageIdWithoutHeader === 'ignored') {
    handling.dropped.push('pageId');
  }
  const byId = forwardOnly || (query.has('pageId') && tenant.switches.pageIdWithoutHeader === 'honoured');
  const page = byId ? forwardPage(handling, found, size) : numberedPage(handling, order(tenant, handling, found, resource), size);
  const repeated = page.before;
  const shown = handling.listFaults.has('duplicate-id') && repeated !== undefined ? [repeated, ...page.rows] : page.rows;
  return {
    status: 200,
    body: shown.map((row) => output(handling, row, resource)),
    headers: page.links.length === 0 ? {} : { link: page.links.map(([rel, change]) => link(tenant, handling, rel, change)).join(', ') },
  };
}

export function countOf<Row extends { readonly id: number }>(
  tenant: Tenant,
  handling: Handling,
  rows: Iterable<Row>,
  resource: Resource<Row>,
): Answer {
  const { length } = matching(tenant, handling, rows, resource);
  return { status: 200, body: { count: length + (handling.listFaults.has('wrong-total') ? 3 : 0) } };
}

/** One record, with the fields that were asked for. */
export function output<Row extends { readonly id: number }>(
  handling: Handling | null,
  row: Row,
  resource: Resource<Row>,
): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const member of Object.keys(resource.members)) {
    const value = withoutNulls(resource.read(row, member));
    const absent = Array.isArray(value) && value.length === 0 && resource.absentWhenEmpty?.includes(member) === true;
    if (value !== null && !absent) {
      whole[member] = value;
    }
  }
  const fields = handling?.request.query.get('fields') ?? '';
  return fields.trim() === '' ? whole : picked(whole, fields);
}

function matching<Row extends { readonly id: number }>(
  tenant: Tenant,
  handling: Handling,
  rows: Iterable<Row>,
  resource: Resource<Row>,
): Row[] {
  const { switches } = tenant;
  const { query } = handling.request;
  const sent = (name: string): string => (query.get(name) ?? '').trim();
  const { lastUpdated } = resource;
  const members = lastUpdated === undefined ? resource.members : { ...resource.members, lastUpdated: moment };
  const reader = (row: Row) => (member: string) => {
    if (member !== 'lastUpdated' || lastUpdated === undefined) {
      return resource.read(row, member);
    }
    const at = lastUpdated(row);
    return new Date(switches.lastUpdated === 'seconds' ? at - (at % 1000) : at).toISOString();
  };
  const tests: ((row: Row) => boolean)[] = [];
  if (sent('conditions') !== '') {
    const condition = parseConditions(sent('conditions'), switches.quoteEscape);
    checkConditions(condition, members, 'conditions');
    tests.push((row) => meets(condition, reader(row), switches));
  }
  if (sent('childConditions') !== '') {
    const condition = parseConditions(sent('childConditions'), switches.quoteEscape);
    checkConditions(condition, members, 'childConditions');
    const test = childTest(condition, switches);
    tests.push((row) => test(reader(row)));
  }
  if (sent('customFieldConditions') !== '') {
    tests.push(customFieldTest(tenant, sent('customFieldConditions'), resource));
  }
  const used = handling.listFaults.has('filter-ignored') ? [] : tests;
  return [...rows].filter((row) => used.every((test) => test(row)));
}

/** `caption="X" and value="Y"`, which hold for one custom field together. */
function customFieldTest<Row extends { readonly id: number }>(tenant: Tenant, source: string, resource: Resource<Row>) {
  const shape = resource.members['customFields'];
  const item = shape?.kind === 'list' && shape.of.kind === 'object' ? shape.of.members : {};
  const condition = parseConditions(source, tenant.switches.quoteEscape);
  checkConditions(condition, item, 'conditions');
  return (row: Row): boolean => {
    const fields = resource.read(row, 'customFields');
    return (
      Array.isArray(fields) && fields.some((field) => meets(condition, (name) => (isRecord(field) ? field[name] : null), tenant.switches))
    );
  };
}

interface Page<Row> {
  readonly rows: readonly Row[];
  /** The row in front of the page, or its first. */
  readonly before: Row | undefined;
  /** Relation, and what changes in the query. */
  readonly links: readonly (readonly [string, Readonly<Record<string, number>>])[];
}

function numberedPage<Row>(handling: Handling, rows: readonly Row[], size: number): Page<Row> {
  const number = positive(handling, 'page', 1);
  const last = Math.max(1, Math.ceil(rows.length / size));
  const start = (number - 1) * size;
  const links: [string, Record<string, number>][] = [];
  if (number < last) {
    links.push(['next', { pageSize: size, page: number + 1 }], ['last', { pageSize: size, page: last }]);
  }
  if (number > 1) {
    links.push(['first', { pageSize: size, page: 1 }], ['prev', { pageSize: size, page: Math.min(number - 1, last) }]);
  }
  return { rows: rows.slice(start, start + size), before: rows[start === 0 ? 0 : start - 1], links };
}

function forwardPage<Row extends { readonly id: number }>(handling: Handling, rows: readonly Row[], size: number): Page<Row> {
  if (handling.request.query.has('orderBy')) {
    handling.dropped.push('orderBy');
  }
  const after = Number(handling.request.query.get('pageId') ?? 0);
  if (!Number.isInteger(after) || after < 0) {
    throw refusal(400, 'ConnectWiseApi', 'pageId must be an integer.');
  }
  const sorted = [...rows].sort((one, other) => one.id - other.id);
  const later = sorted.filter((row) => row.id > after);
  const page = later.slice(0, size);
  const end = page.at(-1);
  const before = sorted.findLast((row) => row.id <= after) ?? page[0];
  return { rows: page, before, links: later.length > size && end !== undefined ? [['next', { pageSize: size, pageId: end.id }]] : [] };
}

function pageSize(tenant: Tenant, handling: Handling): number {
  const { maximumPageSize, pageSizeOverMaximum } = tenant.switches;
  const size = positive(handling, 'pageSize', Math.min(25, maximumPageSize));
  if (size > maximumPageSize && pageSizeOverMaximum === 'refused') {
    throw refusal(400, 'ConnectWiseApi', `pageSize must be between 1 and ${maximumPageSize}.`);
  }
  if (size > maximumPageSize) {
    handling.dropped.push(`page size ${size}`);
  }
  return Math.min(size, maximumPageSize);
}

function positive(handling: Handling, name: string, standard: number): number {
  const sent = handling.request.query.get(name);
  const number = sent === null ? standard : Number(sent);
  if (!Number.isInteger(number) || number < 1) {
    throw refusal(400, 'ConnectWiseApi', `${name} must be a positive integer.`);
  }
  return number;
}

function order<Row extends { readonly id: number }>(
  tenant: Tenant,
  handling: Handling,
  rows: readonly Row[],
  resource: Resource<Row>,
): readonly Row[] {
  const standard = tenant.switches.defaultOrder === 'name' ? (resource.nameMember ?? 'id') : 'id';
  const keys = (handling.request.query.get('orderBy') ?? standard).split(',').map((key) => {
    const [, name = '', direction = 'asc'] = /^\s*([\w/]+)(?:\s+(asc|desc))?\s*$/i.exec(key) ?? [];
    const [first = '', second] = name.split('/');
    const known = first === 'lastUpdated' ? resource.lastUpdated !== undefined : isSortable(resource.members, first, second);
    if (!known) {
      throw badCondition(`${key.trim()} is not a recognized name.`);
    }
    const read = (row: Row): unknown => {
      if (first === 'lastUpdated') {
        return resource.lastUpdated?.(row);
      }
      const value = resource.read(row, first);
      return isRecord(value) ? value[second ?? ''] : value;
    };
    return { read, sign: direction.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return [...rows].sort((one, other) => {
    for (const { read, sign } of keys) {
      const [a, b] = [sortable(read(one)), sortable(read(other))];
      if (a !== b) {
        return sign * (a < b ? -1 : 1);
      }
    }
    return one.id - other.id;
  });
}

function isSortable(members: Members, first: string, second: string | undefined): boolean {
  const shape = Object.hasOwn(members, first) ? members[first] : undefined;
  if (shape === undefined || shape.kind === 'list' || shape.kind === 'hidden') {
    return false;
  }
  return shape.kind === 'object' ? second !== undefined && Object.hasOwn(shape.members, second) : second === undefined;
}

function sortable(value: unknown): string | number {
  return typeof value === 'number' ? value : scalarText(value).toLowerCase();
}

function link(tenant: Tenant, handling: Handling, rel: string, change: Readonly<Record<string, number>>): string {
  const { request } = handling;
  const query = new URLSearchParams(request.query);
  for (const [name, value] of Object.entries(change)) {
    query.set(name, String(value));
  }
  const host = tenant.switches.linkHost === 'same' ? `http://${request.headers['host']}` : 'https://elsewhere.example.test';
  return `<${host}${encodeURI(request.path)}?${query.toString()}>; rel="${rel}"`;
}

/** `id,company/name`: of a reference only what is named. */
function picked(whole: Readonly<Record<string, unknown>>, fields: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const field of fields.split(',')) {
    const [first = '', ...rest] = field.trim().split('/');
    if (Object.hasOwn(whole, first)) {
      found[first] = rest.length === 0 ? whole[first] : merged(found[first], partOf(whole[first], rest));
    }
  }
  return found;
}

function partOf(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => partOf(item, path));
  }
  return isRecord(value) ? picked(value, path.join('/')) : {};
}

function merged(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) {
    return other.map((item: unknown, index) => merged(one[index], item));
  }
  return isRecord(one) && isRecord(other) ? { ...one, ...other } : other;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  if (isRecord(value)) {
    const kept = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
    return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]));
  }
  return value ?? null;
}
