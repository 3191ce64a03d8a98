import { type Kysely, sql, type Transaction } from 'kysely';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import { personLabel } from '../../core/normalize/person-label.ts';
import type { CollectorImpact, CollectorRecord, DeletedCollector } from '../../core/ports/store.ts';
import { fromJson, toJson } from './json.ts';
import type { StoreTables } from './tables.ts';

export async function listCollectors(db: Kysely<StoreTables>, organization: OrganizationId): Promise<readonly CollectorRecord[]> {
  const rows = await db.selectFrom('collector').selectAll().where('organization', '=', organization).orderBy('name').execute();
  return rows.map(({ name, location, subnets, version }) => ({
    name,
    location,
    subnets: fromJson(subnets, 'collector.subnets') as readonly string[],
    version,
  }));
}

export async function saveCollector(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  { name, location, subnets, version }: CollectorRecord,
): Promise<void> {
  await tx
    .insertInto('collector')
    .values({ organization, name, location, subnets: toJson(subnets), version })
    .onConflict((conflict) =>
      conflict.columns(['organization', 'name']).doUpdateSet((eb) => ({
        location: eb.ref('excluded.location'),
        subnets: eb.ref('excluded.subnets'),
        version: eb.ref('excluded.version'),
      })),
    )
    .execute();
}

/** What deleting it takes along (D5); `null`: it is the source of nothing that is there. */
export async function collectorImpact(
  db: Kysely<StoreTables>,
  organization: OrganizationId,
  collector: string,
  mostNames: number,
): Promise<CollectorImpact | null> {
  const sources = await livingSources(db, organization, collector);
  if (sources.length === 0) return null;
  const ids = sources.map(({ id }) => id);
  const seen = await db
    .selectFrom('sighting')
    .select(sql<number>`count(distinct user_id)`.as('count'))
    .where('source_id', 'in', ids)
    .executeTakeFirst();
  const only = onlySeenBy(db, organization, ids);
  const lost = await only.select(sql<number>`count(distinct sighting.user_id)`.as('count')).executeTakeFirst();
  const matched = await only
    .innerJoin('user_state', (join) =>
      join.onRef('user_state.user_id', '=', 'sighting.user_id').onRef('user_state.organization', '=', 'sighting.organization'),
    )
    .select(sql<number>`count(distinct sighting.user_id)`.as('count'))
    .where('user_state.state', '=', 'matched')
    .executeTakeFirst();
  const first = await only.select(['sighting.user_id', 'sighting.entry']).orderBy('sighting.user_id').limit(mostNames).execute();
  return {
    directories: sources.map(({ directory }) => directory),
    users: seen?.count ?? 0,
    onlyHere: lost?.count ?? 0,
    matchesLost: matched?.count ?? 0,
    names: [...new Set(first.map(({ entry }) => nameOf(entry)))],
  };
}

/** Its sources are left out from now on; whether there were any. */
export async function deleteCollector(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  collector: string,
  at: Moment,
): Promise<boolean> {
  const result = await tx
    .updateTable('source')
    .set({ deleted_at: at })
    .where('organization', '=', organization)
    .where('collector', '=', collector)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Takes back `deleteCollector`; whether there was something to take back. */
export async function restoreCollector(tx: Transaction<StoreTables>, organization: OrganizationId, collector: string): Promise<boolean> {
  const result = await tx
    .updateTable('source')
    .set({ deleted_at: null })
    .where('organization', '=', organization)
    .where('collector', '=', collector)
    .where('deleted_at', 'is not', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deletedCollectors(db: Kysely<StoreTables>, organization: OrganizationId): Promise<readonly DeletedCollector[]> {
  const rows = await db
    .selectFrom('source')
    .select('collector')
    .select(({ fn }) => fn.max('deleted_at').as('deleted_at'))
    .where('organization', '=', organization)
    .where('deleted_at', 'is not', null)
    .groupBy('collector')
    .orderBy('collector')
    .execute();
  return rows.map(({ collector, deleted_at }) => ({ name: collector, deletedAt: Number(deleted_at) }));
}

/**
 * Gives what one collector saw to the one that takes its place. Where that one has read a directory of the name completely itself, its
 * own reads stay and those of the old one go as if it was deleted: they are older, and of the same users.
 */
export async function replaceCollector(
  tx: Transaction<StoreTables>,
  organization: OrganizationId,
  { from, to, at }: { readonly from: string; readonly to: string; readonly at: Moment },
): Promise<boolean> {
  const old = await livingSources(tx, organization, from);
  const own = await tx
    .selectFrom('source')
    .select(['id', 'directory', 'latest_complete_read_id'])
    .where('organization', '=', organization)
    .where('collector', '=', to)
    .execute();
  for (const source of old) {
    const successor = own.find(({ directory }) => directory === source.directory);
    if (successor !== undefined && successor.latest_complete_read_id !== null) {
      await keepFirstSights(tx, { old: source.id, successor: successor.id });
      await tx.updateTable('source').set({ deleted_at: at }).where('id', '=', source.id).execute();
      continue;
    }
    if (successor !== undefined) await forgetSource(tx, successor.id);
    await tx.updateTable('source').set({ collector: to }).where('id', '=', source.id).execute();
  }
  return old.length > 0;
}

/** Deletes for good what was deleted before the moment; says how many sources. Matches go with users that nobody else has seen. */
export async function purgeCollectors(tx: Transaction<StoreTables>, before: Moment): Promise<number> {
  const sources = await tx.selectFrom('source').select(['id', 'organization']).where('deleted_at', '<', before).execute();
  for (const { id, organization } of sources) {
    const users = onlySeenBy(tx, organization, [id], 'deleted too').select('sighting.user_id');
    for (const table of ['user_state', 'contact_base'] as const) {
      await tx.deleteFrom(table).where('organization', '=', organization).where('user_id', 'in', users).execute();
    }
    await forgetSource(tx, id);
  }
  return sources.length;
}

function livingSources(db: Kysely<StoreTables>, organization: OrganizationId, collector: string) {
  return db
    .selectFrom('source')
    .select(['id', 'directory'])
    .where('organization', '=', organization)
    .where('collector', '=', collector)
    .where('deleted_at', 'is', null)
    .orderBy('directory')
    .execute();
}

/** Sightings by these sources of users whom no other source has, as it stands; `deleted too`: not even one that was deleted. */
function onlySeenBy(
  db: Kysely<StoreTables>,
  organization: string,
  sources: readonly number[],
  others: 'living' | 'deleted too' = 'living',
) {
  return db
    .selectFrom('sighting')
    .where('sighting.organization', '=', organization)
    .where('sighting.source_id', 'in', [...sources])
    .where((eb) => {
      let other = eb
        .selectFrom('sighting as other')
        .innerJoin('source as seer', 'seer.id', 'other.source_id')
        .select('other.user_id')
        .whereRef('other.organization', '=', 'sighting.organization')
        .whereRef('other.user_id', '=', 'sighting.user_id')
        .where('other.source_id', 'not in', [...sources]);
      if (others === 'living') other = other.where('seer.deleted_at', 'is', null);
      return eb.not(eb.exists(other));
    });
}

/** Who saw a user first decides about its location (E6). */
async function keepFirstSights(
  tx: Transaction<StoreTables>,
  { old, successor }: { readonly old: number; readonly successor: number },
): Promise<void> {
  await tx
    .updateTable('sighting')
    .from('sighting as before')
    .set((eb) => ({ first_seen_at: eb.ref('before.first_seen_at') }))
    .where('sighting.source_id', '=', successor)
    .where('before.source_id', '=', old)
    .whereRef('before.organization', '=', 'sighting.organization')
    .whereRef('before.user_id', '=', 'sighting.user_id')
    .whereRef('before.first_seen_at', '<', 'sighting.first_seen_at')
    .execute();
}

async function forgetSource(tx: Transaction<StoreTables>, id: number): Promise<void> {
  await tx.deleteFrom('sighting').where('source_id', '=', id).execute();
  await tx.deleteFrom('logon').where('source_id', '=', id).execute();
  const reads = tx.selectFrom('read').select('read.id').where('source_id', '=', id);
  await tx.deleteFrom('staging.entry').where('read_id', 'in', reads).execute();
  await tx.deleteFrom('read').where('source_id', '=', id).execute();
  await tx.deleteFrom('source').where('id', '=', id).execute();
}

function nameOf(text: string): string {
  const { person, dn } = fromJson(text, 'sighting.entry') as DirectoryEntry;
  return personLabel(person, dn);
}
