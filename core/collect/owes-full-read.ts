import type { ReadRecord } from '../ports/store.ts';

/**
 * Whether the newest read of a source, which landed nothing, leaves it to the next one to read everything: changes that were not whole
 * or not understood would come the same way again; and what was refused only because it has less than the read before it (C1) is
 * settled by another read of everything alone.
 */
export function owesFullRead(latest: ReadRecord | null): boolean {
  if (latest === null) return false;
  if (latest.outcome === 'failed') return latest.error === 'DIRECTORY_PROTOCOL';
  const proof = latest.outcome === 'incomplete' ? latest.proof : null;
  return proof !== null && (proof.kind === 'changes' || proof.complete);
}
