import { RollcallError } from '../../../core/errors.ts';
import { uploadLimits } from '../protocol/limits.ts';
import type { UploadManifest } from '../protocol/uploads.ts';

/** Throws `HUB_UPLOAD_INVALID` when the parts of a manifest contradict each other, or it is of a read that was not complete (C1). */
export function checkManifest(manifest: UploadManifest): void {
  const fault = faultOf(manifest);
  if (fault !== null) throw new RollcallError('HUB_UPLOAD_INVALID', `The manifest does not fit together: ${fault}.`);
}

function faultOf({ proof, base, read, counts, pages, survey }: UploadManifest): string | null {
  if (!proof.complete || proof.gaps.length > 0) return 'the read was not complete';
  if (proof.users !== counts.entries) return 'the proof counts other users than the upload';
  if ((proof.kind === 'changes') !== (base !== null)) return 'changes need a base, and all but changes have none';
  if (base !== null && base >= read) return 'the base is no earlier read';
  if (survey === null && counts.logons > 0) return 'there are logons without a survey';
  return faultOfPages(counts, pages);
}

function faultOfPages({ entries, absences, logons }: UploadManifest['counts'], pages: readonly string[]): string | null {
  const fewest = Math.ceil(Math.max(entries, absences, logons) / uploadLimits.pageRecords);
  if (pages.length < fewest) return `its records need ${fewest} pages at least, it names ${pages.length}`;
  // A state of nobody may be sent as one page of nothing.
  if (pages.length > Math.max(1, entries + absences + logons)) return 'it names more pages than it has records';
  return new Set(pages).size === pages.length ? null : 'it names a page twice';
}
