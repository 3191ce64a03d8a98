import type { ReadRecord, SourceReads } from '../../../core/ports/store.ts';
import type { ProblemDocument } from '../../cli/documents.ts';
import type { DirectoryReadStatus, DirectoryStatusDocument } from '../../cli/documents-status.ts';
import type { ReadSource } from './judge-reads.ts';
import { dateText } from './problem.ts';

/** What the store knows of each directory that the configuration still names; `problems` are those of its organization. */
export function directoryDocuments(
  reads: readonly SourceReads[],
  isRead: (source: ReadSource) => boolean,
  problems: readonly ProblemDocument[],
): readonly DirectoryStatusDocument[] {
  return reads.flatMap((source) => (isRead(source.latest) ? [directoryDocument(source, problems)] : []));
}

function directoryDocument(source: SourceReads, problems: readonly ProblemDocument[]): DirectoryStatusDocument {
  const { latest, latestComplete, latestFull, logons } = source;
  const { organization, collector, directory, sourceType } = latest;
  return {
    organization,
    collector,
    directory,
    type: sourceType,
    lastRead: readStatus(latest),
    lastComplete: latestComplete === null ? null : readStatus(latestComplete),
    lastFull: latestFull === null ? null : readStatus(latestFull),
    tombstones: latestComplete?.proof?.tombstones ?? latestFull?.proof?.tombstones ?? null,
    logons:
      logons === null
        ? null
        : {
            at: dateText(logons.at),
            exact: logons.exact,
            answered: logons.asked.length,
            asked: logons.asked.length + logons.failed.length,
            failed: logons.failed.map(({ server, code }) => ({ server, code })),
          },
    problems: problems.flatMap(({ code, place }) => (place['directory'] === directory ? [code] : [])),
  };
}

function readStatus({ proof, startedAt, finishedAt, outcome, error }: ReadRecord): DirectoryReadStatus {
  return {
    kind: proof === null ? null : (proof.kind ?? 'full'),
    outcome,
    at: dateText(finishedAt ?? startedAt),
    durationMs: finishedAt === null ? null : finishedAt - startedAt,
    users: proof?.users ?? null,
    server: proof?.server ?? null,
    site: proof?.site ?? null,
    error,
  };
}
