import { beforeAll, describe, expect, it } from 'vitest';
import { contents, openFirstSync } from '../first-sync.ts';
import { person } from '../people.ts';
import type { SitePsaType } from '../psa/site-psa.ts';
import { duplicates, type Site, writes } from '../site.ts';
import { killAtWrite, placesOf } from './kill-at-write.ts';

/**
 * Kills the process of a first sync at each of its outside writes, before and after it is carried out. `total`: how many there are;
 * `again`: how many of them may be sent once more, because they say the same again.
 */
export function describeKilledFirstSync(psa: SitePsaType, { total, again = 0 }: { readonly total: number; readonly again?: number }): void {
  const open = (): Promise<Site> => openFirstSync(psa, [person('bruno', { title: 'Driver' })]);

  describe(`A2 a first sync killed at an outside write: ${psa}`, () => {
    let expected: unknown;

    beforeAll(async () => {
      await using site = await open();
      const sync = await site.call('sync', '--json');
      expect(sync.exit, sync.stdout).toBe(0);
      expected = contents(site);
      // Guards against a scenario that shrank.
      expect(writes(site)).toBe(total);
      expect(duplicates(site)).toEqual([]);
      const second = await site.call('sync');
      expect(second.exit).toBe(0);
      expect(writes(site), 'A6 a second sync writes nothing').toBe(total);
    });

    it.concurrent.each(placesOf(total))(
      'A2 $when the answer of write $nth: after the next sync no duplicate and nothing missing',
      async (place) => {
        await using site = await open();

        const reached = await killAtWrite(site, place, () => site.start('sync'));
        const next = await site.call('sync', '--json');
        const afterNext = writes(site);
        const last = await site.call('sync', '--json');

        expect(reached).toBe(true);
        expect(next.exit, next.stdout).toBe(0);
        expect(duplicates(site)).toEqual([]);
        expect(contents(site)).toEqual(expected);
        expect(afterNext, 'all was written').toBeGreaterThanOrEqual(total);
        expect(afterNext, 'nothing was written twice').toBeLessThanOrEqual(total + again);
        expect(last.exit).toBe(0);
        expect(writes(site), 'A6 a further sync writes nothing').toBe(afterNext);
      },
    );
  });
}
