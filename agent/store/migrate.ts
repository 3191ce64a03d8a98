import type { Kysely } from 'kysely';
import { RollcallError } from '../../core/errors.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Migration } from './migrations/migrations.ts';
import type { StoreTables } from './tables.ts';

/** `empty`: no table at all. `foreign`: tables, but not ours. Else the number of the last migration that was carried out. */
export type Layout = 'empty' | 'foreign' | number;

/** Says what is in the database, or in one schema of it. */
export async function readLayout(db: Kysely<StoreTables>, schema?: string): Promise<Layout> {
  const tables = (await db.introspection.getTables()).filter((table) => table.schema === schema);
  if (tables.length === 0) {
    return 'empty';
  }
  const names = new Set(tables.map((table) => table.name));
  if (!names.has('migration') || !names.has('property')) {
    return 'foreign';
  }
  const newest = await db
    .selectFrom('migration')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  return newest?.id ?? 0;
}

/** Makes the table that `readLayout` looks for. */
export async function prepareLayout(db: Kysely<StoreTables>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.schema
      .createTable('migration')
      .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('property')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
  });
}

/** Carries out the steps after `layout`, each in one transaction with its record: a step is done whole or not at all. */
export async function migrate(db: Kysely<StoreTables>, steps: readonly Migration[], layout: number, at: Moment): Promise<void> {
  for (const step of steps.filter(({ id }) => id > layout)) {
    await db.transaction().execute((tx) => carryOut(tx, step, at));
  }
}

/** The same in one transaction: all steps are done, or none is. For a store without a backup of its own. */
export async function migrateWhole(db: Kysely<StoreTables>, steps: readonly Migration[], layout: number, at: Moment): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const step of steps.filter(({ id }) => id > layout)) await carryOut(tx, step, at);
  });
}

async function carryOut(tx: Kysely<StoreTables>, step: Migration, at: Moment): Promise<void> {
  try {
    await step.up(tx);
    await tx.insertInto('migration').values({ id: step.id, name: step.name, applied_at: at }).execute();
  } catch (error) {
    if (error instanceof RollcallError) {
      throw error;
    }
    throw new RollcallError('INTERNAL', `Migration ${step.id} (${step.name}) of the store failed; the store is as it was before it.`, {
      place: { migration: step.id },
      cause: error,
    });
  }
}

/** The program that writes last names the backup that its successor makes. */
export function rememberVersion(db: Kysely<StoreTables>, version: string): Promise<void> {
  return rememberProperty(db, 'version', version);
}

/** Writes down a fact about the store as a whole. */
export async function rememberProperty(db: Kysely<StoreTables>, name: string, value: string): Promise<void> {
  await db
    .insertInto('property')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
    .execute();
}

/** The last migration that this program knows. */
export function newestLayout(steps: readonly Migration[]): number {
  return steps.at(-1)?.id ?? 0;
}
