import type { ReadProof } from '../ports/directory-source.ts';
import type { ReadRecord } from '../ports/store.ts';

/** Whether a read may land, and why not, in words (C1). */
export type ReadVerdict = { readonly complete: true } | { readonly complete: false; readonly gaps: readonly string[] };

/**
 * Judges a read by its own proof and by the one before it: fewer readable containers, or an empty answer where there were users, looks
 * like lost rights and makes it unproven (C1). `previous` are the newest read, whatever its outcome, and the newest complete one.
 */
export function proveRead(
  proof: ReadProof,
  previous: { readonly latest: ReadRecord | null; readonly latestComplete: ReadRecord | null },
): ReadVerdict {
  const gaps = [...proof.gaps];
  if (!proof.complete && gaps.length === 0) gaps.push('the read did not reach its proven end');
  const before = previous.latestComplete?.proof ?? null;
  if (before !== null && before.scopeKey === proof.scopeKey) {
    // A read that was refused for this very number was a person's chance to look: the same number again is how it is now.
    const refused = previous.latest?.outcome === 'incomplete' ? previous.latest.proof : null;
    const seenBefore = refused?.scopeKey === proof.scopeKey ? refused.containers : null;
    if (proof.containers < before.containers && proof.containers !== seenBefore) {
      gaps.push(`only ${proof.containers} of ${before.containers} organizational units and containers can be read now`);
    }
    if (proof.users === 0 && before.users > 0) gaps.push(`it brought no user, the last complete read brought ${before.users}`);
  }
  return gaps.length === 0 ? { complete: true } : { complete: false, gaps };
}
