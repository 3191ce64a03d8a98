import type { Kysely } from 'kysely';
import { exactSurveys } from '../../core/collect/exact-surveys.ts';
import { withSurvey } from '../../core/collect/with-survey.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Absence } from '../../core/model/absence.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import type { OrganizationId, UserId } from '../../core/model/ids.ts';
import type { ReadRecord, Store, StoredLogonSurvey, StoredSighting } from '../../core/ports/store.ts';
import type { StoreEngine } from './engine.ts';
import { fromJson, fromNullableJson } from './json.ts';
import { readRecord, selectReads } from './read-records.ts';
import type { StoreTables } from './tables.ts';

const pageSize = 1_000;

/** Hands out the organization's sightings as they are when the first page is asked for; later writes are not seen. */
export async function* sightings(engine: StoreEngine, organization: OrganizationId): AsyncGenerator<readonly StoredSighting[]> {
  const snapshot = await engine.openSnapshot();
  try {
    const reads = await neededReads(snapshot.db, organization);
    const isExact = await exactlySurveyed(snapshot.db, organization);
    let after = { userId: '', sourceId: 0 };
    for (;;) {
      const rows = await snapshot.db
        .selectFrom('sighting')
        .innerJoin('source', 'source.id', 'sighting.source_id')
        .leftJoin('logon', (join) =>
          join.onRef('logon.source_id', '=', 'sighting.source_id').onRef('logon.user_id', '=', 'sighting.user_id'),
        )
        .select(['sighting.user_id', 'sighting.source_id', 'sighting.first_seen_at', 'sighting.entry', 'sighting.absence'])
        .select(['source.collector', 'source.directory', 'logon.at as logon_at', 'logon.missed'])
        .select(({ fn }) => fn.coalesce('sighting.last_read_id', 'source.latest_complete_read_id').as('read_id'))
        .where('sighting.organization', '=', organization)
        .where('source.deleted_at', 'is', null)
        .where('sighting.user_id', '>=', after.userId)
        .where((eb) => eb.or([eb('sighting.user_id', '>', after.userId), eb('sighting.source_id', '>', after.sourceId)]))
        .orderBy('sighting.user_id')
        .orderBy('sighting.source_id')
        .limit(pageSize)
        .execute();
      const last = rows.at(-1);
      if (last === undefined) {
        return;
      }
      yield rows.map((row) => {
        const read = readOf(reads, row.read_id);
        const entry = fromJson(row.entry, 'sighting.entry') as DirectoryEntry;
        const surveyed = row.logon_at === null ? null : { at: row.logon_at, exact: isExact(row.source_id, row) };
        const account = withSurvey(entry.account, surveyed);
        return {
          userId: row.user_id as UserId,
          collector: row.collector,
          directory: row.directory,
          sourceType: read.sourceType,
          read,
          firstSeenAt: row.first_seen_at,
          entry: account === entry.account ? entry : { ...entry, account },
          absence: fromNullableJson(row.absence, 'sighting.absence') as Absence | null,
        };
      });
      after = { userId: last.user_id, sourceId: last.source_id };
    }
  } finally {
    await snapshot.close();
  }
}

/** Per collector and directory, in the order of their names. */
export async function listReads(db: Kysely<StoreTables>, organization: OrganizationId): ReturnType<Store['listReads']> {
  return db.transaction().execute(async (tx) => {
    const sources = await tx
      .selectFrom('source')
      .select(['latest_read_id', 'latest_complete_read_id', 'latest_full_read_id', 'logon_survey'])
      .where('organization', '=', organization)
      // Only its memory is kept so far.
      .where('latest_read_id', 'is not', null)
      .where('deleted_at', 'is', null)
      .orderBy('collector')
      .orderBy('directory')
      .execute();
    const reads = await readsById(
      tx,
      sources.flatMap((source) => [source.latest_read_id, source.latest_complete_read_id, source.latest_full_read_id]),
    );
    return sources.map((source) => ({
      latest: readOf(reads, source.latest_read_id),
      latestComplete: source.latest_complete_read_id === null ? null : readOf(reads, source.latest_complete_read_id),
      latestFull: source.latest_full_read_id === null ? null : readOf(reads, source.latest_full_read_id),
      logons: surveyOf(source.logon_survey),
    }));
  });
}

/** Of which sources the last logons are exact by the latest surveys: by its own alone, or with those of others (C4). */
async function exactlySurveyed(
  db: Kysely<StoreTables>,
  organization: OrganizationId,
): Promise<(source: number, logon: { readonly missed: number | null }) => boolean> {
  const rows = await db
    .selectFrom('source')
    .select(['id', 'family', 'logon_survey'])
    .where('organization', '=', organization)
    .where('deleted_at', 'is', null)
    .execute();
  const surveys = rows.flatMap(({ id, family, logon_survey }) => {
    const survey = surveyOf(logon_survey);
    return family === null || survey === null ? [] : [{ source: id, family, survey }];
  });
  const alone = new Set(surveys.filter(({ survey }) => survey.exact).map(({ source }) => source));
  const together = exactSurveys(surveys);
  // A survey of some controllers never says whom it did not bring.
  return (source, { missed }) => (alone.has(source) ? missed === 0 : together.has(source));
}

function surveyOf(text: string | null): StoredLogonSurvey | null {
  return fromNullableJson(text, 'source.logon_survey') as StoredLogonSurvey | null;
}

/** The latest complete reads, and those that were the last to see somebody. */
async function neededReads(db: Kysely<StoreTables>, organization: OrganizationId): Promise<ReadonlyMap<number, ReadRecord>> {
  const sources = await db.selectFrom('source').select('latest_complete_read_id').where('organization', '=', organization).execute();
  const earlier = await db
    .selectFrom('sighting')
    .select('last_read_id')
    .distinct()
    .where('source_id', 'in', (eb) => eb.selectFrom('source').select('source.id').where('source.organization', '=', organization))
    .where('last_read_id', 'is not', null)
    .execute();
  return readsById(db, [...sources.map((source) => source.latest_complete_read_id), ...earlier.map((row) => row.last_read_id)]);
}

async function readsById(db: Kysely<StoreTables>, ids: readonly (number | null)[]): Promise<ReadonlyMap<number, ReadRecord>> {
  const wanted = ids.filter((id) => id !== null);
  const found = new Map<number, ReadRecord>();
  for (let start = 0; start < wanted.length; start += pageSize) {
    const rows = await selectReads(db)
      .where('read.id', 'in', wanted.slice(start, start + pageSize))
      .execute();
    for (const row of rows) {
      found.set(row.id, readRecord(row));
    }
  }
  return found;
}

function readOf(reads: ReadonlyMap<number, ReadRecord>, id: number | null): ReadRecord {
  const read = id === null ? undefined : reads.get(id);
  if (read === undefined) {
    throw new RollcallError('STORE_CORRUPT', "The store's content is damaged: a sighting names a read that is not there.", {
      place: { read: id },
    });
  }
  return read;
}
