import { sql, type Transaction } from 'kysely';
import type { Absence } from '../../core/model/absence.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import { chunks } from './chunks.ts';
import { landAbsences } from './land-absences.ts';
import { idWithin, stagedIn } from './staged-users.ts';
import type { StoreTables } from './tables.ts';

/** Rows a statement: some milliseconds each, so that the event loop gets its turns in between. */
const landAtOnce = 1_000;

/** The source and its family, as they were when the read began. */
export interface ReadInProgress {
  readonly readId: number;
  readonly sourceId: number;
  readonly organization: OrganizationId;
  /** Family of the sightings that entries are compared with; `null` before the first complete read. */
  readonly family: string | null;
  readonly latestCompleteReadId: number | null;
}

/** A user of a read in memory. */
export interface PendingEntry {
  readonly immutableId: string;
  /** JSON of the entry. */
  readonly text: string;
}

export interface LandedRead {
  readonly kind: 'full' | 'changes';
  readonly family: string;
  /** Whether anything was staged. */
  readonly brought: boolean;
  /** By immutable id; what the read brought is not among them, whatever they say. */
  readonly absences: ReadonlyMap<string, Absence>;
  readonly at: Moment;
}

/**
 * Turns what was staged into sightings: new and changed entries are written, those that come back or are gone are marked. After a
 * read of changes only those are gone whose absence is told.
 */
export async function landRead(tx: Transaction<StoreTables>, read: ReadInProgress, landing: LandedRead): Promise<void> {
  const prefix = `${landing.family}/`;
  if (read.family !== null && read.family !== landing.family) {
    await fetchUnchanged(tx, read, `${read.family}/`);
  }
  if (read.latestCompleteReadId !== null) {
    if (landing.kind === 'full') await markAbsent(tx, read, prefix, read.latestCompleteReadId);
    if (landing.brought) await markReturned(tx, read, prefix);
    if (landing.absences.size > 0) await landAbsences(tx, read, landing);
  }
  if (landing.brought) await landChanged(tx, read, prefix, landing.at);
}

/** Lands the first complete read of a source without staging it: each user once, and nobody is there to be compared with. */
export async function landFirst(
  tx: Transaction<StoreTables>,
  read: ReadInProgress,
  { family, entries, at }: { readonly family: string; readonly entries: readonly PendingEntry[]; readonly at: Moment },
): Promise<void> {
  const shared = { organization: read.organization, source_id: read.sourceId, last_read_id: null, first_seen_at: at };
  // By key, so that neither the table nor its indexes are written all over the place.
  const sorted = entries.toSorted((left, right) => (left.immutableId < right.immutableId ? -1 : 1));
  for (const chunk of chunks(sorted)) {
    await tx
      .insertInto('sighting')
      .values(
        chunk.map(({ immutableId, text }) => ({
          ...shared,
          user_id: `${family}/${immutableId}`,
          entry: text,
          touched_read_id: read.readId,
        })),
      )
      .execute();
  }
}

/** The directory now belongs to another family (D1): the same entries become other users, so they are needed whole. */
async function fetchUnchanged(tx: Transaction<StoreTables>, read: ReadInProgress, prefix: string): Promise<void> {
  await tx
    .updateTable('staging.entry as staged')
    .set((eb) => ({
      entry: eb
        .selectFrom('sighting')
        .select('sighting.entry')
        .where('sighting.organization', '=', read.organization)
        .where('sighting.source_id', '=', read.sourceId)
        .whereRef('sighting.user_id', '=', sql<string>`${prefix} || staged.immutable_id`),
    }))
    .where('read_id', '=', read.readId)
    .where('entry', 'is', null)
    .execute();
}

/** Users whom the previous complete read saw and this one did not: it becomes the last read that saw them. */
async function markAbsent(tx: Transaction<StoreTables>, read: ReadInProgress, prefix: string, lastReadId: number): Promise<void> {
  await tx
    .updateTable('sighting')
    .set({ last_read_id: lastReadId, touched_read_id: read.readId })
    .where('source_id', '=', read.sourceId)
    .where('last_read_id', 'is', null)
    .where((eb) =>
      eb.or([
        eb(sql<string>`substr(sighting.user_id, 1, length(${prefix}))`, '<>', prefix),
        eb.not(
          eb.exists(
            eb
              .selectFrom('staging.entry as staged')
              .select('staged.read_id')
              .where('staged.read_id', '=', read.readId)
              .whereRef('staged.immutable_id', '=', sql<string>`substr(sighting.user_id, length(${prefix}) + 1)`),
          ),
        ),
      ]),
    )
    .execute();
}

/** Unchanged users who were absent and are back. Changed ones are written anyway. */
async function markReturned(tx: Transaction<StoreTables>, read: ReadInProgress, prefix: string): Promise<void> {
  await tx
    .updateTable('sighting')
    .set({ last_read_id: null, absence: null, touched_read_id: read.readId })
    .where('source_id', '=', read.sourceId)
    .where('last_read_id', 'is not', null)
    .where(sql<string>`substr(sighting.user_id, 1, length(${prefix}))`, '=', prefix)
    .where(stagedIn(tx, read, idWithin(prefix)), 'is not', null)
    .execute();
}

async function landChanged(tx: Transaction<StoreTables>, read: ReadInProgress, prefix: string, at: Moment): Promise<void> {
  let after = '';
  for (;;) {
    const last = await lastOfNextPiece(tx, read.readId, after);
    if (last === null) {
      return;
    }
    await tx
      .insertInto('sighting')
      .columns(['organization', 'user_id', 'source_id', 'last_read_id', 'first_seen_at', 'entry', 'touched_read_id'])
      .expression((eb) =>
        eb
          .selectFrom('staging.entry as staged')
          // The casts tell PostgreSQL the types of parameters in a select list; SQLite does not mind them.
          .select([
            sql<string>`cast(${read.organization} as text)`.as('organization'),
            sql<string>`${prefix} || staged.immutable_id`.as('user_id'),
            sql<number>`cast(${read.sourceId} as integer)`.as('source_id'),
            sql<null>`cast(null as integer)`.as('last_read_id'),
            sql<number>`cast(${at} as bigint)`.as('first_seen_at'),
            sql<string>`staged.entry`.as('entry'),
            sql<number>`cast(${read.readId} as integer)`.as('touched_read_id'),
          ])
          .where('read_id', '=', read.readId)
          .where('entry', 'is not', null)
          .where('immutable_id', '>', after)
          .where('immutable_id', '<=', last),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['organization', 'user_id', 'source_id'])
          .doUpdateSet((eb) => ({ entry: eb.ref('excluded.entry'), touched_read_id: eb.ref('excluded.touched_read_id') })),
      )
      .execute();
    after = last;
  }
}

async function lastOfNextPiece(tx: Transaction<StoreTables>, readId: number, after: string): Promise<string | null> {
  const piece = tx
    .selectFrom('staging.entry as staged')
    .select('immutable_id')
    .where('read_id', '=', readId)
    .where('immutable_id', '>', after)
    .orderBy('immutable_id')
    .limit(landAtOnce);
  const last = await tx
    .selectFrom(piece.as('piece'))
    .select(({ fn }) => fn.max('immutable_id').as('id'))
    .executeTakeFirst();
  return last?.id ?? null;
}
