import { sql } from 'kysely';
import type { Moment } from '../../../core/model/time.ts';
import { version } from '../../version.ts';
import type { DatabasePlace } from './database-place.ts';
import { usableLayout } from './open-postgres-store.ts';
import { postgresEngine } from './postgres-engine.ts';
import { hubSchemaName, queueSchemaName, schemaName } from './schema-names.ts';

/** What there is to say about a database and the role's place in it. */
export interface DatabaseFacts {
  /** As the server writes it: `15.8 (Debian 15.8-1)`. */
  readonly version: string;
  /** `TLSv1.3`; `null`: the connection is not encrypted. */
  readonly tls: string | null;
  readonly isStandby: boolean;
  /** Whether commits wait for the disk; `off` loses them with the power. */
  readonly durable: boolean;
  readonly isSuperuser: boolean;
  /** Our schemas that neither are the role's nor may be made by it. */
  readonly closedSchemas: readonly string[];
  /** The last migration that was carried out; `null`: no store was made yet. */
  readonly layout: number | null;
  /** Bytes of our schema. */
  readonly bytes: number;
  /** Sessions of rollcall besides this one. */
  readonly sessions: number;
  /** The server's clock, between two looks at ours. */
  readonly clock: { readonly before: Moment; readonly server: Moment; readonly after: Moment };
}

interface Row {
  readonly version: string;
  readonly tls: string | null;
  readonly isStandby: boolean;
  readonly durable: boolean;
  readonly isSuperuser: boolean;
  readonly closedSchemas: readonly string[];
  readonly bytes: number;
  readonly sessions: number;
  readonly now: number;
}

/** Looks at the database with the rights of the role, and changes nothing. Throws what opening the store for reading throws, but not `STORE_NOT_FOUND`. */
export async function examineDatabase(place: DatabasePlace, password: string): Promise<DatabaseFacts> {
  const engine = await postgresEngine({ place, password, command: 'rollcall doctor', readOnly: true, prepare: null });
  try {
    const layout = await usableLayout(engine.db, { place, version });
    const before = Date.now();
    const { rows } = await facts.execute(engine.db);
    const after = Date.now();
    const { now, ...found } = rows[0] as Row;
    return { ...found, layout: layout === 'empty' ? null : layout, clock: { before, server: now, after } };
  } finally {
    await engine.close();
  }
}

const ourSchemas = [schemaName, queueSchemaName, hubSchemaName];

const facts = sql<Row>`
  select current_setting('server_version') as version,
    (select s.version from pg_stat_ssl as s where s.pid = pg_backend_pid()) as tls,
    pg_is_in_recovery() as "isStandby",
    current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on' as durable,
    (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
    array(
      select wanted.name from unnest(${sql.val(ourSchemas)}::text[]) with ordinality as wanted (name, place)
      left join pg_namespace as n on n.nspname = wanted.name
      where not case when n.oid is null then has_database_privilege(current_user, current_database(), 'create')
        else has_schema_privilege(current_user, n.oid, 'create') and has_schema_privilege(current_user, n.oid, 'usage') end
      order by wanted.place
    ) as "closedSchemas",
    (select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
      from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = 'rollcall' and c.relkind in ('r', 'm')) as bytes,
    (select count(*) from pg_stat_activity where datname = current_database() and application_name like 'rollcall%'
      and pid <> pg_backend_pid()) as sessions,
    floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
