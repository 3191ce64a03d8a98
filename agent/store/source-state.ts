import { type Kysely, type Selectable, sql } from 'kysely';
import type { Absence } from '../../core/model/absence.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import type { AcknowledgedState, SourceKey, SourceState, SourceStatePage, StoredLogonSurvey } from '../../core/ports/store.ts';
import type { StoreEngine } from './engine.ts';
import { fromJson, fromNullableJson } from './json.ts';
import { readRecord, selectReads } from './read-records.ts';
import { type SourceRow, selectSource } from './sources.ts';
import type { StoreTables } from './tables.ts';

/** The rows that a state is made of. */
interface Extent {
  readonly source: Pick<SourceRow, 'id' | 'organization'>;
  /** `ad:corp.example.com/` */
  readonly prefix: string;
  readonly base: number | null;
  readonly survey: StoredLogonSurvey | null;
}

/** The state of a source (see the port). It holds a snapshot open until it is closed. */
export async function sourceState(engine: StoreEngine, key: SourceKey, since: AcknowledgedState | null): Promise<SourceState | null> {
  const snapshot = await engine.openSnapshot();
  try {
    const state = await stateIn(snapshot.db, key, since);
    if (state === null) await snapshot.close();
    return state === null ? null : { ...state, close: () => snapshot.close() };
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

async function stateIn(
  db: Kysely<StoreTables>,
  key: SourceKey,
  since: AcknowledgedState | null,
): Promise<Omit<SourceState, 'close'> | null> {
  const source = await selectSource(db, key).selectAll().executeTakeFirst();
  if (source === undefined || source.latest_complete_read_id === null || source.family === null) return null;
  const read = readRecord(await selectReads(db).where('read.id', '=', source.latest_complete_read_id).executeTakeFirstOrThrow());
  const prefix = `${source.family}/`;
  const base = since !== null && (await isTellable(db, source, since)) ? since.read : null;
  const latest = fromNullableJson(source.logon_survey, 'source.logon_survey') as StoredLogonSurvey | null;
  const mark = surveyMark(latest);
  const survey = base !== null && since?.survey === mark ? null : latest;
  const extent = { source, prefix, base, survey };
  return {
    read,
    base,
    counts: await countsOf(db, extent),
    survey,
    reaches: { read: read.id, family: source.family, survey: mark },
    pages: (mostRecords) => pagesOf(db, extent, mostRecords),
  };
}

/** Two surveys are the same when they are of one moment and are worth as much. */
function surveyMark(survey: StoredLogonSurvey | null): string | null {
  return survey === null ? null : `${survey.at}${survey.exact ? '' : '?'}`;
}

/**
 * Whether the changes since a state can be told one by one. Not those to another family, whose users are others (D1), and not that
 * somebody went of whom nothing is known: a state as a whole tells that by leaving the user out.
 */
async function isTellable(db: Kysely<StoreTables>, source: SourceRow, since: AcknowledgedState): Promise<boolean> {
  if (since.family !== source.family || since.read > (source.latest_complete_read_id ?? 0)) return false;
  const unexplained = await selectSightings(db, { source, prefix: `${source.family}/`, base: since.read })
    .select('user_id')
    .where('last_read_id', 'is not', null)
    .where('absence', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return unexplained === undefined;
}

function selectSightings(db: Kysely<StoreTables>, { source, prefix, base }: Omit<Extent, 'survey'>) {
  const rows = db
    .selectFrom('sighting')
    .where('organization', '=', source.organization)
    .where('source_id', '=', source.id)
    .where(sql<string>`substr(user_id, 1, length(${prefix}))`, '=', prefix);
  return base === null ? rows : rows.where('touched_read_id', '>', base);
}

/** Who is absent for reasons unknown is told by nothing. */
function selectTold(db: Kysely<StoreTables>, extent: Extent) {
  return selectSightings(db, extent).where((eb) => eb.or([eb('last_read_id', 'is', null), eb('absence', 'is not', null)]));
}

/** Of an exact survey those whom it brought; of any other all that is known, for it only moved them forward (C4). */
function selectLogons(db: Kysely<StoreTables>, { source, prefix, survey }: Extent) {
  const rows = db
    .selectFrom('logon')
    .where('source_id', '=', source.id)
    .where(sql<string>`substr(user_id, 1, length(${prefix}))`, '=', prefix);
  if (survey === null) return rows.where('source_id', '<', 0);
  return survey.exact ? rows.where('missed', '=', 0) : rows;
}

async function countsOf(db: Kysely<StoreTables>, extent: Extent): Promise<SourceState['counts']> {
  const told = await selectTold(db, extent)
    .select(({ fn }) => [fn.countAll<number>().as('all'), fn.count<number>('last_read_id').as('absences')])
    .executeTakeFirstOrThrow();
  const logons = await selectLogons(db, extent)
    .select(({ fn }) => fn.countAll<number>().as('all'))
    .executeTakeFirstOrThrow();
  return { entries: told.all - told.absences, absences: told.absences, logons: logons.all };
}

async function* pagesOf(db: Kysely<StoreTables>, extent: Extent, mostRecords: number): AsyncGenerator<SourceStatePage> {
  const { prefix } = extent;
  for (let after = prefix; ; ) {
    const rows = await selectTold(db, extent)
      .select(['user_id', 'last_read_id', 'entry', 'absence'])
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(mostRecords)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) break;
    yield pageOf(rows, prefix);
    after = last.user_id;
  }
  for (let after = prefix; ; ) {
    const rows = await selectLogons(db, extent)
      .select(['user_id', 'at'])
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(mostRecords)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    yield { entries: [], absences: [], logons: rows.map(({ user_id, at }) => [user_id.slice(prefix.length), at]) };
    after = last.user_id;
  }
}

function pageOf(
  rows: readonly Pick<Selectable<StoreTables['sighting']>, 'user_id' | 'last_read_id' | 'entry' | 'absence'>[],
  prefix: string,
): SourceStatePage {
  return {
    entries: rows.flatMap((row) => (row.last_read_id === null ? [fromJson(row.entry, 'sighting.entry') as DirectoryEntry] : [])),
    absences: rows.flatMap((row) => {
      if (row.last_read_id === null) return [];
      return [[row.user_id.slice(prefix.length), fromNullableJson(row.absence, 'sighting.absence') as Absence] as const];
    }),
    logons: [],
  };
}
