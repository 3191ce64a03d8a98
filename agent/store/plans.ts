import { type Kysely, sql, type Transaction } from 'kysely';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { DecisionRecord, HeldPlanSummary } from '../../core/ports/store.ts';
import { chunks } from './chunks.ts';
import { fromJson, fromNullableJson, toJson } from './json.ts';
import type { StoreTables } from './tables.ts';

type Database = Kysely<StoreTables>;

export async function heldPlan(db: Database, organization: OrganizationId): Promise<Plan | null> {
  const row = await db.selectFrom('held_plan').select('body').where('organization', '=', organization).executeTakeFirst();
  return row === undefined ? null : (fromJson(row.body, 'held_plan.body') as Plan);
}

/** Cut out of the plan by the database: the whole may be tens of megabytes. */
export async function heldPlanSummary(db: Database, organization: OrganizationId): Promise<HeldPlanSummary | null> {
  const row = await db
    .selectFrom('held_plan')
    .select(['hash', 'made_at'])
    .select([sql<string | null>`json_extract(body, '$.held')`.as('held'), sql<string | null>`json_extract(body, '$.guards')`.as('guards')])
    .where('organization', '=', organization)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    organization,
    hash: row.hash,
    madeAt: row.made_at,
    guards: fromJson(row.guards ?? '[]', 'held_plan.body') as HeldPlanSummary['guards'],
    held: fromNullableJson(row.held, 'held_plan.body') as HeldPlanSummary['held'],
  };
}

export async function holdPlan(db: Database, plan: Plan): Promise<void> {
  await db
    .insertInto('held_plan')
    .values({ organization: plan.organization, hash: plan.hash, made_at: plan.madeAt, body: toJson(plan) })
    .onConflict((conflict) =>
      conflict.column('organization').doUpdateSet((eb) => ({
        hash: eb.ref('excluded.hash'),
        made_at: eb.ref('excluded.made_at'),
        body: eb.ref('excluded.body'),
      })),
    )
    .execute();
}

export async function dropHeldPlan(db: Database, organization: OrganizationId): Promise<void> {
  await db.deleteFrom('held_plan').where('organization', '=', organization).execute();
}

export async function saveDecisions(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  decisions: readonly DecisionRecord[],
): Promise<void> {
  await tx.deleteFrom('decision').where('organization', '=', organization).execute();
  for (const chunk of chunks(decisions)) {
    await tx
      .insertInto('decision')
      .values(chunk.map(({ key, decidedAt, body }) => ({ organization, key, decided_at: decidedAt, body: toJson(body) })))
      .execute();
  }
}

export async function decisions(db: Database, organization: OrganizationId): Promise<readonly DecisionRecord[]> {
  const rows = await db.selectFrom('decision').selectAll().where('organization', '=', organization).orderBy('key').execute();
  return rows.map(decisionRecord);
}

export async function decision(db: Database, organization: OrganizationId, key: string): Promise<DecisionRecord | null> {
  const row = await db
    .selectFrom('decision')
    .selectAll()
    .where('organization', '=', organization)
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? null : decisionRecord(row);
}

function decisionRecord(row: { key: string; decided_at: number; body: string }): DecisionRecord {
  return { key: row.key, decidedAt: row.decided_at, body: fromJson(row.body, 'decision.body') };
}
