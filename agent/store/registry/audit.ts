import type { Moment } from '../../../core/model/time.ts';
import type { AuditRow } from '../../hub/registry/registry.ts';
import type { Registering } from './tables.ts';

/** Beyond this many the oldest go, whatever their age: nobody can fill the disk by being noted. */
const mostRows = 100_000;

export async function note(db: Registering, row: AuditRow): Promise<void> {
  const { at, who, what, organization, collectorId, detail } = row;
  await db
    .insertInto('audit')
    .values({ at, who, what, organization, collector_id: collectorId, detail: JSON.stringify(detail) })
    .execute();
}

export async function readAudit(db: Registering, limit: number): Promise<readonly AuditRow[]> {
  const rows = await db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ at, who, what, organization, collector_id, detail }) => ({
    at,
    who: who as AuditRow['who'],
    what,
    organization,
    collectorId: collector_id,
    detail: JSON.parse(detail) as AuditRow['detail'],
  }));
}

export async function pruneAudit(db: Registering, before: Moment, most = mostRows): Promise<void> {
  await db.deleteFrom('audit').where('at', '<', before).execute();
  const first = await db.selectFrom('audit').select('id').orderBy('id', 'desc').offset(most).limit(1).executeTakeFirst();
  if (first !== undefined) await db.deleteFrom('audit').where('id', '<=', first.id).execute();
}
