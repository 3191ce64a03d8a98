import { type Kysely, sql } from 'kysely';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { OrganizationCounts } from '../../core/ports/store.ts';
import { livingSources, usersGoneWithTheirCollector } from './living-sources.ts';
import type { StoreTables } from './tables.ts';

/** Counts where the rows are: none of them is handed over. */
export async function organizationCounts(
  db: Kysely<StoreTables>,
  organization: OrganizationId,
  vanishedSince: Moment,
): Promise<OrganizationCounts> {
  const seen = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('sighting')
        .select('user_id')
        // 1 when the latest complete read of at least one source brought the user.
        .select(sql<number>`max(case when last_read_id is null then 1 else 0 end)`.as('present'))
        .where('organization', '=', organization)
        .where('source_id', 'in', livingSources(db, organization))
        .groupBy('user_id')
        .as('seen'),
    )
    .select(({ fn }) => [fn.countAll<number>().as('users'), fn.sum<number | null>('present').as('present')])
    .executeTakeFirst();
  const states = await db
    .selectFrom('user_state')
    .select('state')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organization', '=', organization)
    .where('state', 'in', ['matched', 'ignored'])
    .where('user_id', 'not in', usersGoneWithTheirCollector(db, organization))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('sighting')
          .select('sighting.user_id')
          .whereRef('sighting.organization', '=', 'user_state.organization')
          .whereRef('sighting.user_id', '=', 'user_state.user_id'),
      ),
    )
    .groupBy('state')
    .execute();
  const decided = await db
    .selectFrom('decision')
    .select([
      sql<number | null>`sum(json_array_length(body, '$.conflicts'))`.as('conflicts'),
      sql<number | null>`sum(case when json_extract(body, '$.psa.state') = 'held' then 1 else 0 end)`.as('held'),
    ])
    .where('organization', '=', organization)
    .executeTakeFirst();
  const users = seen?.users ?? 0;
  const inState = (state: string): number => states.find((row) => row.state === state)?.count ?? 0;
  return {
    users,
    matched: inState('matched'),
    ignored: inState('ignored'),
    notSeen: users - (seen?.present ?? 0),
    vanished: await countVanished(db, organization, vanishedSince),
    conflicts: decided?.conflicts ?? 0,
    psaHeld: decided?.held ?? 0,
  };
}

/** Whoever a changed scope left out did not vanish, nor did those of whom it is known where they are (C10). */
async function countVanished(db: Kysely<StoreTables>, organization: OrganizationId, since: Moment): Promise<number> {
  const row = await db
    .selectFrom('sighting')
    .innerJoin('source', 'source.id', 'sighting.source_id')
    .innerJoin('read as last', 'last.id', 'sighting.last_read_id')
    .innerJoin('read as latest', 'latest.id', 'source.latest_complete_read_id')
    .select(sql<number>`count(distinct sighting.user_id)`.as('count'))
    .where('sighting.organization', '=', organization)
    .where('sighting.last_read_id', 'is not', null)
    .where('source.deleted_at', 'is', null)
    .where('last.finished_at', '>=', since)
    .where((eb) =>
      eb.or([eb('sighting.absence', 'is', null), eb(sql`json_extract(sighting.absence, '$.grade')`, 'not in', ['gone', 'out'])]),
    )
    .whereRef(sql`json_extract(last.proof, '$.scopeKey')`, '=', sql`json_extract(latest.proof, '$.scopeKey')`)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('sighting as other')
            .select('other.user_id')
            .whereRef('other.organization', '=', 'sighting.organization')
            .whereRef('other.user_id', '=', 'sighting.user_id')
            .where('other.source_id', 'in', livingSources(db, organization))
            // Present elsewhere; or deleted, which is so for every collector.
            .where((or) => or.or([or('other.last_read_id', 'is', null), or(sql`json_extract(other.absence, '$.grade')`, '=', 'gone')])),
        ),
      ),
    )
    .executeTakeFirst();
  return row?.count ?? 0;
}
