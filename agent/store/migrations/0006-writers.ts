import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** Which process a run or a read belongs to, where several share the database (H4). A process that has the store alone has no row. */
export async function writers(db: Kysely<StoreTables>): Promise<void> {
  await db.schema
    .createTable('writer')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('pid', 'integer', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.alterTable('run').addColumn('writer_id', 'integer').execute();
  await db.schema.alterTable('read').addColumn('writer_id', 'integer').execute();
}
