import { Kysely, sql } from 'kysely';
import type { Snapshot, StoreEngine } from '../engine.ts';
import type { StoreTables } from '../tables.ts';
import type { DatabasePlace } from './database-place.ts';
import { postgresDialect, type SessionSource } from './postgres-dialect.ts';
import { openPool } from './sessions.ts';
import { stayConnected } from './stay-connected.ts';

/** How the database is reached and used. */
export interface EngineSettings {
  readonly place: DatabasePlace;
  readonly password: string;
  readonly command: string;
  readonly readOnly: boolean;
  /** `null`: the process need not be seen. Else a lost session is made anew at once. */
  readonly prepare: SessionSource['prepare'];
}

/** What a database gives besides who writes. */
export type PostgresEngine = Omit<StoreEngine, 'writer' | 'acquireLease' | 'fence'>;

/** Snapshots at a time: more wait for one to be closed. */
const mostSnapshots = 8;
const idleSnapshotMs = 10_000;
/** A process that is paused in the middle of a transaction holds what others wait for. */
const idleInTransactionMs = 30_000;
/** Whoever looks through a snapshot may have to wait for others in between. */
const snapshotMs = 900_000;

/**
 * The engine over a database. The calls of one process share one session, so that they come one after the other as they do on SQLite;
 * snapshots have sessions of their own. Connects when it is first used.
 */
export async function postgresEngine(settings: EngineSettings): Promise<PostgresEngine> {
  const { place, password, command, readOnly, prepare } = settings;
  const pool = await openPool(place, password, { most: 1, readOnly, command, idleMs: 0, idleInTransactionMs });
  const db = new Kysely<StoreTables>({ dialect: postgresDialect({ pool, place, prepare }) });
  const snapshotPool = await openPool(place, password, {
    most: mostSnapshots,
    readOnly: true,
    command,
    idleMs: idleSnapshotMs,
    idleInTransactionMs: snapshotMs,
  });
  const snapshotDb = new Kysely<StoreTables>({ dialect: postgresDialect({ pool: snapshotPool, place, prepare: null }) });
  const snapshots = new Set<Snapshot>();
  const connection = prepare === null ? null : stayConnected(pool, () => sql`select 1`.execute(db));
  return {
    db,
    isShared: true,
    async openSnapshot() {
      const snapshot = await openSnapshot(snapshotDb, () => snapshots.delete(snapshot));
      snapshots.add(snapshot);
      return snapshot;
    },
    // They are the database administrator's.
    pruneBackups: () => Promise.resolve(0),
    async close() {
      await connection?.stop();
      for (const snapshot of snapshots) await snapshot.close();
      // kysely does not destroy a driver that never ran a query.
      for (const [kysely, used] of [
        [snapshotDb, snapshotPool],
        [db, pool],
      ] as const) {
        await kysely.destroy();
        if (!used.ended) await used.end();
      }
    },
  };
}

/** Repeatable read sees the moment of its first query until it ends. */
async function openSnapshot(db: Kysely<StoreTables>, onClosed: () => void): Promise<Snapshot> {
  const transaction = await db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute();
  let closed: Promise<unknown> | null = null;
  return {
    db: transaction,
    async close() {
      closed ??= transaction.rollback().execute();
      await closed;
      onClosed();
    },
  };
}
