import type { ErrorCode } from '../../../core/errors.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import type { UploadManifest } from '../../hub/protocol/uploads.ts';
import type { LandedMark } from './landed-mark.ts';

/** What to do with an upload, before anything of it is read. */
export type UploadVerdict =
  | { readonly kind: 'land' }
  /** The hub has this state, or a later one of the same store: sent twice, or overtaken by what was read after it. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly message: string };

/**
 * Judges an upload by the state that the hub has of its source (H2). `family`: of the users that the hub has of it. `isLater`: the read
 * ended after the one that the hub has. A collector that was restored from a backup counts its reads again from there: a number that the
 * hub knows need not be the state that it knows, and a store that was replaced may be the one in use again.
 */
export function judgeUpload(
  upload: Pick<UploadManifest, 'storeId' | 'read' | 'base' | 'proof'> & { readonly uploadId: string; readonly isLater: boolean },
  has: { readonly mark: LandedMark | null; readonly family: ReadProof['family'] | null },
): UploadVerdict {
  const { uploadId, storeId, read, base, proof, isLater } = upload;
  const { mark, family } = has;
  if (mark?.formerStores.includes(storeId) === true && !isLater) {
    return refuse('HUB_UPLOAD_CONFLICT', 'It is the state of a store that the collector no longer has: it was replaced since.');
  }
  if (mark?.storeId === storeId && mark.uploadId === uploadId) return { kind: 'known' };
  if (base === null) return mark?.storeId === storeId && read <= mark.read && !isLater ? { kind: 'known' } : { kind: 'land' };
  if (mark === null || mark.storeId !== storeId || mark.read !== base) {
    return refuse('HUB_BASE_UNKNOWN', 'The hub does not have the state that it builds on.');
  }
  if (family !== proof.family) return refuse('HUB_BASE_UNKNOWN', 'The hub has users of another family than it tells of.');
  return { kind: 'land' };
}

function refuse(code: ErrorCode, message: string): UploadVerdict {
  return { kind: 'refuse', code, message };
}
