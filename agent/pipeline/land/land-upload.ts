import { judgeAbsence } from '../../../core/collect/judge-absence.ts';
import { proveRead } from '../../../core/collect/prove-read.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { Absence } from '../../../core/model/absence.ts';
import { organizationId } from '../../../core/model/ids.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { ReadSink, SourceKey, Store } from '../../../core/ports/store.ts';
import type { WaitingUpload } from '../../hub/inbox/inbox.ts';
import type { UploadManifest, UploadPage } from '../../hub/protocol/uploads.ts';
import { type PreviousReads, previousReads } from '../previous-reads.ts';
import { judgeUpload } from './judge-upload.ts';
import { type LandedMark, nextMark, readMark } from './landed-mark.ts';
import { type OwnClock, ownClock } from './own-clock.ts';

/** What became of an upload. */
export type Landed =
  | { readonly state: 'landed'; readonly users: number; readonly absent: number; readonly changed: boolean }
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string };

export interface LandContext {
  readonly store: Store;
  /** Throws `HUB_UPLOAD_INVALID` for a page that is not what its manifest says. */
  readonly pages: (upload: WaitingUpload) => AsyncIterable<UploadPage>;
  now(): Moment;
}

/**
 * Lands one upload as a read of its collector (C1): proven, whole or building on the state that the hub has, in one transaction; or
 * refuses it, and then nothing of it is stored. Landing twice changes nothing (H2).
 */
export async function landUpload(context: LandContext, upload: WaitingUpload): Promise<Landed> {
  const { store } = context;
  const { manifest, collector } = upload;
  const key: SourceKey = { organization: organizationId(upload.organization), collector, directory: manifest.directory };
  const previous = await previousReads(store, key);
  const mark = readMark(await store.checkpoint(key));
  const latest = previous.latestComplete;
  const isLater = ownClock(manifest, upload.receivedAt).at(manifest.finishedAt) > (latest?.finishedAt ?? 0);
  const { uploadId } = upload;
  const verdict = judgeUpload({ ...manifest, uploadId, isLater }, { mark, family: latest?.proof?.family ?? null });
  if (verdict.kind === 'refuse') return { state: 'refused', code: verdict.code, message: verdict.message };
  if (verdict.kind === 'known') {
    if (mark?.uploadId !== upload.uploadId) return { state: 'landed', users: 0, absent: 0, changed: false };
    // It was cut off after the read had landed: the logons may be missing, and nobody has heard that something changed.
    await keepLogons(context, upload, key);
    return { state: 'landed', users: manifest.counts.entries, absent: manifest.counts.absences, changed: changes(manifest) };
  }
  const outcome = await landRead(context, upload, { key, previous, mark });
  if (outcome.state === 'landed') await keepLogons(context, upload, key);
  return outcome;
}

/** Whether there is something in it for a sync. */
function changes({ base, counts }: UploadManifest): boolean {
  return base === null || counts.entries + counts.absences > 0;
}

/** Last logons are no part of the read: a survey is as it is, whenever it is kept (C4). */
async function keepLogons({ store, pages }: LandContext, upload: WaitingUpload, key: SourceKey): Promise<void> {
  const { survey } = upload.manifest;
  if (survey === null) return;
  const logons = new Map<string, Moment>();
  for await (const page of pages(upload)) for (const [id, at] of page.logons) logons.set(id, at);
  await store.saveLogons(key, { ...survey, logons }, ownClock(upload.manifest, upload.receivedAt).at(survey.at));
}

interface Known {
  readonly key: SourceKey;
  readonly previous: PreviousReads;
  readonly mark: LandedMark | null;
}

async function landRead(context: LandContext, upload: WaitingUpload, { key, previous, mark }: Known): Promise<Landed> {
  const { store } = context;
  const { manifest, receivedAt } = upload;
  const { proof } = manifest;
  const clock = ownClock(manifest, receivedAt);
  const sink = await store.beginRead({ ...key, sourceType: manifest.sourceType, at: clock.at(manifest.startedAt) });
  // The next read of a source is never older than the one before: a clock that was set back would hide it.
  const finishedAt = Math.max(clock.at(manifest.finishedAt), previous.latestComplete?.finishedAt ?? 0);
  try {
    const verdict = proveRead(proof, previous);
    if (!verdict.complete) {
      await sink.abandon('incomplete', 'DIRECTORY_INCOMPLETE', proof, finishedAt);
      return { state: 'refused', code: 'DIRECTORY_INCOMPLETE', message: `The read is not proven complete: ${verdict.gaps.join('; ')}.` };
    }
    const brought = await takePages(context, upload, { sink, clock });
    assertCounted(manifest, brought);
    const newScope = previous.latestComplete?.proof?.scopeKey !== proof.scopeKey;
    const absences = await allAbsences(sink, brought.absences, { kind: proof.kind ?? 'full', at: finishedAt, newScope });
    const { uploadId } = upload;
    const checkpoint = nextMark(mark, { uploadId, storeId: manifest.storeId, read: manifest.read });
    await sink.complete({ proof, checkpoint, absences }, finishedAt);
    return { state: 'landed', users: manifest.counts.entries, absent: absences.size, changed: changes(manifest) };
  } catch (cause) {
    const code = cause instanceof RollcallError ? cause.code : 'INTERNAL';
    await sink.abandon('failed', code, null, context.now());
    if (code !== 'HUB_UPLOAD_INVALID') throw cause;
    return { state: 'refused', code, message: cause instanceof RollcallError ? cause.message : '' };
  }
}

interface Brought {
  readonly entries: number;
  readonly absences: ReadonlyMap<string, Absence>;
  readonly logons: number;
}

async function takePages(
  { pages }: LandContext,
  upload: WaitingUpload,
  { sink, clock }: { readonly sink: ReadSink; readonly clock: OwnClock },
): Promise<Brought> {
  const absences = new Map<string, Absence>();
  let entries = 0;
  let logons = 0;
  for await (const page of pages(upload)) {
    await sink.add(page.entries);
    entries += page.entries.length;
    for (const [id, absence] of page.absences) absences.set(id, clock.absence(absence));
    logons += page.logons.length;
  }
  return { entries, absences, logons };
}

function assertCounted({ counts, proof, survey }: UploadManifest, { entries, absences, logons }: Brought): void {
  const isAsTold = entries === counts.entries && absences.size === counts.absences && logons === counts.logons;
  if (isAsTold && entries === proof.users && (survey !== null || logons === 0)) return;
  throw new RollcallError('HUB_UPLOAD_INVALID', 'The pages of the upload hold something else than its manifest says.');
}

/**
 * What is known of those whom the upload did not bring: what the collector tells, and after a read of everything, for those of whom the
 * hub alone knows, that they are absent.
 */
async function allAbsences(
  sink: ReadSink,
  told: ReadonlyMap<string, Absence>,
  read: { readonly kind: 'full' | 'changes'; readonly at: Moment; readonly newScope: boolean },
): Promise<ReadonlyMap<string, Absence>> {
  if (read.kind === 'changes') return told;
  const absences = new Map(told);
  for (const { immutableId, absence } of await sink.absentees()) {
    if (told.has(immutableId)) continue;
    absences.set(immutableId, judgeAbsence(absence, null, { now: read.at, fullRead: true, newScope: read.newScope }));
  }
  return absences;
}
