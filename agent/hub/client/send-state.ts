import { RollcallError } from '../../../core/errors.ts';
import type { SourceState } from '../../../core/ports/store.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { growingPauseMs } from '../../http/retry.ts';
import type { UploadStatus } from '../protocol/uploads.ts';
import type { PageSize } from './cut-pages.ts';
import type { HubLink } from './hub-link.ts';
import { type AnnouncedUpload, announce } from './manifest.ts';
import { type PackedState, packState } from './pack-pages.ts';
import { knownHubCode, oneLine } from './refused.ts';

/** Rounds in which pages may turn out to be missing, and times that a hub may forget what it was sent. */
const mostRounds = 5;
const firstLookMs = 250;
const longestLookMs = 15_000;

export interface SendContext {
  readonly link: Pick<HubLink, 'beginUpload' | 'sendPage' | 'completeUpload' | 'uploadStatus'>;
  readonly storeId: string;
  readonly clock: HttpClock;
  /** How long is waited for the hub to land what it has, in milliseconds; after that it is asked again by the next sending. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
  readonly onPage?: (sent: number, total: number) => void;
}

/** `waiting`: the hub has all of it and has not landed it yet. */
export type SentState = 'landed' | 'waiting';

/**
 * Sends one state: what the hub has of it already is not sent again. Throws what the hub refuses it for (`HUB_BASE_UNKNOWN`,
 * `HUB_UPLOAD_TOO_LARGE` …) and what keeps it from being reached.
 */
export async function sendState(context: SendContext, state: SourceState, size: PageSize): Promise<SentState> {
  const { link, clock } = context;
  const packed = await packState(state, size);
  const upload = announce(state, { storeId: context.storeId, pages: packed.digests, clock: clock.now() });
  let status = await link.uploadStatus(upload.id);
  for (let round = 0; round < mostRounds; round += 1) {
    try {
      // The hub was restarted, or has tidied up: from the beginning.
      status ??= await link.beginUpload(upload.id, upload.manifest);
      status = await advance(context, { upload, packed }, status);
      if (status.state === 'landed') return 'landed';
      if (status.state === 'waiting') return await untilLanded(context, upload, status);
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== 'HUB_UPLOAD_UNKNOWN') throw error;
      status = null;
    }
  }
  throw new RollcallError('HUB_UPLOAD_UNKNOWN', `The hub forgot again and again what it was sent of directory ${state.read.directory}.`, {
    place: { directory: state.read.directory },
  });
}

interface Upload {
  readonly upload: AnnouncedUpload;
  readonly packed: PackedState;
}

/** Sends what is missing and says that it is all. */
async function advance(context: SendContext, sending: Upload, status: UploadStatus): Promise<UploadStatus> {
  const { upload } = sending;
  const { directory } = upload.manifest;
  if (status.state === 'refused') throw refusedState(status, directory);
  if (status.state !== 'receiving') return status;
  await sendMissing(context, sending, new Set(status.missing));
  const completed = await context.link.completeUpload(upload.id);
  if (completed.state === 'refused') throw refusedState(completed, directory);
  return completed;
}

async function sendMissing({ link, onPage, signal }: SendContext, { upload, packed }: Upload, missing: ReadonlySet<number>): Promise<void> {
  const total = missing.size;
  let sent = 0;
  for await (const page of packed.pages(missing)) {
    if (signal?.aborted === true) throw new RollcallError('INTERRUPTED', 'Stopped while it was sent; it goes on there.');
    const status = await link.sendPage(upload.id, page);
    if (status.state === 'refused') throw refusedState(status, upload.manifest.directory);
    sent += 1;
    onPage?.(sent, total);
  }
}

async function untilLanded(
  { link, clock, patienceMs, signal }: SendContext,
  { id, manifest }: AnnouncedUpload,
  first: UploadStatus,
): Promise<SentState> {
  const until = clock.elapsed() + patienceMs;
  let status: UploadStatus | null = first;
  for (let looks = 1; clock.elapsed() < until; looks += 1) {
    await clock.wait(Math.min(growingPauseMs(firstLookMs, longestLookMs, looks, 0.5), Math.max(0, until - clock.elapsed())), signal);
    status = await link.uploadStatus(id);
    if (status === null || status.state === 'receiving') {
      throw new RollcallError('HUB_UPLOAD_UNKNOWN', 'The hub has forgotten what it was sent.', {
        place: { directory: manifest.directory },
      });
    }
    if (status.state === 'landed') return 'landed';
    if (status.state === 'refused') throw refusedState(status, manifest.directory);
  }
  return 'waiting';
}

/** What the hub looked at and did not take; the same again would be refused again. */
function refusedState({ code, message }: Extract<UploadStatus, { state: 'refused' }>, directory: string): RollcallError {
  const known = code.startsWith('HUB_') ? knownHubCode(code, 400) : 'HUB_UPLOAD_INVALID';
  return new RollcallError(known, `The hub refused what was read of directory ${directory}: ${oneLine(message).slice(0, 1_000)}`, {
    place: { directory, refused: code.slice(0, 64) },
  });
}
