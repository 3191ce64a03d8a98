import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** Sightings, states, journal, held plans and decisions, as the first version keeps them. */
export async function firstLayout(db: Kysely<StoreTables>): Promise<void> {
  await sightings(db);
  await states(db);
  await journal(db);
  await plans(db);
}

async function sightings(db: Kysely<StoreTables>): Promise<void> {
  await db.schema
    .createTable('source')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('collector', 'text', (column) => column.notNull())
    .addColumn('directory', 'text', (column) => column.notNull())
    .addColumn('latest_read_id', 'integer')
    .addColumn('latest_complete_read_id', 'integer')
    .addColumn('family', 'text')
    .addUniqueConstraint('source_name', ['organization', 'collector', 'directory'])
    .execute();
  await db.schema
    .createTable('read')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('source_id', 'integer', (column) => column.notNull().references('source.id'))
    .addColumn('source_type', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('proof', 'text')
    .addColumn('error', 'text')
    .execute();
  await db.schema.createIndex('read_by_source').on('read').columns(['source_id', 'outcome']).execute();
  await db.schema
    .createTable('sighting')
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('source_id', 'integer', (column) => column.notNull().references('source.id'))
    .addColumn('last_read_id', 'integer')
    .addColumn('first_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('entry', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('sighting_key', ['organization', 'user_id', 'source_id'])
    .execute();
  await db.schema.createIndex('sighting_by_presence').on('sighting').columns(['source_id', 'last_read_id', 'user_id']).execute();
}

async function states(db: Kysely<StoreTables>): Promise<void> {
  await db.schema
    .createTable('organization_state')
    .addColumn('organization', 'text', (column) => column.primaryKey().notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('user_state')
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('contact_id', 'text')
    .addColumn('rule', 'text')
    .addColumn('decided_at', 'bigint')
    .addColumn('applied_contact_id', 'text')
    .addColumn('returned', 'integer', (column) => column.notNull())
    .addColumn('rejected_contact_ids', 'text', (column) => column.notNull())
    .addColumn('create_requested', 'integer', (column) => column.notNull())
    .addColumn('created_contact', 'integer', (column) => column.notNull())
    .addColumn('applied_status', 'text')
    .addPrimaryKeyConstraint('user_state_key', ['organization', 'user_id'])
    .execute();
  await db.schema
    .createTable('contact_base')
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('contact_id', 'text', (column) => column.notNull())
    .addColumn('fields', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('contact_base_key', ['organization', 'user_id', 'contact_id'])
    .execute();
  await db.schema
    .createTable('contact_state')
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('contact_id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text')
    .addColumn('push_want', 'text')
    .addColumn('psa_link', 'text')
    .addColumn('refused_at_update', 'text')
    .addPrimaryKeyConstraint('contact_state_key', ['organization', 'contact_id'])
    .execute();
}

async function journal(db: Kysely<StoreTables>): Promise<void> {
  await db.schema
    .createTable('run')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('plan_hash', 'text')
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('error', 'text')
    .execute();
  await db.schema.createIndex('run_by_organization').on('run').columns(['organization', 'id']).execute();
  await db.schema
    .createTable('journal')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('run_id', 'integer', (column) => column.notNull().references('run.id'))
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('changes', 'text', (column) => column.notNull())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('contact_id', 'text')
    .addColumn('record', 'text')
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('before', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('intended_at', 'bigint', (column) => column.notNull())
    .addColumn('settled_at', 'bigint')
    .addColumn('undone_by', 'integer', (column) => column.references('run.id'))
    .execute();
  await db.schema.createIndex('journal_by_run').on('journal').columns(['run_id', 'id']).execute();
  await db.schema.createIndex('journal_by_state').on('journal').columns(['organization', 'state', 'id']).execute();
}

async function plans(db: Kysely<StoreTables>): Promise<void> {
  await db.schema
    .createTable('held_plan')
    .addColumn('organization', 'text', (column) => column.primaryKey().notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('decision')
    .addColumn('organization', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('decided_at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('decision_key', ['organization', 'key'])
    .execute();
}
