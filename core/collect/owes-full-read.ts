import type { ReadRecord } from '../ports/store.ts';

/**
 * Why the newest read of a source, which landed nothing, leaves it to the next one to read everything; `null`: it does not. Changes that
 * were not whole or not understood would come the same way again; and what was refused only because it has less than the read before it
 * (C1) is settled by another read of everything alone.
 */
export function owesFullRead(latest: ReadRecord | null): string | null {
  if (latest === null) return null;
  if (latest.outcome === 'failed')
    return latest.error === 'DIRECTORY_PROTOCOL' ? 'the answers to the read before could not be understood' : null;
  const proof = latest.outcome === 'incomplete' ? latest.proof : null;
  return proof !== null && (proof.kind === 'changes' || proof.complete) ? 'the read before was not proven whole' : null;
}
