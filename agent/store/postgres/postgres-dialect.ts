import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type pg from 'pg';
import { RollcallError } from '../../../core/errors.ts';
import type { DatabasePlace } from './database-place.ts';
import { StoreQueryCompiler } from './postgres-query-compiler.ts';
import { toStorable } from './storable-text.ts';
import { isSessionLost, translatePostgresError } from './translate-error.ts';

/** Sessions with one database, as many as the pool has. */
export interface SessionSource {
  readonly pool: pg.Pool;
  readonly place: DatabasePlace;
  /** Called once with each new session, before anything else; when it throws, the session is closed. */
  readonly prepare: ((client: pg.ClientBase) => Promise<void>) | null;
}

/** A kysely dialect over a pool. A session in doubt is closed and not given out again. Destroying the kysely instance ends the pool. */
export function postgresDialect(source: SessionSource): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(source),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new StoreQueryCompiler(),
  };
}

class PostgresDriver implements Driver {
  readonly #source: SessionSource;
  readonly #prepared = new WeakSet<pg.PoolClient>();

  constructor(source: SessionSource) {
    this.#source = source;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresSession> {
    const { pool, place, prepare } = this.#source;
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw translatePostgresError(error, place);
    }
    if (prepare !== null && !this.#prepared.has(client)) {
      try {
        await prepare(client);
      } catch (error) {
        client.release(true);
        throw translatePostgresError(error, place);
      }
      this.#prepared.add(client);
    }
    return new PostgresSession(client, place);
  }

  async beginTransaction(connection: DatabaseConnection, { isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    const words = ['begin', ...(isolationLevel === undefined ? [] : [`isolation level ${isolationLevel}`]), accessMode ?? ''];
    await connection.executeQuery(CompiledQuery.raw(words.join(' ').trim()));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as PostgresSession).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as PostgresSession).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as PostgresSession).release();
  }

  async destroy(): Promise<void> {
    await this.#source.pool.end();
  }
}

class PostgresSession implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #place: DatabasePlace;
  #isLost = false;

  constructor(client: pg.PoolClient, place: DatabasePlace) {
    this.#client = client;
    this.#place = place;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, rowCount } = await this.#send(query.sql, query.parameters);
    return { rows: (rows ?? []) as Row[], numAffectedRows: BigInt(rowCount ?? 0) };
  }

  /** All at once: rows are asked for in pages wherever there may be many. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery(query);
  }

  /** A transaction that has failed answers "commit" by rolling back, without an error. */
  async commit(): Promise<void> {
    const { command } = await this.#send('commit', []);
    if (command !== 'COMMIT') throw new RollcallError('INTERNAL', 'A transaction that had failed was to be committed.');
  }

  /** A lost session has rolled back by itself; one that cannot roll back is not used again. */
  async rollback(): Promise<void> {
    if (this.#isLost) return;
    await this.#send('rollback', []).catch(() => {
      this.#isLost = true;
    });
  }

  release(): void {
    this.#client.release(this.#isLost);
  }

  async #send(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(
        text,
        values.map((value) => (typeof value === 'string' ? toStorable(value) : value)),
      );
    } catch (error) {
      this.#isLost ||= isSessionLost(error);
      throw translatePostgresError(error, this.#place);
    }
  }
}
