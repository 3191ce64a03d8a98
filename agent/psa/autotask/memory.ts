import type { Zone } from './zone.ts';

/** A tenant's use of its hourly requests, as it told them last. */
export interface ToldUsage {
  /** Requests that all integrations have together. */
  readonly limit: number;
  readonly windowMs: number;
  /** Of all integrations, in the window that ended when it was told; `null`: it did not tell. */
  readonly used: number | null;
  readonly toldAt: number;
}

/** A field of contacts as the tenant describes it. */
export interface FieldFacts {
  /** Longest text in characters; `null`: not told. */
  readonly length: number | null;
  readonly queryable: boolean;
}

/** What is known of one tenant for as long as the process lives; times are milliseconds since 1970. */
export interface TenantMemory {
  zone: { readonly zone: Zone; readonly lookedUpAt: number } | null;
  lookUp: Promise<Zone> | null;
  usage: ToldUsage | null;
  /** Own requests since the tenant told its usage. */
  sentSince: number;
  /** When the next request may go, while rollcall goes slowly. */
  slowUntil: number;
  reading: Promise<void> | null;
  /** By name in lower case; `null` inside: the tenant does not tell. */
  fields: { readonly byName: ReadonlyMap<string, FieldFacts> | null; readonly readAt: number } | null;
  /** Whether searches for texts ignore their case; `null`: not learned. */
  ignoresCase: boolean | null;
  inFlight: number;
  /** How long a place of a request is kept after its answer, in milliseconds. */
  lingerMs: number;
  readonly waiting: (() => void)[];
}

/** What outlives an adapter, by look-up address and user. */
export type AutotaskMemory = Map<string, TenantMemory>;

/** The memory of one tenant, made when it is new. */
export function tenantMemory(memory: AutotaskMemory, address: string, userName: string): TenantMemory {
  const key = `${address} ${userName.toLowerCase()}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const fresh: TenantMemory = {
    zone: null,
    lookUp: null,
    usage: null,
    sentSince: 0,
    slowUntil: 0,
    reading: null,
    fields: null,
    ignoresCase: null,
    inFlight: 0,
    lingerMs: 0,
    waiting: [],
  };
  memory.set(key, fresh);
  return fresh;
}
