import { type Kysely, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { chunks } from '../chunks.ts';
import type { StoreTables } from '../tables.ts';

export type Database = Kysely<StoreTables>;
export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** A table whose content is moved. */
export interface Table {
  readonly name: string;
  /** What its rows are ordered by; unique. */
  readonly key: readonly string[];
  /** Ids are given by the database. */
  readonly numbered: boolean;
  /** Rows that are held in memory at a time. */
  readonly atOnce: number;
}

/** One of the store. */
export interface MovedTable extends Table {
  readonly name: Exclude<keyof StoreTables, `staging.${string}` | 'writer' | 'lease' | 'property' | 'migration'>;
}

const keyed = { numbered: false, atOnce: 500 } as const;
const numbered = { key: ['id'], numbered: true, atOnce: 500 } as const;

/** In an order in which every row finds what it refers to. Writers and their leases stay behind: they are processes. */
export const movedTables: readonly MovedTable[] = [
  { name: 'source', ...numbered },
  { name: 'read', ...numbered },
  { name: 'sighting', ...keyed, key: ['organization', 'user_id', 'source_id'] },
  { name: 'logon', ...keyed, key: ['source_id', 'user_id'] },
  { name: 'collector', ...keyed, key: ['organization', 'name'] },
  { name: 'organization_state', ...keyed, key: ['organization'] },
  { name: 'user_state', ...keyed, key: ['organization', 'user_id'] },
  { name: 'contact_base', ...keyed, key: ['organization', 'user_id', 'contact_id'] },
  { name: 'contact_state', ...keyed, key: ['organization', 'contact_id'] },
  // Tens of megabytes each, at times.
  { name: 'held_plan', ...keyed, key: ['organization'], atOnce: 1 },
  { name: 'run', ...numbered },
  { name: 'journal', ...numbered },
  { name: 'decision', ...keyed, key: ['organization', 'key'] },
];

/** What is not moved: it means a process of the other store. */
const leftBehind = 'writer_id';

export async function countRows(db: QueryExecutorProvider, { name }: Table): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The rows after a key, in the order of keys; `null`: from the first on. */
export async function rowsAfter(db: QueryExecutorProvider, table: Table, after: readonly Value[] | null): Promise<readonly Row[]> {
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  const condition = after === null ? sql`` : sql`where (${key}) > (${sql.join(after)})`;
  const { rows } = await sql<
    Record<string, Value>
  >`select * from ${sql.table(table.name)} ${condition} order by ${key} limit ${sql.lit(table.atOnce)}`.execute(db);
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => column !== leftBehind)));
}

export function keyOf({ key }: Table, row: Row): readonly Value[] {
  return key.map((column) => row[column] ?? null);
}

export async function insertRows(db: QueryExecutorProvider, { name }: Table, rows: readonly Row[]): Promise<void> {
  for (const chunk of chunks(rows)) {
    const columns = Object.keys(chunk[0] ?? {});
    const values = chunk.map((row): RawBuilder<unknown> => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`);
    await sql`insert into ${sql.table(name)} (${sql.join(columns.map((column) => sql.ref(column)))}) values ${sql.join(values)}`.execute(
      db,
    );
  }
}

/** Empties the tables, those first that refer to others. */
export async function clearTables(db: QueryExecutorProvider, tables: readonly Table[]): Promise<void> {
  for (const { name } of tables.toReversed()) await sql`delete from ${sql.table(name)}`.execute(db);
}
