import type { ReadProof } from '../ports/directory-source.ts';
import type { ReadRecord } from '../ports/store.ts';

/** Whether a read may land, and why not, in words (C1). */
export type ReadVerdict = { readonly complete: true } | { readonly complete: false; readonly gaps: readonly string[] };

/**
 * Judges a read by its own proof and by the ones before it: fewer readable containers, or an empty answer where there were users, looks
 * like lost rights and makes it unproven (C1). Containers whose deletion is seen are not missed. `previous` are the newest read,
 * whatever its outcome, and the newest complete one of everything. A read of changes counts neither containers nor everybody.
 */
export function proveRead(
  proof: ReadProof,
  previous: { readonly latest: ReadRecord | null; readonly latestFull: ReadRecord | null },
): ReadVerdict {
  const gaps = [...proof.gaps];
  if (!proof.complete && gaps.length === 0) gaps.push('the read did not reach its proven end');
  const before = previous.latestFull?.proof ?? null;
  if (before !== null && before.scopeKey === proof.scopeKey && proof.kind !== 'changes') {
    // A read that was refused for this very number was a person's chance to look: the same number again is how it is now.
    const refused = previous.latest?.outcome === 'incomplete' ? previous.latest.proof : null;
    const seenBefore = refused?.scopeKey === proof.scopeKey ? refused.containers : null;
    const deleted = deletedSince(before, proof);
    if (proof.containers + deleted < before.containers && proof.containers !== seenBefore) {
      const known = deleted === 0 ? '' : `, ${deleted} of the others were deleted`;
      gaps.push(`only ${proof.containers} of ${before.containers} organizational units and containers can be read now${known}`);
    }
    if (proof.users === 0 && before.users > 0) gaps.push(`it brought no user, the last complete read brought ${before.users}`);
  }
  return gaps.length === 0 ? { complete: true } : { complete: false, gaps };
}

/** How many containers were deleted from one read to the next, as far as both saw deleted objects. */
function deletedSince(before: ReadProof, now: ReadProof): number {
  if (before.containersDeleted === undefined || now.containersDeleted === undefined) return 0;
  return Math.max(0, now.containersDeleted - before.containersDeleted);
}
