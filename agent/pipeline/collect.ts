import { proveRead } from '../../core/collect/prove-read.ts';
import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { DirectorySource, ReadProof } from '../../core/ports/directory-source.ts';
import type { ReadRecord, Store } from '../../core/ports/store.ts';
import type { DirectoryReadDocument } from '../cli/documents.ts';
import type { Progress } from '../cli/operations.ts';
import type { Logger } from '../telemetry/logger.ts';
import { errorDocument } from './error-document.ts';

/** One configured directory: its source, or `null` when no credentials were given (C8). */
export interface DirectoryToRead {
  readonly name: string;
  readonly type: 'active-directory' | 'ldif';
  readonly source: DirectorySource | null;
}

export interface CollectContext {
  readonly organization: OrganizationId;
  readonly collector: string;
  readonly store: Store;
  readonly logger: Logger;
  readonly progress: Progress;
  now(): Moment;
}

/**
 * Reads the directories of an organization into the store, one after the other. A read that is not proven complete lands nothing (C1);
 * its document says why, and the others are still read.
 */
export async function collect(context: CollectContext, directories: readonly DirectoryToRead[]): Promise<readonly DirectoryReadDocument[]> {
  const documents: DirectoryReadDocument[] = [];
  for (const directory of directories) documents.push(await collectOne(context, directory));
  return documents;
}

async function collectOne(context: CollectContext, directory: DirectoryToRead): Promise<DirectoryReadDocument> {
  const base = { collector: context.collector, directory: directory.name, type: directory.type };
  const nothing = { server: null, users: 0, leftOut: {}, gaps: [], rejected: [], durationMs: 0, error: null };
  const { source } = directory;
  if (source === null) return { ...base, ...nothing, outcome: 'none' };

  const startedAt = context.now();
  const previous = await previousReads(context, directory.name);
  const task = context.progress.start(`Reading ${directory.name}`);
  const sink = await context.store.beginRead({
    organization: context.organization,
    collector: context.collector,
    directory: directory.name,
    sourceType: directory.type,
    at: startedAt,
  });
  let users = 0;
  try {
    const proof = await source.read({
      async onPage(entries) {
        await sink.add(entries);
        users += entries.length;
        task.update(users, null);
      },
      async onRestart() {
        await sink.restart();
        users = 0;
      },
    });
    const verdict = proveRead(proof, previous);
    const document = { ...base, ...facts(proof), durationMs: context.now() - startedAt };
    if (verdict.complete) {
      await sink.complete(proof, context.now());
      task.done(`Read ${proof.users} users from ${directory.name}`);
      return { ...document, outcome: 'complete', gaps: [], error: null };
    }
    await sink.abandon('incomplete', 'DIRECTORY_INCOMPLETE', proof, context.now());
    task.fail(`The read of ${directory.name} is not complete`);
    const error = new RollcallError(
      'DIRECTORY_INCOMPLETE',
      `The read of ${directory.name} is not proven complete: ${verdict.gaps.join('; ')}.`,
      {
        place: { directory: directory.name, server: proof.server },
      },
    );
    return { ...document, outcome: 'incomplete', gaps: verdict.gaps, error: errorDocument(error) };
  } catch (cause) {
    task.fail();
    const code = cause instanceof RollcallError ? cause.code : 'INTERNAL';
    await sink.abandon('failed', code, null, context.now());
    if (!(cause instanceof RollcallError) || cause.code === 'INTERRUPTED' || cause.code.startsWith('STORE_')) throw cause;
    context.logger.debug('A directory could not be read', { directory: directory.name, code });
    return { ...base, ...nothing, outcome: 'failed', durationMs: context.now() - startedAt, error: errorDocument(cause) };
  }
}

function facts(proof: ReadProof): Pick<DirectoryReadDocument, 'server' | 'users' | 'leftOut' | 'rejected'> {
  return { server: proof.server, users: proof.users, leftOut: proof.leftOut, rejected: proof.rejected };
}

async function previousReads(
  context: CollectContext,
  directory: string,
): Promise<{ readonly latest: ReadRecord | null; readonly latestComplete: ReadRecord | null }> {
  const reads = await context.store.listReads(context.organization);
  const own = reads.find(({ latest }) => latest.directory === directory && latest.collector === context.collector);
  return own ?? { latest: null, latestComplete: null };
}
