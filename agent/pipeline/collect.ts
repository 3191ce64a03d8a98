import { judgeAbsence } from '../../core/collect/judge-absence.ts';
import { owesFullRead } from '../../core/collect/owes-full-read.ts';
import { proveRead } from '../../core/collect/prove-read.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Absence } from '../../core/model/absence.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import type { DirectoryRead, DirectorySource, ReadProof, ReadRequest, SourceMemory } from '../../core/ports/directory-source.ts';
import type { ReadSink, SourceKey, Store } from '../../core/ports/store.ts';
import type { DirectoryReadDocument, RescopedDocument } from '../cli/documents-reads.ts';
import type { Progress } from '../cli/operations.ts';
import type { Logger } from '../telemetry/logger.ts';
import { errorDocument } from './error-document.ts';
import { type PreviousReads, previousReads } from './previous-reads.ts';
import { surveyIfDue } from './survey-logons.ts';

/** One configured directory: its source, or `null` when no credentials were given (C8). */
export interface DirectoryToRead {
  readonly name: string;
  readonly type: 'active-directory' | 'ldif';
  readonly source: DirectorySource | null;
  /** Time in ms between surveys of the last logons; `null` or absent: there are none. */
  readonly lastLogonEveryMs?: number | null;
}

export interface CollectContext {
  readonly organization: OrganizationId;
  readonly collector: string;
  readonly store: Store;
  readonly logger: Logger;
  readonly progress: Progress;
  /** Everything is read, not only what changed (C9). */
  readonly full: boolean;
  /** Directories whose full reads other collectors do (C9): of them what changed is read, as long as that will do. */
  readonly spared?: ReadonlySet<string>;
  /** A person waits for it. */
  readonly attended: boolean;
  now(): Moment;
}

const mostNames = 20;
const nobody: DirectoryReadDocument['absent'] = { absent: 0, missing: 0, gone: 0, out: 0 };

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
  const { source } = directory;
  if (source === null) return { ...base, ...nothingRead, outcome: 'none' };

  const startedAt = context.now();
  const key: SourceKey = { organization: context.organization, collector: context.collector, directory: directory.name };
  const previous = await previousReads(context.store, key);
  const request = await requestOf(context, key, previous);
  const read = await readInto(context, { name: directory.name, type: directory.type, source, key, previous, request });
  const durationMs = context.now() - startedAt;
  const document = { ...base, ...nothingRead, ...read, durationMs };
  if (read.outcome !== 'complete') return document;
  const full = read.kind !== 'changes';
  return { ...document, logons: await surveyIfDue(context, { directory, source, key, request, previous: previous.logons, full }) };
}

interface ReadWords {
  readonly name: string;
  readonly type: DirectoryToRead['type'];
  readonly source: DirectorySource;
  readonly key: SourceKey;
  readonly previous: PreviousReads;
  readonly request: ReadRequest;
}

/** Reads, judges and lands; a failure of the directory becomes a part of the document. */
async function readInto(
  context: CollectContext,
  words: ReadWords,
): Promise<Partial<DirectoryReadDocument> & Pick<DirectoryReadDocument, 'outcome'>> {
  const { name, type, source, key, previous, request } = words;
  const task = context.progress.start(`Reading ${name}`);
  const sink = await context.store.beginRead({ ...key, sourceType: type, at: context.now() });
  let users = 0;
  try {
    const read = await source.read(
      {
        async onPage(entries) {
          await sink.add(entries);
          users += entries.length;
          task.update(users, null);
        },
        async onRestart() {
          await sink.restart();
          users = 0;
        },
        onAbsentees: () => sink.absentees(),
      },
      request,
    );
    const { proof } = read;
    const verdict = proveRead(proof, previous);
    if (!verdict.complete) {
      await sink.abandon('incomplete', 'DIRECTORY_INCOMPLETE', proof, context.now());
      task.fail(`The read of ${name} is not complete`);
      return { ...facts(proof), outcome: 'incomplete', gaps: verdict.gaps, error: errorDocument(incomplete(name, proof, verdict.gaps)) };
    }
    const rescoped = await rescopedBy(proof, previous, sink);
    const newScope = previous.latestComplete?.proof?.scopeKey !== proof.scopeKey;
    const absences = await judgeAbsences(read, sink, { now: context.now(), newScope });
    await sink.complete({ proof, checkpoint: read.checkpoint, absences }, context.now());
    task.done(doneWords(proof, name));
    return { ...facts(proof), outcome: 'complete', absent: countGrades(absences), rescoped };
  } catch (cause) {
    task.fail();
    const code = cause instanceof RollcallError ? cause.code : 'INTERNAL';
    await sink.abandon('failed', code, null, context.now());
    if (!(cause instanceof RollcallError) || cause.code === 'INTERRUPTED' || cause.code.startsWith('STORE_')) throw cause;
    context.logger.debug('A directory could not be read', { directory: name, code });
    return { outcome: 'failed', error: errorDocument(cause) };
  }
}

const nothingRead = {
  server: null,
  kind: null,
  fullBecause: null,
  users: 0,
  absent: nobody,
  rescoped: null,
  logons: null,
  leftOut: {},
  gaps: [],
  rejected: [],
  durationMs: 0,
  error: null,
} as const;

function isOfChanges(proof: ReadProof): boolean {
  return proof.kind === 'changes';
}

function facts(proof: ReadProof): Pick<DirectoryReadDocument, 'server' | 'kind' | 'fullBecause' | 'users' | 'leftOut' | 'rejected'> {
  const { server, users, leftOut, rejected } = proof;
  return { server, kind: proof.kind ?? 'full', fullBecause: proof.fullBecause ?? null, users, leftOut, rejected };
}

function doneWords(proof: ReadProof, directory: string): string {
  return isOfChanges(proof) ? `Read ${proof.users} changed users from ${directory}` : `Read ${proof.users} users from ${directory}`;
}

function incomplete(directory: string, proof: ReadProof, gaps: readonly string[]): RollcallError {
  return new RollcallError('DIRECTORY_INCOMPLETE', `The read of ${directory} is not proven complete: ${gaps.join('; ')}.`, {
    place: { directory, server: proof.server },
  });
}

async function requestOf({ store, attended, ...context }: CollectContext, key: SourceKey, { latest }: PreviousReads): Promise<ReadRequest> {
  const wanted = context.full && context.spared?.has(key.directory) !== true;
  const owed = wanted ? null : owesFullRead(latest);
  const full = wanted || owed !== null;
  const checkpoint = full ? null : await store.checkpoint(key);
  return {
    checkpoint,
    full,
    fullBecause: owed,
    recheck: checkpoint === null ? [] : await store.lockedUsers(key),
    attended,
    memory: await memoryOf(store, key),
  };
}

async function memoryOf(store: Store, key: SourceKey): Promise<SourceMemory> {
  let value = await store.sourceMemory(key);
  return {
    get value() {
      return value;
    },
    async keep(changed) {
      await store.keepSourceMemory(key, changed);
      value = changed;
    },
  };
}

/** Whom another scope takes in and leaves out, told before anything is done about it; `null`: the scope is that of the read before. */
async function rescopedBy(proof: ReadProof, previous: PreviousReads, sink: ReadSink): Promise<RescopedDocument | null> {
  const before = previous.latestComplete?.proof?.scopeKey;
  if (before === undefined || before === proof.scopeKey) return null;
  const takenIn = await sink.newcomers(mostNames);
  const leftOut = (await sink.absentees()).filter(({ absence }) => absence === null).map(({ name }) => name);
  return {
    takenIn: takenIn.count,
    leftOut: leftOut.length,
    names: { takenIn: takenIn.names, leftOut: leftOut.sort().slice(0, mostNames) },
  };
}

/** What is known after this read of those whom it did not bring (C10). */
async function judgeAbsences(
  { proof, evidence }: DirectoryRead,
  sink: ReadSink,
  at: { readonly now: Moment; readonly newScope: boolean },
): Promise<ReadonlyMap<string, Absence>> {
  const fullRead = !isOfChanges(proof);
  if (!fullRead && evidence.length === 0) return new Map();
  const found = new Map(evidence.map((item) => [item.immutableId, item]));
  const absentees = await sink.absentees(fullRead ? null : [...found.keys()]);
  return new Map(
    absentees.map(({ immutableId, absence }) => [immutableId, judgeAbsence(absence, found.get(immutableId) ?? null, { ...at, fullRead })]),
  );
}

function countGrades(absences: ReadonlyMap<string, Absence>): DirectoryReadDocument['absent'] {
  const counts = { ...nobody };
  for (const { grade } of absences.values()) counts[grade] += 1;
  return counts;
}
