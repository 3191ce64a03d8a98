import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** What a hub knows of the collectors of its organizations, and which sources go because their collector was deleted (D5). */
export async function collectors(db: Kysely<StoreTables>): Promise<void> {
  await db.schema.alterTable('source').addColumn('deleted_at', 'bigint').execute();
  await db.schema
    .createTable('collector')
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('location', 'text', (column) => column.notNull())
    .addColumn('subnets', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('collector_key', ['organization', 'name'])
    .execute();
}
