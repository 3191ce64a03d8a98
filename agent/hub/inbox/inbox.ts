import type { Moment } from '../../../core/model/time.ts';
import type { UploadManifest, UploadStatus } from '../protocol/uploads.ts';

/** Whose upload it is: told by the key, never by the request. */
export interface UploadOwner {
  readonly organization: string;
  /** The collector's name. */
  readonly collector: string;
  readonly collectorId: string;
}

/** An upload that is whole and on the disk, and has not landed. */
export interface WaitingUpload extends UploadOwner {
  readonly uploadId: string;
  readonly manifest: UploadManifest;
  /** By the hub's clock, when it was begun: together with the manifest's `clock` it tells how far the clocks are apart. */
  readonly receivedAt: Moment;
  /** Where its pages lie; another one once it is claimed. */
  readonly folder: string;
}

/** An upload that is being landed. */
export interface ClaimedUpload extends WaitingUpload {
  /** How often it was claimed before and neither settled nor left: each time the process that landed it ended in the middle. */
  readonly died: number;
}

export type UploadOutcome = { readonly state: 'landed' } | { readonly state: 'refused'; readonly code: string; readonly message: string };

/** One page as it comes in. */
export interface IncomingPage {
  /** From 1. */
  readonly number: number;
  /** What the collector says that the text's SHA-256 is. */
  readonly sha256: string;
  /** The gzip of the page's text. It is read to its end, or not at all when nothing of it is wanted. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** In bytes, of what lies on the disk. */
export interface InboxLimits {
  readonly uploadBytes: number;
  readonly collectorBytes: number;
  readonly inboxBytes: number;
  /** What has to stay free on the disk. */
  readonly keepFreeBytes: number;
  /** Uploads of one collector that have not landed. */
  readonly uploadsOfCollector: number;
}

/**
 * Uploads on the disk of the hub, until they have landed in its store. The service's process receives; the process that lands opens the
 * same folder for `waiting`, `claim`, `leave`, `settle` and `pagesOf`. All that a method resolved with survives a crash and a loss of power.
 *
 * There is one upload at a time for each collector and directory: a newer one takes the place of an older that still receives or waits,
 * but never of one that was claimed.
 *
 * Methods throw `HUB_UPLOAD_UNKNOWN` for an upload that this collector does not have, `HUB_NO_ROOM` when a limit is reached or the disk is
 * full, and `STORE_UNUSABLE` when the folder cannot be used.
 */
export interface Inbox {
  /**
   * Takes the manifest; the same again changes nothing, and tells of an upload that was settled what became of it. Throws
   * `HUB_UPLOAD_INVALID` when the manifest does not fit together, `HUB_UPLOAD_CONFLICT` when another one came under the id or a newer
   * state is here.
   */
  begin(owner: UploadOwner, uploadId: string, manifest: UploadManifest, at: Moment): Promise<UploadStatus>;
  /**
   * Takes a page; one that is here already is not read. Throws `HUB_UPLOAD_INVALID` when it is not the page that the manifest names, and
   * `HUB_UPLOAD_TOO_LARGE`; nothing of it is kept then.
   */
  addPage(collectorId: string, uploadId: string, page: IncomingPage): Promise<UploadStatus>;
  /** `waiting` from now on, or `receiving` with what is missing. */
  complete(collectorId: string, uploadId: string): Promise<UploadStatus>;
  status(collectorId: string, uploadId: string): Promise<UploadStatus>;
  /** Oldest first; those that were claimed and not settled too. */
  waiting(): Promise<readonly WaitingUpload[]>;
  /** Keeps others from taking its place while it lands; `null`: one has. Again it changes nothing but `died`. */
  claim(upload: WaitingUpload): Promise<ClaimedUpload | null>;
  /** It could not be landed for reasons that are not its own, and is claimed again later: nobody died of it. */
  leave(upload: WaitingUpload): Promise<void>;
  /** Remembers what became of it, for a while, and drops its pages. After `HUB_BASE_UNKNOWN` nothing of the directory counts as landed. */
  settle(upload: WaitingUpload, outcome: UploadOutcome, at: Moment): Promise<void>;
  /** Drops all that the collector sent and was not claimed; says how many uploads. */
  drop(collectorId: string): Promise<number>;
  /** Clears away what a crash left half, and what is too old. Only for the process that receives. */
  tidy(at: Moment): Promise<void>;
}
