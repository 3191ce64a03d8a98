import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../sandbox/faults.ts';
import { changesOnBothSides } from './kill/killed-two-way.ts';
import { duplicates, writes } from './site.ts';
import { openTwoWay } from './two-way/pair.ts';

/** Outside writes of one look, as `changesOnBothSides` asks for them. */
const totals = { bms: 5, connectwise: 4, autotask: 4 } as const;
const kinds: readonly FaultKind[] = ['lost-before', 'lost-after', 'bad-gateway', 'truncated'];
/** More than a look sends to either side. */
const mostCalls = 30;
/** A fault may cost a look so many requests more. */
const mostRequestsMore = 12;

/** Fails each outside call of a look that carries values both ways once (P9), and holds the next sync to A2. */
export function describeEachCallOfALook(psa: keyof typeof totals, systems: readonly ('psa' | 'itGlue')[]): void {
  const table = systems.flatMap((system) => kinds.map((kind) => ({ system, kind })));

  describe(`A2 each outside call of a look fails once: ${psa}`, () => {
    it.concurrent.each(table)('call of $system, $kind: after the next sync all arrived, once', async ({ system, kind }) => {
      await using pair = await openTwoWay(psa, 3);
      const { site } = pair;
      const side = site[system];
      let usual = 0;
      for (let nth = 1; nth <= mostCalls && usual === 0; nth += 1) {
        const expectDone = changesOnBothSides(pair, nth);
        site.itGlue.resetCounts();
        site.psa.resetCounts();
        const remove = side.faults.add({ kind, nth });
        await site.look();
        remove();
        const isMet = side.counts.faulted > 0;
        const { requests } = side.counts;
        const sync = await site.call('sync', '--json');
        const written = writes(site);
        const last = await site.call('sync', '--json');

        const where = `call ${nth}`;
        expect(sync.exit, `${where}: ${sync.stdout}`).toBe(0);
        expectDone();
        expect(duplicates(site), where).toEqual([]);
        expect(written, where).toBe(totals[psa]);
        expect(last.exit, where).toBe(0);
        expect(writes(site), `A6 ${where}: a further sync writes nothing`).toBe(written);
        expect(requests, `${where}: no storm`).toBeLessThan(mostCalls + mostRequestsMore);
        if (!isMet) usual = nth;
      }
      expect(usual, 'each call had its turn').toBeGreaterThan(system === 'psa' ? 4 : 2);
    });
  });
}
