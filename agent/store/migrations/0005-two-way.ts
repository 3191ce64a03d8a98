import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** What both sides of a linked contact had when they were last in step (P9), and since when IT Glue is expected to push one (P10). */
export async function twoWay(db: Kysely<StoreTables>): Promise<void> {
  await db.schema.alterTable('contact_state').addColumn('synced', 'text').execute();
  await db.schema.alterTable('contact_state').addColumn('awaited_since', 'bigint').execute();
}
