import { createHash } from 'node:crypto';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { ReadProof } from '../../../core/ports/directory-source.ts';
import type { SourceState } from '../../../core/ports/store.ts';
import { uploadLimits } from '../protocol/limits.ts';
import { type UploadManifest, uploadManifest } from '../protocol/uploads.ts';

/** An upload as it is announced to the hub. */
export interface AnnouncedUpload {
  /** The same for the same state cut into the same pages, whenever it is sent. */
  readonly id: string;
  readonly manifest: UploadManifest;
}

/** Announces a state. Throws `HUB_UPLOAD_INVALID` or `HUB_UPLOAD_TOO_LARGE` when no hub would take it. */
export function announce(
  state: Pick<SourceState, 'read' | 'base' | 'counts' | 'survey'>,
  facts: { readonly storeId: string; readonly pages: readonly string[]; readonly clock: Moment },
): AnnouncedUpload {
  const { read, base, counts, survey } = state;
  if (facts.pages.length > uploadLimits.pages) {
    throw new RollcallError(
      'HUB_UPLOAD_TOO_LARGE',
      `Directory ${read.directory} needs more pages (${facts.pages.length}) than a hub takes.`,
      {
        place: { directory: read.directory },
      },
    );
  }
  const manifest = {
    directory: read.directory,
    sourceType: read.sourceType,
    storeId: facts.storeId,
    read: read.id,
    base,
    startedAt: read.startedAt,
    finishedAt: read.finishedAt ?? read.startedAt,
    proof: read.proof === null ? null : proofOf(read.proof, { isWhole: base === null, users: counts.entries }),
    survey,
    counts,
    pages: facts.pages,
  };
  const parsed = uploadManifest.safeParse({ ...manifest, clock: facts.clock });
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    throw new RollcallError('HUB_UPLOAD_INVALID', `What was read of directory ${read.directory} is not what a hub takes (${where}).`, {
      place: { directory: read.directory, where },
    });
  }
  return { id: createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 32), manifest: parsed.data };
}

/** Of records that were not taken, a hub hears some: the rest is told where they were read. */
const mostRejected = 100;

/** The proof of the read with the kind of the upload: how a state came about is the collector's affair. */
function proofOf(
  { kind: _kind, fullBecause, ...proof }: ReadProof,
  upload: { readonly isWhole: boolean; readonly users: number },
): ReadProof {
  return {
    ...proof,
    kind: upload.isWhole ? 'full' : 'changes',
    ...(upload.isWhole && fullBecause !== undefined ? { fullBecause } : {}),
    users: upload.users,
    rejected: proof.rejected.slice(0, mostRejected),
  };
}
