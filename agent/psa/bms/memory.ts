import { createHash } from 'node:crypto';
import type { Moment } from '../../../core/model/time.ts';
import { reveal } from '../../secrets/redacted.ts';
import type { SeenTypes } from './contact.ts';
import type { BmsCredentials } from './session.ts';

/** What a sign-in gave. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  /** By our clock; from here on it is renewed. */
  readonly renewAt: Moment;
  readonly refreshUntil: Moment;
}

/** Where the tenant's types of one kind can be looked up; `null`: in none of the tables that were tried. */
interface TypeTable {
  readonly table: { readonly route: string; readonly tableName: string } | null;
  readonly triedAt: Moment;
}

/** What the process knows of one tenant beyond the life of one adapter: each job makes its own. */
export interface TenantMemory {
  tokens: Tokens | null;
  /** A list without `Filter.IsActive` has inactive contacts too; `null`: none was seen yet. */
  showsInactive: boolean | null;
  /** A contact has a `ModifiedOn` from its creation on; `null`: no row has told yet. */
  countsCreation: boolean | null;
  /** `Filter.ModifiedOnFrom` compares the moments that rows show; `null`: not learned. */
  comparesAsShown: boolean | null;
  /** The tenant's types, as contacts of whatever company have shown them. */
  readonly seenTypes: SeenTypes;
  readonly typeTables: Map<'email' | 'phone', TypeTable>;
}

/** Of all tenants; another password is another sign-in. */
export type BmsMemory = Map<string, TenantMemory>;

/** The memory of one tenant, made when it is new. */
export function tenantMemory(memory: BmsMemory, address: string, { userName, password, tenant }: BmsCredentials): TenantMemory {
  const key = createHash('sha256')
    .update(JSON.stringify([address, userName, tenant, reveal(password)]))
    .digest('hex');
  const known = memory.get(key) ?? {
    tokens: null,
    showsInactive: null,
    countsCreation: null,
    comparesAsShown: null,
    seenTypes: { email: new Map(), phone: new Map() },
    typeTables: new Map(),
  };
  memory.set(key, known);
  return known;
}
