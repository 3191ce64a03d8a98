import type { Kysely } from 'kysely';
import type { StoreTables } from './tables.ts';

/** A read-only view of one moment that later writes do not change. Must be closed. */
export interface Snapshot {
  readonly db: Kysely<StoreTables>;
  close(): Promise<void>;
}

/** What a database has to give besides kysely. All that differs between databases is behind it. */
export interface StoreEngine {
  readonly db: Kysely<StoreTables>;
  openSnapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}
