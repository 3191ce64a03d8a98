import type { Kysely } from 'kysely';
import type { StoreTables } from './tables.ts';

/** Ids of the organization's sources whose collector was not deleted (D5), for use within another query. */
export function livingSources(db: Pick<Kysely<StoreTables>, 'selectFrom'>, organization: string) {
  return db.selectFrom('source').select('source.id').where('source.organization', '=', organization).where('source.deleted_at', 'is', null);
}

/** Ids of users whom only deleted collectors have seen: they are gone with them, until one is restored. */
export function usersGoneWithTheirCollector(db: Pick<Kysely<StoreTables>, 'selectFrom'>, organization: string) {
  return db
    .selectFrom('sighting')
    .innerJoin('source as dead', 'dead.id', 'sighting.source_id')
    .select('sighting.user_id')
    .where('dead.organization', '=', organization)
    .where('dead.deleted_at', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('sighting as other')
            .innerJoin('source as living', 'living.id', 'other.source_id')
            .select('other.user_id')
            .whereRef('other.organization', '=', 'sighting.organization')
            .whereRef('other.user_id', '=', 'sighting.user_id')
            .where('living.deleted_at', 'is', null),
        ),
      ),
    );
}
