import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Absence, Absentee } from '../../core/model/absence.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import { personLabel } from '../../core/normalize/person-label.ts';
import { chunks } from './chunks.ts';
import { fromJson, fromNullableJson } from './json.ts';
import type { ReadInProgress } from './land-read.ts';
import type { StoreTables } from './tables.ts';

const pageSize = 1_000;

/** Users of the source, of the family that it had until now, that are not staged; in the order of their ids. */
export async function absentees(db: Kysely<StoreTables>, read: ReadInProgress): Promise<readonly Absentee[]> {
  if (read.family === null) return [];
  const prefix = `${read.family}/`;
  const found: Absentee[] = [];
  let after = prefix;
  for (;;) {
    const rows = await selectUnstaged(db, read, prefix)
      .where('user_id', '>', after)
      .where(sql<string>`substr(user_id, 1, length(${prefix}))`, '=', prefix)
      .limit(pageSize)
      .execute();
    for (const row of rows) found.push(absenteeOf(row, prefix));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return found;
    after = last.user_id;
  }
}

/** Those with one of these ids, without looking at the others. */
export async function absenteesAmong(db: Kysely<StoreTables>, read: ReadInProgress, ids: readonly string[]): Promise<readonly Absentee[]> {
  if (read.family === null) return [];
  const prefix = `${read.family}/`;
  const found: Absentee[] = [];
  for (const chunk of chunks([...new Set(ids)].sort())) {
    const userIds = chunk.map((id) => `${prefix}${id}`);
    const rows = await selectUnstaged(db, read, prefix).where('user_id', 'in', userIds).execute();
    for (const row of rows) found.push(absenteeOf(row, prefix));
  }
  return found;
}

function selectUnstaged(db: Kysely<StoreTables>, read: ReadInProgress, prefix: string) {
  return db
    .selectFrom('sighting')
    .select(['user_id', 'entry', 'absence'])
    .where('organization', '=', read.organization)
    .where('source_id', '=', read.sourceId)
    .where(stagedIn(db, read, idWithin(prefix)), 'is', null)
    .orderBy('user_id');
}

/** The immutable id within the id of a sighting's user of the family. */
export function idWithin(prefix: string): RawBuilder<string> {
  return sql<string>`substr(sighting.user_id, length(${prefix}) + 1)`;
}

/**
 * The read that the user with this immutable id is staged in; `null`: it is not. One value for each row, not a join: between two landings
 * PostgreSQL may have counted that nobody is ever staged, and would then compare each user with each that is.
 */
export function stagedIn(db: Kysely<StoreTables>, { readId }: Pick<ReadInProgress, 'readId'>, immutableId: RawBuilder<string>) {
  return db
    .selectFrom('staging.entry as staged')
    .select('staged.read_id')
    .where('staged.read_id', '=', readId)
    .where('staged.immutable_id', '=', immutableId)
    .$asScalar();
}

function absenteeOf(row: Pick<Selectable<StoreTables['sighting']>, 'user_id' | 'entry' | 'absence'>, prefix: string): Absentee {
  const entry = fromJson(row.entry, 'sighting.entry') as DirectoryEntry;
  return {
    immutableId: row.user_id.slice(prefix.length),
    dn: entry.dn,
    name: nameOf(entry),
    absence: fromNullableJson(row.absence, 'sighting.absence') as Absence | null,
  };
}

/** Staged users that are not present: how many, and the names that come first. */
export async function newcomers(
  db: Kysely<StoreTables>,
  read: ReadInProgress,
  mostNames: number,
): Promise<{ readonly count: number; readonly names: readonly string[] }> {
  const prefix = `${read.family ?? ''}/`;
  const staged = db
    .selectFrom('staging.entry as staged')
    .leftJoin('sighting', (join) =>
      join
        .on('sighting.organization', '=', read.organization)
        .on('sighting.user_id', '=', sql<string>`${prefix} || staged.immutable_id`)
        .on('sighting.source_id', '=', read.sourceId),
    )
    .where('staged.read_id', '=', read.readId)
    .where((eb) => eb.or([eb('sighting.user_id', 'is', null), eb('sighting.last_read_id', 'is not', null)]));
  const names: string[] = [];
  let after = '';
  for (;;) {
    const rows = await staged
      // What is staged without an entry is as it is stored.
      .select(({ fn }) => ['staged.immutable_id', fn.coalesce('staged.entry', 'sighting.entry').as('entry')])
      .where('staged.immutable_id', '>', after)
      .orderBy('staged.immutable_id')
      .limit(pageSize)
      .execute();
    for (const { entry } of rows) names.push(nameOf(fromJson(entry ?? 'null', 'staging.entry') as DirectoryEntry));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return { count: names.length, names: names.sort().slice(0, mostNames) };
    after = last.immutable_id;
  }
}

function nameOf({ person, dn }: DirectoryEntry): string {
  return personLabel(person, dn);
}
