import { describe, expect, it } from 'vitest';
import { runChaos } from '../chaos/run-chaos.ts';
import { partFor } from '../integration/real-parts.ts';

const part = partFor('two hubs that share one database', 'postgres');

describe.skipIf(part.isMissing)(part.title, () => {
  it('H4 A2 S2 come through kills, cuts and pauses: nothing twice, nothing lost, no organization worked by both', async () => {
    const told: string[] = [];
    const result = await runChaos({
      moments: 10,
      seed: 4,
      hubs: 2,
      customers: 2,
      // Long ones last some seconds here; "npm run chaos" goes beyond the lease.
      leaseMs: 3_000,
      only: null,
      environment: {},
      keeps: false,
      say: (text) => told.push(text),
    });

    const { duplicates, overlaps, openIntents, settled, struck, writes } = result;
    expect({ duplicates, overlaps, openIntents, lost: settled.missing }, told.join('\n')).toEqual({
      duplicates: [],
      overlaps: [],
      openIntents: 0,
      lost: [],
    });
    expect(struck).toHaveLength(10);
    expect(writes).toBeGreaterThan(20);
  });
});
