import type { TenantMemory } from './memory.ts';

/**
 * Requests under way at once. The vendor takes three for each endpoint and integration code, and gives a thread back slightly after its
 * answer; which endpoint a child route counts for is not published, so that all endpoints share these.
 */
const atOnce = 2;

/** Does the work when its turn has come, in the order of asking. */
export async function inTurn<Value>(memory: TenantMemory, work: () => Promise<Value>): Promise<Value> {
  if (memory.inFlight >= atOnce) await new Promise<void>((resolve) => memory.waiting.push(resolve));
  else memory.inFlight += 1;
  try {
    return await work();
  } finally {
    // The place goes from hand to hand, so that nobody slips in between.
    const next = memory.waiting.shift();
    if (next === undefined) memory.inFlight -= 1;
    else next();
  }
}
