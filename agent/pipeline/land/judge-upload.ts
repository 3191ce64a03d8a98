import type { ErrorCode } from '../../../core/errors.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import type { UploadManifest } from '../../hub/protocol/uploads.ts';
import type { LandedMark } from './landed-mark.ts';

/** What to do with an upload, before anything of it is read. */
export type UploadVerdict =
  | { readonly kind: 'land' }
  /** The hub has this state, or a later one of the same store: sent twice, or overtaken. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly message: string };

/** Judges an upload by the state that the hub has of its source (H2). `family`: of the users that the hub has of it. */
export function judgeUpload(
  manifest: Pick<UploadManifest, 'storeId' | 'read' | 'base' | 'proof'>,
  has: { readonly mark: LandedMark | null; readonly family: ReadProof['family'] | null },
): UploadVerdict {
  const { storeId, read, base, proof } = manifest;
  const { mark, family } = has;
  if (mark?.formerStores.includes(storeId) === true) {
    return refuse('HUB_UPLOAD_CONFLICT', 'It is the state of a store that the collector no longer has: it was replaced since.');
  }
  if (mark?.storeId === storeId && read <= mark.read) return { kind: 'known' };
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
