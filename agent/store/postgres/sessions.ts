import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import pg from 'pg';
import { RollcallError } from '../../../core/errors.ts';
import { type DatabasePlace, placeFacts } from './database-place.ts';
import { schemaName } from './schema-names.ts';
import { fromStorable } from './storable-text.ts';

/** How the sessions of a pool differ. */
export interface SessionSettings {
  /** Whose tables are meant where none is named; the store's, unless it is said. */
  readonly schema?: string;
  /** Opened one after another as they are needed. */
  readonly most: number;
  readonly readOnly: boolean;
  /** Shown to the administrator in `pg_stat_activity`. */
  readonly command: string;
  /** Milliseconds after which a session that nobody uses is closed; 0: never. */
  readonly idleMs: number;
  /** Milliseconds after which the server ends a session that does nothing in the middle of a transaction. */
  readonly idleInTransactionMs: number;
}

/** Together they see to it that nothing waits for ever; the client's own is the last, for a server that has vanished. */
const connectMs = 15_000;
const lockMs = 30_000;
const statementMs = 120_000;
const answerMs = 150_000;

/** A connection that is not there in time is given up; waiting for a free one in the pool has no limit. */
class PromptClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    // The pool hides the password from being copied.
    super({ ...config, password: config?.password, connectionTimeoutMillis: connectMs });
  }
}

/**
 * A pool of sessions with the settings that the store relies on. Connects when it is first used. Throws `STORE_TLS` when the file of
 * certificates cannot be read.
 */
export async function openPool(place: DatabasePlace, password: string, settings: SessionSettings): Promise<pg.Pool> {
  const pool = new pg.Pool({
    host: place.host,
    port: place.port,
    user: place.user,
    database: place.database,
    // A function, for an empty text would have pg look for one in the environment and in ~/.pgpass.
    password: () => password,
    ssl: await tlsOptions(place),
    max: settings.most,
    idleTimeoutMillis: settings.idleMs,
    application_name: settings.command,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: settings.idleInTransactionMs,
    query_timeout: answerMs,
    options: sessionOptions(settings.schema ?? schemaName, settings.readOnly),
    types: { getTypeParser },
    Client: PromptClient,
  });
  // A session that is lost while nobody uses it is dropped by the pool; the next call makes another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A machine that vanished without a word lets go of its locks after a minute, not after two hours. */
const keepAlive = ['tcp_keepalives_idle=30', 'tcp_keepalives_interval=10', 'tcp_keepalives_count=3'];

/** A commit that was reported is on the server's disk (A2), whatever the administrator made the default. */
function sessionOptions(schema: string, readOnly: boolean): string {
  const settings = [`search_path=${schema},pg_temp`, 'synchronous_commit=on', 'jit=off', ...keepAlive];
  return [...settings, ...(readOnly ? ['default_transaction_read_only=on'] : [])].map((setting) => `-c ${setting}`).join(' ');
}

async function tlsOptions(place: DatabasePlace): Promise<ConnectionOptions | false> {
  if (place.tls === null) return false;
  const { caFile } = place.tls;
  // The host is named for the check of an address too, which pg leaves out.
  if (caFile === null) return { host: place.host, ca: [...getCACertificates('default'), ...getCACertificates('system')] };
  try {
    return { host: place.host, ca: await readFile(caFile) };
  } catch (error) {
    throw new RollcallError('STORE_TLS', `The file of store.url's sslrootcert cannot be read (${caFile}).`, {
      place: { ...placeFacts(place), file: caFile },
      cause: error,
    });
  }
}

const bigint = 20;
const text = 25;
const numeric = 1700;

const otherParser = pg.types.getTypeParser as (type: number, format?: 'text' | 'binary') => (value: string) => unknown;

/** Counts, sums, ids and times are numbers here; one that a number cannot hold exactly is an error, not another number. */
function getTypeParser(type: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (type === bigint || type === numeric) return safeInteger;
  if (type === text) return fromStorable;
  return otherParser(type, format);
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RollcallError('INTERNAL', 'The database has a whole number that is too large.');
  return value;
}
