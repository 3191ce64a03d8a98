import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** Since when a user is a leaver, and when rollcall made a PSA contact inactive (E8). Nothing is guessed for what was stored before. */
export async function leavers(db: Kysely<StoreTables>): Promise<void> {
  await db.schema.alterTable('user_state').addColumn('leaver', 'text').execute();
  await db.schema.alterTable('contact_state').addColumn('psa_inactive_at', 'bigint').execute();
}
