import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** Who is in charge of an organization, where several share the database (H4). A process that has the store alone has no row. */
export async function leases(db: Kysely<StoreTables>): Promise<void> {
  await db.schema
    .createTable('lease')
    .addColumn('organization', 'text', (column) => column.primaryKey())
    .addColumn('token', 'bigint', (column) => column.notNull())
    .addColumn('writer_id', 'integer')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
}
