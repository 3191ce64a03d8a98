import { type QueryExecutorProvider, sql } from 'kysely';
import type { Table } from './moved-tables.ts';

/** The highest id that each table ever gave, and how to set it: ids are not given twice. */
export interface LastIds {
  get(db: QueryExecutorProvider, tables: readonly Table[]): Promise<ReadonlyMap<string, number>>;
  set(db: QueryExecutorProvider, tables: readonly Table[], ids: ReadonlyMap<string, number>): Promise<void>;
}

export const sqliteLastIds: LastIds = {
  async get(db, tables) {
    const { rows } = await sql<{ name: string; seq: number }>`select name, seq from sqlite_sequence`.execute(db);
    const all = new Map(rows.map(({ name, seq }) => [name, seq]));
    return new Map(numbered(tables).map((name) => [name, all.get(name) ?? 0]));
  },
  async set(db, tables, ids) {
    for (const name of numbered(tables)) {
      await sql`delete from sqlite_sequence where name = ${name}`.execute(db);
      await sql`insert into sqlite_sequence (name, seq) values (${name}, ${ids.get(name) ?? 0})`.execute(db);
    }
  },
};

export const postgresLastIds: LastIds = {
  async get(db, tables) {
    const ids = new Map<string, number>();
    for (const name of numbered(tables)) {
      const { rows } = await sql<{
        id: number | null;
      }>`select pg_sequence_last_value(pg_get_serial_sequence(${name}, 'id')::regclass) as id`.execute(db);
      ids.set(name, rows[0]?.id ?? 0);
    }
    return ids;
  },
  async set(db, tables, ids) {
    for (const name of numbered(tables)) {
      const id = ids.get(name) ?? 0;
      await sql`select setval(pg_get_serial_sequence(${name}, 'id')::regclass, ${Math.max(1, id)}::bigint, ${id > 0}::boolean)`.execute(db);
    }
  },
};

function numbered(tables: readonly Table[]): readonly string[] {
  return tables.flatMap((table) => (table.numbered ? [table.name] : []));
}
