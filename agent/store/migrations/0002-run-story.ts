import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';

/** What started a run and what there is to tell of it; and the index by which an old run is proven to be referred to by nobody. */
export async function runStory(db: Kysely<StoreTables>): Promise<void> {
  await db.schema.alterTable('run').addColumn('trigger', 'text').execute();
  await db.schema.alterTable('run').addColumn('detail', 'text').execute();
  await db.schema.createIndex('journal_by_undoing').on('journal').columns(['undone_by']).where('undone_by', 'is not', null).execute();
}
