import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** What a collector needs to send its hub what changed since the state that the hub has (H2), and what tells its store apart. */
export async function uploads(db: Kysely<StoreTables>): Promise<void> {
  await db.schema.alterTable('source').addColumn('acknowledged', 'text').execute();
  await db.schema.alterTable('sighting').addColumn('touched_read_id', 'integer').execute();
  await db.schema.createIndex('sighting_by_touch').on('sighting').columns(['source_id', 'touched_read_id', 'user_id']).execute();
  await db
    .insertInto('property')
    .values({ name: 'store_id', value: randomBytes(16).toString('hex') })
    .execute();
}
