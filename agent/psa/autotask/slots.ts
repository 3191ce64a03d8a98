import type { HttpClock } from '../../http/http-clock.ts';
import type { TenantMemory } from './memory.ts';

/**
 * Requests under way at once. The vendor takes three for each endpoint and integration code, and gives a thread back slightly after its
 * answer; which endpoint a child route counts for is not published, so that all endpoints share these.
 */
const atOnce = 2;

/** How long a place is kept after its answer, once the tenant has refused for too many at once; milliseconds. */
const lingerMs = 150;

/** Does the work when its turn has come, in the order of asking. */
export async function inTurn<Value>(memory: TenantMemory, clock: Pick<HttpClock, 'wait'>, work: () => Promise<Value>): Promise<Value> {
  if (memory.inFlight >= atOnce) await new Promise<void>((resolve) => memory.waiting.push(resolve));
  else memory.inFlight += 1;
  try {
    return await work();
  } finally {
    if (memory.lingerMs === 0) giveBack(memory);
    else void clock.wait(memory.lingerMs).then(() => giveBack(memory));
  }
}

/** From now on a place is free only when the vendor will have given its thread back. */
export function goGently(memory: TenantMemory): void {
  memory.lingerMs = lingerMs;
}

/** The place goes from hand to hand, so that nobody slips in between. */
function giveBack(memory: TenantMemory): void {
  const next = memory.waiting.shift();
  if (next === undefined) memory.inFlight -= 1;
  else next();
}
