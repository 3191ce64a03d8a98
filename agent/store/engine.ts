import type { Kysely, Transaction } from 'kysely';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { LeaseAnswer } from '../../core/ports/lease.ts';
import type { StoreTables } from './tables.ts';

/** A read-only view of one moment that later writes do not change. Must be closed. */
export interface Snapshot {
  readonly db: Kysely<StoreTables>;
  close(): Promise<void>;
}

/** What a database has to give besides kysely. All that differs between databases is behind it. */
export interface StoreEngine {
  readonly db: Kysely<StoreTables>;
  /** Other processes may write meanwhile: the row that a decision rests on is locked, and only own rows are deleted. */
  readonly isShared: boolean;
  /** The `writer` that runs and reads of this process carry; `null`: whoever writes has the store alone, or only reads. */
  readonly writer: number | null;
  openSnapshot(): Promise<Snapshot>;
  /** See `Store.acquireLease`. */
  acquireLease(organization: OrganizationId, at: Moment): Promise<LeaseAnswer>;
  /**
   * Part of each transaction that writes about an organization: throws `STORE_LEASE_LOST` or `ORGANIZATION_BUSY` when another process is
   * in charge of it, and keeps it from changing hands until the transaction ends.
   */
  readonly fence: (tx: Transaction<StoreTables>, organization: OrganizationId) => Promise<void>;
  /** Deletes backups made before the moment, but never the newest; says how many. */
  pruneBackups(before: Moment): Promise<number>;
  close(): Promise<void>;
}
