import { sql, type Transaction } from 'kysely';
import { chunks } from './chunks.ts';
import { toJson } from './json.ts';
import type { LandedRead, ReadInProgress } from './land-read.ts';
import { stagedIn } from './staged-users.ts';
import type { StoreTables } from './tables.ts';

/** Keeps what is known of users of the landing's family that it did not bring. Those who were present until now are marked. */
export async function landAbsences(
  tx: Transaction<StoreTables>,
  read: ReadInProgress,
  landing: Pick<LandedRead, 'family' | 'absences'>,
): Promise<void> {
  await stage(tx, read.readId, landing.absences);
  await tx
    .updateTable('sighting')
    .from('staging.absence as told')
    .set((eb) => ({
      absence: eb.ref('told.absence'),
      last_read_id: eb.fn.coalesce('sighting.last_read_id', eb.val(read.latestCompleteReadId)),
      touched_read_id: read.readId,
    }))
    .where('told.read_id', '=', read.readId)
    .where('sighting.organization', '=', read.organization)
    .where('sighting.source_id', '=', read.sourceId)
    .where('sighting.user_id', '=', sql<string>`${`${landing.family}/`} || told.immutable_id`)
    .where((eb) => eb.or([eb('sighting.absence', 'is', null), eb('sighting.absence', '!=', eb.ref('told.absence'))]))
    .where(stagedIn(tx, read, sql`told.immutable_id`), 'is', null)
    .execute();
  await tx.deleteFrom('staging.absence').where('read_id', '=', read.readId).execute();
}

async function stage(tx: Transaction<StoreTables>, readId: number, absences: LandedRead['absences']): Promise<void> {
  const rows = Array.from(absences, ([immutableId, absence]) => ({ read_id: readId, immutable_id: immutableId, absence: toJson(absence) }));
  for (const chunk of chunks(rows)) {
    await tx.insertInto('staging.absence').values(chunk).execute();
  }
}
