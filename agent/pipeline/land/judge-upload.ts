import type { ErrorCode } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import type { UploadManifest } from '../../hub/protocol/uploads.ts';
import type { LandedMark } from './landed-mark.ts';

/** What to do with an upload, before anything of it is read. */
export type UploadVerdict =
  | { readonly kind: 'land' }
  /** The hub has this state, or a later one of the same store: sent twice, or overtaken. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly message: string };

/** The state that the hub has of a source. */
export interface HubState {
  readonly mark: LandedMark | null;
  /** Of its users. */
  readonly family: ReadProof['family'] | null;
  /** When the read that brought it ended, by the hub's clock. */
  readonly at: Moment | null;
}

/** An upload, with the end of its read by the hub's clock. */
export type JudgedUpload = Pick<UploadManifest, 'storeId' | 'read' | 'base' | 'proof'> & { readonly uploadId: string; readonly at: Moment };

/**
 * Judges an upload by the state that the hub has of its source (H2). Numbers of reads grow within one store; one that comes again with
 * another content and a later end is of a store that was restored from a backup, whose changes build on what the hub has not.
 */
export function judgeUpload({ uploadId, storeId, read, base, proof, at }: JudgedUpload, has: HubState): UploadVerdict {
  const { mark, family } = has;
  if (mark?.formerStores.includes(storeId) === true) {
    return refuse('HUB_UPLOAD_CONFLICT', 'It is the state of a store that the collector no longer has: it was replaced since.');
  }
  if (mark?.storeId === storeId && read <= mark.read) {
    const isRestored = uploadId !== mark.uploadId && at > (has.at ?? at);
    if (!isRestored) return { kind: 'known' };
    if (base !== null) return refuse('HUB_BASE_UNKNOWN', 'The hub has a later state of this store than the one that it builds on.');
    return { kind: 'land' };
  }
  if (base === null) return { kind: 'land' };
  if (mark === null || mark.storeId !== storeId || mark.read !== base) {
    return refuse('HUB_BASE_UNKNOWN', 'The hub does not have the state that it builds on.');
  }
  if (family !== proof.family) return refuse('HUB_BASE_UNKNOWN', 'The hub has users of another family than it tells of.');
  return { kind: 'land' };
}

function refuse(code: ErrorCode, message: string): UploadVerdict {
  return { kind: 'refuse', code, message };
}
