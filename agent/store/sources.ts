import type { Kysely, Selectable, Transaction } from 'kysely';
import { RollcallError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/model/json.ts';
import type { AcknowledgedState, SourceKey } from '../../core/ports/store.ts';
import { fromNullableJson, toJson } from './json.ts';
import { isLocked } from './migrations/0004-changes-and-absences.ts';
import type { StoreTables } from './tables.ts';

export type SourceRow = Selectable<StoreTables['source']>;

/** The source's row, made when it is missing. It is this transaction's until that ends: who changes a read has the row of its source. */
export async function ensureSource(tx: Transaction<StoreTables>, source: SourceKey): Promise<SourceRow> {
  const { organization, collector, directory } = source;
  return tx
    .insertInto('source')
    .values({ organization, collector, directory })
    .onConflict((conflict) =>
      // Changes nothing, but locks the row where others write too.
      conflict.columns(['organization', 'collector', 'directory']).doUpdateSet((eb) => ({ memory: eb.ref('source.memory') })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** What the latest landed read left; `null` when there was none, or it left nothing. */
export async function checkpoint(db: Kysely<StoreTables>, source: SourceKey): Promise<JsonObject | null> {
  const row = await selectSource(db, source).select('checkpoint').executeTakeFirst();
  return fromNullableJson(row?.checkpoint ?? null, 'source.checkpoint') as JsonObject | null;
}

export async function sourceMemory(db: Kysely<StoreTables>, source: SourceKey): Promise<JsonObject | null> {
  const row = await selectSource(db, source).select('memory').executeTakeFirst();
  return fromNullableJson(row?.memory ?? null, 'source.memory') as JsonObject | null;
}

export async function keepSourceMemory(tx: Transaction<StoreTables>, source: SourceKey, value: JsonObject): Promise<void> {
  const { id } = await ensureSource(tx, source);
  await tx
    .updateTable('source')
    .set({ memory: toJson(value) })
    .where('id', '=', id)
    .execute();
}

/** Tells this store apart from all others: numbers of reads mean something within one store only. */
export async function storeId(db: Kysely<StoreTables>): Promise<string> {
  const row = await db.selectFrom('property').select('value').where('name', '=', 'store_id').executeTakeFirst();
  if (row === undefined) throw new RollcallError('STORE_CORRUPT', "The store's content is damaged: it has lost its id.");
  return row.value;
}

export async function acknowledged(db: Kysely<StoreTables>, source: SourceKey): Promise<AcknowledgedState | null> {
  const row = await selectSource(db, source).select('acknowledged').executeTakeFirst();
  return fromNullableJson(row?.acknowledged ?? null, 'source.acknowledged') as AcknowledgedState | null;
}

export async function firstCompleteAfter(db: Kysely<StoreTables>, source: SourceKey, read: number): Promise<number | null> {
  const row = await db
    .selectFrom('read')
    .select('finished_at')
    .where('source_id', 'in', selectSource(db, source).select('id'))
    .where('outcome', '=', 'complete')
    .where('id', '>', read)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.finished_at ?? null;
}

export async function acknowledge(tx: Transaction<StoreTables>, source: SourceKey, state: AcknowledgedState | null): Promise<void> {
  const { id } = await ensureSource(tx, source);
  await tx
    .updateTable('source')
    .set({ acknowledged: state === null ? null : toJson(state) })
    .where('id', '=', id)
    .execute();
}

/** Immutable ids of present users that were locked out when they were last brought, in their order. */
export async function lockedUsers(db: Kysely<StoreTables>, source: SourceKey): Promise<readonly string[]> {
  const row = await selectSource(db, source).select(['id', 'family']).executeTakeFirst();
  if (row === undefined || row.family === null) return [];
  const prefix = `${row.family}/`;
  const users = await db
    .selectFrom('sighting')
    .select('user_id')
    .where('source_id', '=', row.id)
    .where('last_read_id', 'is', null)
    .where(isLocked)
    .orderBy('user_id')
    .execute();
  return users.flatMap(({ user_id }) => (user_id.startsWith(prefix) ? [user_id.slice(prefix.length)] : []));
}

/** The row of a source. */
export function selectSource(db: Kysely<StoreTables>, { organization, collector, directory }: SourceKey) {
  return db
    .selectFrom('source')
    .where('organization', '=', organization)
    .where('collector', '=', collector)
    .where('directory', '=', directory);
}
