import { type Kysely, type SqlBool, sql } from 'kysely';
import type { StoreTables } from '../tables.ts';

/**
 * Condition of the index `sighting_locked`, which serves only questions that repeat it, as text and not as a parameter. A value that
 * holds this text has its quotes escaped, so that only the property itself is found.
 */
export const isLocked = sql<SqlBool>`entry like '%"locked":true%'`;

/**
 * What reads of changes build on (C9), what is known of users that are absent (C10), and the last logons of surveys (C4). Last
 * logons have a table of their own: they change daily, and a row of a sighting is written whole with its entry.
 */
export async function changesAndAbsences(db: Kysely<StoreTables>): Promise<void> {
  await db.schema.alterTable('source').addColumn('latest_full_read_id', 'integer').execute();
  await db.schema.alterTable('source').addColumn('checkpoint', 'text').execute();
  await db.schema.alterTable('source').addColumn('memory', 'text').execute();
  await db.schema.alterTable('source').addColumn('logon_survey', 'text').execute();
  // Until now every read was one of everything.
  await db
    .updateTable('source')
    .set((eb) => ({ latest_full_read_id: eb.ref('latest_complete_read_id') }))
    .execute();
  await db.schema.alterTable('sighting').addColumn('absence', 'text').execute();
  await sql`create index sighting_locked on sighting (source_id, last_read_id, user_id) where ${isLocked}`.execute(db);
  await db.schema
    .createTable('logon')
    .addColumn('source_id', 'integer', (column) => column.notNull().references('source.id'))
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('missed', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('logon_key', ['source_id', 'user_id'])
    .execute();
}
