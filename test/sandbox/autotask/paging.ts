import { createHash } from 'node:crypto';
import type { Answer, Handling, SandboxRequest } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { isRecord, parseJson } from '../json.ts';
import type { Entity, Row } from './entities.ts';
import { shown } from './entities.ts';
import type { Tenant } from './envelope.ts';
import { failure, serverMessage, success } from './envelope.ts';
import type { Query } from './query.ts';

/** What the `paging` of an address says. */
export interface Paging {
  readonly method: string;
  /** The last id of the page before. */
  readonly after: number;
  readonly offset: number;
  /** Digest of the query, so that it cannot be another one. */
  readonly digest: string;
  /** The search of a GET. */
  readonly search: string | null;
}

interface Listing {
  readonly rows: readonly Row[];
  readonly query: Query;
  readonly sent: Record<string, unknown>;
  readonly paging: Paging | null;
}

export function readPaging(tenant: Tenant, request: SandboxRequest): Paging {
  const value = decode(request.query.get('paging') ?? '');
  if (value === null) {
    throw failure(tenant, 'The paging parameter is not valid.');
  }
  if (value.method !== request.method) {
    throw new Refusal(serverMessage(405, `The requested resource does not support http method '${request.method}'.`));
  }
  return value;
}

/** One page, with the address of the next one on the zone's own origin, or where the switch says. */
export function answerPage(tenant: Tenant, handling: Handling, entity: Entity, { rows, query, sent, paging }: Listing): Answer {
  const { switches } = tenant;
  const digest = createHash('sha256').update(JSON.stringify(sent)).digest('base64url').slice(0, 16);
  if (paging !== null && paging.digest !== digest) {
    throw failure(tenant, 'The query is not the one that the page belongs to.');
  }
  const start = switches.paging === 'by-offset' ? (paging?.offset ?? 0) : firstAfter(rows, paging?.after ?? Number.NEGATIVE_INFINITY);
  const page = rows.slice(start, start + query.maxRecords);
  const more = start + page.length < rows.length;
  const withoutId = query.include !== null && !query.include.some((rule) => rule.name === 'id');
  if (more && withoutId && switches.pagingWithoutId === 'refused') {
    throw failure(tenant, 'The id must be one of the IncludeFields of a query with more than one page.');
  }
  const repeated = rows[Math.max(0, start - 1)];
  if (handling.listFaults.has('duplicate-id') && repeated !== undefined) {
    page.unshift(repeated);
  }
  const search = handling.request.method === 'GET' ? JSON.stringify(sent) : null;
  const token = (offset: number, after: number): string => encode({ method: handling.request.method, after, offset, digest, search });
  const last = page.at(-1)?.id ?? 0;
  const next = switches.nextPage === 'repeating' ? token(start, paging?.after ?? -1) : token(start + query.maxRecords, last);
  const before = token(Math.max(0, start - query.maxRecords), rows[start - query.maxRecords - 1]?.id ?? -1);
  const hasNext = (more && !withoutId) || switches.nextPage === 'repeating';
  return success({
    items: page.map((row) => shown(tenant, entity, row, query.include)),
    pageDetails: {
      count: page.length + (handling.listFaults.has('wrong-total') ? 3 : 0),
      requestCount: query.maxRecords,
      prevPageUrl: start === 0 ? null : address(tenant.zoneOrigin(), handling, before),
      nextPageUrl: hasNext ? address(nextOrigin(tenant), handling, next) : null,
    },
  });
}

function firstAfter(rows: readonly Row[], after: number): number {
  const index = rows.findIndex((row) => row.id > after);
  return index < 0 ? rows.length : index;
}

function nextOrigin(tenant: Tenant): string {
  switch (tenant.switches.nextPage) {
    case 'foreign-origin':
      return tenant.foreignOrigin();
    case 'user-info': {
      const zone = new URL(tenant.zoneOrigin());
      const foreign = new URL(tenant.foreignOrigin());
      return `${zone.protocol}//${zone.hostname}:${zone.port}@${foreign.host}`;
    }
    case 'zone':
    case 'repeating':
      return tenant.zoneOrigin();
  }
}

function address(origin: string, { request }: Handling, token: string): string {
  return `${origin}${request.path.replace(/\/next$/i, '')}/next?paging=${token}`;
}

function encode(paging: Paging): string {
  return Buffer.from(JSON.stringify(paging)).toString('base64url');
}

function decode(token: string): Paging | null {
  try {
    const value = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
    return isRecord(value) && typeof value['digest'] === 'string' ? (value as unknown as Paging) : null;
  } catch {
    return null;
  }
}
