import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { StoreEngine } from '../engine.ts';
import { type Layout, migrateWhole, newestLayout, readLayout, rememberVersion } from '../migrate.ts';
import { type Migration, migrations } from '../migrations/migrations.ts';
import { assertNotMoving } from '../moving.ts';
import { readOnlyStore } from '../read-only-store.ts';
import { sqlStore } from '../sql-store.ts';
import type { StoreTables } from '../tables.ts';
import { withLayoutLock } from './advisory-locks.ts';
import { type DatabasePlace, placeFacts, placeInWords } from './database-place.ts';
import { Leases } from './leases.ts';
import { type PostgresEngine, postgresEngine } from './postgres-engine.ts';
import { prepareBesides, prepareSchema } from './prepare-schema.ts';
import { schemaName } from './schema-names.ts';
import { endDeadWriters, WriterIdentity } from './writers.ts';

export interface PostgresStoreOptions {
  readonly place: DatabasePlace;
  /** Empty: the server asks for none. */
  readonly password: string;
  /** `write`: any number of processes; creates and migrates the store. `read`: methods that write throw. */
  readonly mode: 'write' | 'read';
  readonly now: () => Moment;
  readonly version: string;
  /** What others see of this process, for example `rollcall sync`. */
  readonly command?: string;
  /** The layout's steps; others than the program's own are for tests. */
  readonly migrations?: readonly Migration[];
}

/** What is to be known to judge a layout. */
export interface LayoutOptions extends Pick<PostgresStoreOptions, 'place' | 'version' | 'migrations'> {
  /** Whoever asks is moving the store, and is let in. */
  readonly beingMoved?: boolean;
}

const oldestServer = 130_000;

/**
 * Opens the store. Throws `STORE_UNREACHABLE`, `STORE_REFUSED` (role, password, database, rights), `STORE_TLS`, `STORE_NOT_FOUND` (to be
 * read, and nothing was ever stored), `STORE_LOCKED` (it is being moved), `STORE_MOVING` (a move to it has not ended), `STORE_TOO_NEW`,
 * `STORE_UNUSABLE` (too old a server, a standby, somebody else's tables).
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  return options.mode === 'write' ? openForWriting(options) : openForReading(options);
}

async function openForWriting(options: PostgresStoreOptions): Promise<Store> {
  const identity = new WriterIdentity(options.place);
  const engine = await engineOf(options, identity.prepare);
  try {
    await makeReady(engine.db, options);
    const writer = await identity.register(engine.db, { command: options.command ?? 'rollcall', at: options.now() });
    await endDeadWriters(engine.db, writer, options.now());
    const leases = new Leases({ db: engine.db, place: options.place, writer });
    const close = async (): Promise<void> => {
      await leases.close();
      await identity.leave(engine.db).catch(() => undefined);
      await engine.close();
    };
    return sqlStore({
      ...engine,
      writer,
      acquireLease: (organization, at) => leases.take(organization, at),
      fence: (tx, organization) => leases.fence(tx, organization),
      close,
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function openForReading(options: PostgresStoreOptions): Promise<Store> {
  const engine = await engineOf(options, null);
  let layout: Exclude<Layout, 'foreign'>;
  try {
    layout = await usableLayout(engine.db, options);
    if (layout === 'empty') throw notFound(options.place);
  } catch (error) {
    await engine.close();
    throw error;
  }
  if (layout >= newestLayout(options.migrations ?? migrations)) return readOnlyStore(sqlStore({ ...engine, ...writesNothing }));
  // The program was updated and nothing has written since: a reader migrates like a writer.
  await engine.close();
  await (await openForWriting(options)).close();
  return openForReading(options);
}

const writesNothing: Pick<StoreEngine, 'writer' | 'acquireLease' | 'fence'> = {
  writer: null,
  acquireLease: () => Promise.reject(new RollcallError('INTERNAL', 'A store that was opened for reading grants no lease.')),
  fence: () => Promise.resolve(),
};

function engineOf(
  { place, password, command, mode }: PostgresStoreOptions,
  prepare: WriterIdentity['prepare'] | null,
): Promise<PostgresEngine> {
  return postgresEngine({ place, password, command: command ?? 'rollcall', readOnly: mode === 'read' && prepare === null, prepare });
}

/** Makes the tables, or brings them up to date. Of several processes one does, and the others find it done. */
export async function makeReady(db: Kysely<StoreTables>, options: LayoutOptions & Pick<PostgresStoreOptions, 'now'>): Promise<void> {
  const steps = options.migrations ?? migrations;
  if ((await usableLayout(db, options)) !== newestLayout(steps)) {
    await db.connection().execute((session) =>
      withLayoutLock(session, async () => {
        const layout = await usableLayout(session, options);
        if (layout === 'empty') await prepareSchema(session);
        await prepareBesides(session);
        // Nobody can put a database back to a copy: it is brought up to date as a whole, or stays as it was.
        await migrateWhole(session, steps, layout === 'empty' ? 0 : layout, options.now());
      }),
    );
  }
  await rememberVersion(db, options.version);
}

/** Refuses a server or a schema that cannot be used before anything is changed, and a layout that this program does not know. */
export async function usableLayout(
  db: Kysely<StoreTables>,
  { place, version, migrations: steps = migrations, beingMoved = false }: LayoutOptions,
): Promise<Exclude<Layout, 'foreign'>> {
  await assertServer(db, place);
  const layout = await readLayout(db, schemaName);
  if (layout === 'foreign') {
    throw unusable(`Schema "${schemaName}" of ${placeInWords(place)} has tables of another program, not a rollcall store`, place);
  }
  const known = newestLayout(steps);
  if (layout === 'empty') return layout;
  if (layout > known) {
    throw new RollcallError(
      'STORE_TOO_NEW',
      `The store in ${placeInWords(place)} has layout ${layout}; this rollcall (${version}) knows up to ${known}.`,
      {
        place: { ...placeFacts(place), layout, known },
      },
    );
  }
  if (!beingMoved) await assertNotMoving(db, placeInWords(place), placeFacts(place));
  return layout;
}

/** Throws `STORE_UNUSABLE` for a server that is too old, or of another encoding than UTF8. */
export async function assertServer(db: QueryExecutorProvider, place: DatabasePlace): Promise<void> {
  const { rows } = await sql<{ version: number; encoding: string }>`
    select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`.execute(db);
  const [server] = rows;
  if (server === undefined || server.version < oldestServer) {
    throw unusable(
      `PostgreSQL ${Math.floor((server?.version ?? 0) / 10_000)} is too old, 13 is the oldest that will do: ${placeInWords(place)}`,
      place,
    );
  }
  if (server.encoding !== 'UTF8') {
    throw unusable(`The encoding of ${placeInWords(place)} is ${server.encoding}; it must be UTF8`, place);
  }
}

function unusable(message: string, place: DatabasePlace): RollcallError {
  return new RollcallError('STORE_UNUSABLE', `${message}.`, { place: placeFacts(place) });
}

/** Nothing was ever stored there. */
export function notFound(place: DatabasePlace): RollcallError {
  return new RollcallError('STORE_NOT_FOUND', `There is no store in ${placeInWords(place)} yet.`, { place: placeFacts(place) });
}
