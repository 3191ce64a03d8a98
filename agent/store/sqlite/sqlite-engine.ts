import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Snapshot, StoreEngine } from '../engine.ts';
import type { StoreTables } from '../tables.ts';
import { pruneBackups } from './backup.ts';
import { loneLease } from './lone-lease.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

/** How long a statement waits for a lock of SQLite's own (checkpoint, recovery); writers are kept apart by the writer lock. */
const busyTimeoutMs = 5_000;

/** Opens the file without changing anything in it. Throws what `node:sqlite` throws. */
export function openDatabase(path: string, readOnly: boolean): DatabaseSync {
  return new DatabaseSync(path, {
    readOnly,
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
  });
}

/**
 * Settings of a connection that writes. With WAL, readers and the writer do not wait for each other; FULL makes each commit
 * durable against power loss before it is reported (A2), on macOS by its stronger flush.
 */
export function prepareForWriting(database: DatabaseSync): void {
  database.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma fullfsync = on;
    pragma checkpoint_fullfsync = on;
    pragma cache_size = -16384;
    pragma journal_size_limit = 67108864;
  `);
}

/** The engine over an open database; closing it closes the database and every snapshot. */
export function sqliteEngine(database: DatabaseSync, path: string): StoreEngine {
  const db = kyselyOver(database, path);
  const snapshots = new Set<Snapshot>();
  return {
    db,
    isShared: false,
    writer: null,
    async openSnapshot() {
      const snapshot = await openSnapshot(path);
      snapshots.add(snapshot);
      return {
        db: snapshot.db,
        async close() {
          snapshots.delete(snapshot);
          await snapshot.close();
        },
      };
    },
    acquireLease: (organization) => Promise.resolve(loneLease(organization)),
    fence: () => Promise.resolve(),
    pruneBackups: (before) => pruneBackups(path, before),
    async close() {
      for (const snapshot of snapshots) {
        await snapshot.close();
      }
      snapshots.clear();
      await closeKysely(db, database);
    },
  };
}

function kyselyOver(database: DatabaseSync, path: string): Kysely<StoreTables> {
  return new Kysely<StoreTables>({ dialect: nodeSqliteDialect(database, path) });
}

/** A connection of its own: in WAL mode an open transaction keeps seeing the moment of its first query. */
async function openSnapshot(path: string): Promise<Snapshot> {
  const database = openDatabase(path, true);
  const db = kyselyOver(database, path);
  const transaction = await db.startTransaction().execute();
  return {
    db: transaction,
    async close() {
      if (database.isOpen) {
        await transaction.rollback().execute();
        await closeKysely(db, database);
      }
    },
  };
}

async function closeKysely(db: Kysely<StoreTables>, database: DatabaseSync): Promise<void> {
  await db.destroy();
  // kysely does not destroy a driver that never ran a query.
  if (database.isOpen) {
    database.close();
  }
}
