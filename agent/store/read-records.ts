import type { Kysely, Selectable } from 'kysely';
import { organizationId } from '../../core/model/ids.ts';
import type { ReadProof } from '../../core/ports/directory-source.ts';
import type { ReadRecord } from '../../core/ports/store.ts';
import { fromNullableJson } from './json.ts';
import type { StoreTables } from './tables.ts';

/** The columns of a read with those of its source, as `readRecord` takes them. */
export type ReadRow = Selectable<StoreTables['read']> & Pick<Selectable<StoreTables['source']>, 'organization' | 'collector' | 'directory'>;

export function selectReads(db: Kysely<StoreTables>) {
  return db
    .selectFrom('read')
    .innerJoin('source', 'source.id', 'read.source_id')
    .selectAll('read')
    .select(['source.organization', 'source.collector', 'source.directory']);
}

export function readRecord(row: ReadRow): ReadRecord {
  return {
    id: row.id,
    organization: organizationId(row.organization),
    collector: row.collector,
    directory: row.directory,
    sourceType: row.source_type,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    proof: fromNullableJson(row.proof, 'read.proof') as ReadProof | null,
    error: row.error,
  };
}
