import { type Kysely, sql } from 'kysely';
import { prepareLayout } from '../migrate.ts';
import type { StoreTables } from '../tables.ts';
import { schemaName } from './schema-names.ts';

/** Makes the schema, unless the administrator has, and what `readLayout` looks for. */
export async function prepareSchema(db: Kysely<StoreTables>): Promise<void> {
  const { rows } = await sql`select 1 from pg_namespace where nspname = ${schemaName}`.execute(db);
  if (rows.length === 0) await sql`create schema rollcall`.execute(db);
  await prepareLayout(db);
}

/** What SQLite has by itself or in a file of its own. May be called again. */
export async function prepareBesides(db: Kysely<StoreTables>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await jsonFunctions(tx);
    await stagingTables(tx);
  });
}

/**
 * The functions of SQLite that our queries use. PostgreSQL's own refuse a text with a NUL or half a character anywhere in it, also
 * when something else is asked for: such escapes are hidden from them as text. Those stand after a backslash that is none of a pair;
 * pairs are written as `\u005C` before, so that the way back is exact.
 */
async function jsonFunctions(db: Kysely<StoreTables>): Promise<void> {
  await sql`
    create or replace function rollcall.json_at(body text, path text) returns json language sql immutable strict parallel safe as $$
      select (case
        when body ~ '\\\\u(0000|d[89a-f])' then regexp_replace(replace(body, '\\\\', '\\u005C'), '\\\\u(0000|d[89a-f]..)', '\\\\u005cu\\1', 'g')
        else body
      end)::json #> string_to_array(substr(path, 3), '.')
    $$`.execute(db);
  await sql`
    create or replace function rollcall.json_extract(body text, path text) returns text language sql immutable strict parallel safe as $$
      select case json_typeof(found)
        when 'null' then null
        when 'string' then found #>> '{}'
        else regexp_replace(found::text, '\\\\u005cu(0000|d[89a-f]..)', '\\\\u\\1', 'g')
      end
      from rollcall.json_at(body, path) as found
    $$`.execute(db);
  await sql`
    create or replace function rollcall.json_array_length(body text, path text) returns integer language sql immutable strict parallel safe as $$
      select case json_typeof(found) when 'array' then json_array_length(found) when 'null' then 0 end
      from rollcall.json_at(body, path) as found
    $$`.execute(db);
}

/** Not logged: a crash of the server empties them, and nobody needs them after one. */
async function stagingTables(db: Kysely<StoreTables>): Promise<void> {
  await sql`
    create unlogged table if not exists rollcall.staging_entry (
      read_id bigint not null, immutable_id text collate "C" not null, entry text collate "C", primary key (read_id, immutable_id))`.execute(
    db,
  );
  await sql`
    create unlogged table if not exists rollcall.staging_absence (
      read_id bigint not null, immutable_id text collate "C" not null, absence text collate "C" not null, primary key (read_id, immutable_id))`.execute(
    db,
  );
  await sql`
    create unlogged table if not exists rollcall.staging_logon (
      source_id bigint not null, user_id text collate "C" not null, at bigint not null, primary key (source_id, user_id))`.execute(db);
}
