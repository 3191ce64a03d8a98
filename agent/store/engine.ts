import type { Kysely, Transaction } from 'kysely';
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
  /** A transaction that may be lost when the power fails, for what is of no use after a crash; its order with others is kept. */
  relaxedTransaction<Value>(work: (tx: Transaction<StoreTables>) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}
