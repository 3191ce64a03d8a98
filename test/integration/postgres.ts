import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { openPostgresStore, type PostgresStoreOptions } from '../../agent/store/postgres/open-postgres-store.ts';
import type { Store } from '../../core/ports/store.ts';
import { makeTestCertificates, type TestCertificate } from '../fixtures/tls.ts';

const debianFolder = '/usr/lib/postgresql';
const readyWithinMs = 60_000;
/** Servers refuse to run as root: `nobody`. */
const nobody = 65_534;

export const rolePassword = 'Sample-Store-1';

/** A server for one test file, with databases for single tests. Everything of it is gone when it is stopped. */
export interface PostgresServer {
  readonly port: number;
  readonly folder: string;
  readonly caFile: string;
  /** An empty database that belongs to the role `rollcall`. */
  createDatabase(): Promise<DatabasePlace>;
  /** One in which a store was made and closed: a new one, or one that was given back. */
  createStore(): Promise<DatabasePlace>;
  /** Empties the store, which nobody has open any more. */
  giveBack(place: DatabasePlace): Promise<void>;
  /** Runs statements as the administrator, in the database of the place or in the server's own. */
  administer<Row extends pg.QueryResultRow>(sql: string, place?: DatabasePlace): Promise<readonly Row[]>;
  /** Gives one session of the administrator to `work`; a transaction that it leaves open is rolled back. */
  withSession<Answer>(
    place: DatabasePlace,
    work: (query: (sql: string) => Promise<readonly unknown[]>) => Promise<Answer>,
  ): Promise<Answer>;
  /** Ends the server, in order or as by a crash, and starts it again at the same port; resolves when it serves. */
  restart(how: 'fast' | 'crash'): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Commits wait for the disk, and the database tidies itself, as it does everywhere but in tests. */
  readonly durable?: boolean;
  /** The address to listen at besides this machine's own use; then whoever has a password may come from anywhere. */
  readonly listen?: string;
  /** In place of one for loopback addresses. */
  readonly certificate?: Pick<TestCertificate, 'certFile' | 'keyFile'>;
}

/** Why no server can be started here, in words, or `null` when one can. */
export function postgresMissing(): string | null {
  return programFolder() === null ? 'not installed: initdb and postgres (apt-get install postgresql)' : null;
}

/** Of the newest version that is installed. */
function programFolder(): string | null {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debianFolder, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const { durable = false, listen = '127.0.0.1' } = options;
  const programs = programFolder() ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-postgres-'));
  const account = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const own = (file: string): void => (account.uid === undefined ? undefined : chownSync(file, account.uid, account.gid));
  own(folder);
  chmodSync(folder, 0o755);
  const certificates = makeTestCertificates();
  const certificate = options.certificate ?? certificates.good;
  const data = join(folder, 'data');
  // A default collation of people's, so that what must be compared byte by byte shows.
  const words = ['-D', data, '-U', 'admin', '-E', 'UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US', '--no-sync'];
  execFileSync(join(programs, 'initdb'), [...words, '--auth=trust', '--no-instructions'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...account,
  });
  for (const [name, file] of [
    ['server.crt', certificate.certFile],
    ['server.key', certificate.keyFile],
  ] as const) {
    copyFileSync(file, join(data, name));
    own(join(data, name));
    chmodSync(join(data, name), 0o600);
  }
  const others = options.listen === undefined ? '127.0.0.1/32' : '0.0.0.0/0';
  writeFileSync(join(data, 'pg_hba.conf'), `host all admin 127.0.0.1/32 trust\nhost all all ${others} scram-sha-256\n`);
  const port = await freePort();
  const settings = [
    `listen_addresses=${listen}`,
    `port=${port}`,
    'unix_socket_directories=',
    'ssl=on',
    'max_connections=60',
    'shared_buffers=64MB',
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off', 'autovacuum=off']),
  ];
  const launch = (): ChildProcess =>
    spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...account,
    });
  let server = launch();
  let log = logOf(server);
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);

  const withAdmin = async <Answer>(database: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'admin', database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const administer = async <Row extends pg.QueryResultRow>(sql: string, place?: DatabasePlace): Promise<readonly Row[]> =>
    withAdmin(place?.database ?? 'postgres', async (client) => (await client.query<Row>(sql)).rows);
  await readyToServe(() => administer('select 1'), server, log);
  await administer(`create role rollcall login password '${rolePassword}'`);

  let made = 0;
  const createDatabase = async (template = 'template1'): Promise<DatabasePlace> => {
    made += 1;
    const database = `store_${made}`;
    await administer(`create database ${database} owner rollcall template ${template}`);
    return { host: '127.0.0.1', port, user: 'rollcall', database, tls: null };
  };
  const emptied: DatabasePlace[] = [];
  let template: Promise<string> | null = null;
  const makeTemplate = async (): Promise<string> => {
    const place = await createDatabase();
    await (await openTestStore(place)).close();
    return place.database;
  };
  return {
    port,
    folder,
    caFile: certificates.caFile,
    createDatabase: () => createDatabase(),
    async createStore() {
      template ??= makeTemplate();
      const place = emptied.pop() ?? (await createDatabase(await template));
      // Each store has an id of its own, which a copy of the template would share.
      await administer("update rollcall.property set value = md5(random()::text) where name = 'store_id'", place);
      return place;
    },
    async giveBack(place) {
      const rows = await administer<{ names: string }>(filled, place);
      await administer(`truncate ${rows[0]?.names} restart identity`, place);
      emptied.push(place);
    },
    administer,
    withSession: (place, work) => withAdmin(place.database, (client) => work(async (sql) => (await client.query(sql)).rows)),
    async restart(how) {
      await end(server, how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      server = launch();
      log = logOf(server);
      await readyToServe(() => administer('select 1'), server, log);
    },
    async stop() {
      process.removeListener('exit', kill);
      await end(server, 'SIGQUIT');
      certificates.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const filled = `select string_agg(format('%I.%I', schemaname, tablename), ', ') as names from pg_tables
  where schemaname = 'rollcall' and tablename not in ('migration', 'property')`;

/** Opens the store there for writing. */
export function openTestStore(place: DatabasePlace, change: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  return openPostgresStore({ place, password: rolePassword, mode: 'write', now: () => 1_800_000_000_000, version: '0.1.0', ...change });
}

async function end(server: ChildProcess, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

function logOf(server: ChildProcess): () => string {
  let text = '';
  server.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = `${text}${more}`.slice(-4_000);
  });
  return () => text;
}

async function readyToServe(ask: () => Promise<unknown>, server: ChildProcess, log: () => string): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until && server.exitCode === null) {
    const isReady = await ask().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await pause(40);
  }
  throw new Error(`PostgreSQL did not start: ${log()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
