import { type Kysely, sql } from 'kysely';
import { RollcallError } from '../../../core/errors.ts';
import { movedProperty, movingProperty } from '../moving.ts';
import type { RegistryTables } from './tables.ts';

/** Number of the layout that this program writes. */
const newest = 1;

/** Where a registry is, for messages and for the place of an error. */
export interface RegistryWhere {
  readonly words: string;
  readonly facts: Readonly<Record<string, string | number>>;
  /** Of a database that has several. */
  readonly schema?: string;
}

export interface MoveOptions {
  /** Whoever asks is moving the registry, and is let in. */
  readonly beingMoved?: boolean;
}

export function fileWhere(path: string): RegistryWhere {
  return { words: path, facts: { file: path } };
}

/**
 * Makes the tables of an empty database. Throws `STORE_UNUSABLE` for somebody else's, `STORE_TOO_NEW` for a later program's,
 * `STORE_MOVING` when not all of another registry has come over, and `STORE_MOVED` when another one has taken its place.
 */
export async function prepareRegistry(db: Kysely<RegistryTables>, where: RegistryWhere, options: MoveOptions = {}): Promise<void> {
  if (await holdsRegistry(db, where, options)) return;
  await db.transaction().execute(async (tx) => {
    await makeProperties(tx);
    await makeInvitations(tx);
    await makeCollectors(tx);
    await makeAudit(tx);
    await tx
      .insertInto('property')
      .values([
        { name: 'kind', value: 'rollcall hub' },
        { name: 'layout', value: String(newest) },
      ])
      .execute();
  });
}

/** False: the database is empty. Changes nothing, and throws as `prepareRegistry` does. */
export async function holdsRegistry(
  db: Kysely<RegistryTables>,
  { words, facts, schema }: RegistryWhere,
  { beingMoved = false }: MoveOptions = {},
): Promise<boolean> {
  const tables = (await db.introspection.getTables()).filter((table) => table.schema === schema);
  if (tables.length === 0) return false;
  const property = tables.some(({ name }) => name === 'property') ? await db.selectFrom('property').selectAll().execute() : [];
  const found = new Map(property.map(({ name, value }) => [name, value]));
  if (found.get('kind') !== 'rollcall hub') {
    throw new RollcallError('STORE_UNUSABLE', `There are tables of another program, not a registry of collectors (${words}).`, {
      place: facts,
    });
  }
  if (Number(found.get('layout')) > newest) {
    throw new RollcallError(
      'STORE_TOO_NEW',
      `The registry of collectors has layout ${found.get('layout')} (${words}); this rollcall knows ${newest}.`,
      {
        place: { ...facts, layout: Number(found.get('layout')), known: newest },
      },
    );
  }
  if (beingMoved) return true;
  const successor = found.get(movedProperty);
  if (successor !== undefined) {
    throw new RollcallError('STORE_MOVED', `The registry of collectors was moved from here (${words}) to ${successor}.`, { place: facts });
  }
  if (found.has(movingProperty)) {
    throw new RollcallError('STORE_MOVING', `A move of another registry of collectors to this one has not ended (${words}).`, {
      place: facts,
    });
  }
  return true;
}

async function makeProperties(db: Kysely<RegistryTables>): Promise<void> {
  await db.schema
    .createTable('property')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}

async function makeInvitations(db: Kysely<RegistryTables>): Promise<void> {
  await db.schema
    .createTable('invitation')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('subnets', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('used_by', 'text')
    .execute();
}

async function makeCollectors(db: Kysely<RegistryTables>): Promise<void> {
  await db.schema
    .createTable('collector')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull())
    .addColumn('subnets', 'text', (column) => column.notNull())
    .addColumn('location', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('deleted_at', 'bigint')
    .addColumn('last_contact_at', 'bigint')
    .addColumn('clock_ahead_ms', 'bigint')
    .addColumn('heartbeat_at', 'bigint')
    .addColumn('heartbeat', 'text')
    .execute();
  // The database itself keeps two of one name from joining at once.
  await db.schema
    .createIndex('collector_name')
    .unique()
    .on('collector')
    .columns(['organization', 'name_key'])
    .where(sql.ref('deleted_at'), 'is', null)
    .execute();
  await db.schema
    .createTable('collector_key')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('collector_id', 'text', (column) => column.notNull().references('collector.id'))
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('first_used_at', 'bigint')
    .addColumn('retired_at', 'bigint')
    .execute();
  await db.schema.createIndex('key_of_collector').on('collector_key').columns(['collector_id', 'retired_at']).execute();
}

async function makeAudit(db: Kysely<RegistryTables>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('who', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('collector_id', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('audit_by_time').on('audit').column('at').execute();
}
