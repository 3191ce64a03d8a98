import { sql, type Transaction } from 'kysely';
import type { Moment } from '../../core/model/time.ts';
import type { LogonSurvey } from '../../core/ports/directory-source.ts';
import type { SourceKey, StoredLogonSurvey } from '../../core/ports/store.ts';
import { chunks } from './chunks.ts';
import { toJson } from './json.ts';
import { ensureSource, type SourceRow } from './sources.ts';
import type { StoreTables } from './tables.ts';

/** Rows a statement: some milliseconds each, so that the event loop gets its turns in between. */
const landAtOnce = 5_000;

/** Keeps what a survey brought of users that the source has seen; only rows that change are written. */
export async function saveLogons(tx: Transaction<StoreTables>, key: SourceKey, survey: LogonSurvey, at: Moment): Promise<void> {
  const source = await ensureSource(tx, key);
  const { asked, failed, exact } = survey;
  await tx
    .updateTable('source')
    .set({ logon_survey: toJson({ asked, failed, exact, at } satisfies StoredLogonSurvey) })
    .where('id', '=', source.id)
    .execute();
  if (source.family === null) return;
  await stage(tx, source.id, `${source.family}/`, survey.logons);
  await landStaged(tx, source, exact);
  if (exact) await markMissed(tx, source.id);
  await tx.deleteFrom('staging.logon').where('source_id', '=', source.id).execute();
}

async function stage(tx: Transaction<StoreTables>, sourceId: number, prefix: string, logons: LogonSurvey['logons']): Promise<void> {
  const rows = Array.from(logons, ([id, at]) => ({ source_id: sourceId, user_id: `${prefix}${id}`, at }));
  for (const chunk of chunks(rows)) {
    await tx.insertInto('staging.logon').values(chunk).execute();
  }
}

/** What not all controllers answered is no reason to show an earlier logon than before. */
async function landStaged(tx: Transaction<StoreTables>, source: SourceRow, exact: boolean): Promise<void> {
  let after = '';
  for (;;) {
    const last = await lastOfNextPiece(tx, source.id, after);
    if (last === null) return;
    await tx
      .insertInto('logon')
      .columns(['source_id', 'user_id', 'at', 'missed'])
      .expression((eb) =>
        eb
          .selectFrom('staging.logon as staged')
          .innerJoin('sighting', (join) =>
            join
              .on('sighting.organization', '=', source.organization)
              .onRef('sighting.user_id', '=', 'staged.user_id')
              .on('sighting.source_id', '=', source.id),
          )
          .select(['sighting.source_id', 'sighting.user_id', 'staged.at'])
          .select(sql<number>`cast(${exact ? 0 : 1} as integer)`.as('missed'))
          .where('staged.source_id', '=', source.id)
          .where('staged.user_id', '>', after)
          .where('staged.user_id', '<=', last),
      )
      .onConflict((conflict) =>
        exact
          ? conflict
              .columns(['source_id', 'user_id'])
              .doUpdateSet((eb) => ({ at: eb.ref('excluded.at'), missed: 0 }))
              .where((eb) => eb.or([eb('logon.at', '!=', eb.ref('excluded.at')), eb('logon.missed', '!=', 0)]))
          : conflict
              .columns(['source_id', 'user_id'])
              .doUpdateSet((eb) => ({ at: eb.ref('excluded.at') }))
              .whereRef('logon.at', '<', 'excluded.at'),
      )
      .execute();
    after = last;
  }
}

async function lastOfNextPiece(tx: Transaction<StoreTables>, sourceId: number, after: string): Promise<string | null> {
  const piece = tx
    .selectFrom('staging.logon as staged')
    .select('user_id')
    .where('source_id', '=', sourceId)
    .where('user_id', '>', after)
    .orderBy('user_id')
    .limit(landAtOnce);
  const last = await tx
    .selectFrom(piece.as('piece'))
    .select(({ fn }) => fn.max('user_id').as('id'))
    .executeTakeFirst();
  return last?.id ?? null;
}

async function markMissed(tx: Transaction<StoreTables>, sourceId: number): Promise<void> {
  await tx
    .updateTable('logon')
    .set({ missed: 1 })
    .where('source_id', '=', sourceId)
    .where('missed', '=', 0)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('staging.logon as staged')
            .select('staged.user_id')
            .where('staged.source_id', '=', sourceId)
            .whereRef('staged.user_id', '=', 'logon.user_id'),
        ),
      ),
    )
    .execute();
}
