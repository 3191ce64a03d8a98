import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SitePsaType } from '../psa/site-psa.ts';
import { writes } from '../site.ts';
import { casesOf } from './cases.ts';
import { emailOf, expectNoEcho, openTwoWay, type TwoWaySite, type View } from './pair.ts';

/** The table "who changed what, who wins" (P9), or a part of it, from end to end with one PSA; each line has a person of its own. */
export function describeWhoWins(psa: SitePsaType, isIncluded: (name: string) => boolean = () => true): void {
  const lines = casesOf(0).flatMap(({ name, not }, line) => (not?.includes(psa) === true || !isIncluded(name) ? [] : [{ name, line }]));
  const table = lines.map(({ name, line }, index) => ({ name, line, index }));

  describe(`P9 who changed what, who wins: ${psa}`, () => {
    let pair: TwoWaySite;

    beforeAll(async () => {
      pair = await openTwoWay(psa, table.length);
    });

    afterAll(() => pair[Symbol.asyncDispose]());

    it('the first sync has brought everybody to both sides', () => {
      for (const { index } of table) {
        const { itGlue, psa: there } = pair.view(index);
        expect(itGlue, emailOf(index)).toMatchObject({ title: 'Fitter', emails: [emailOf(index)], location: 'Head Office' });
        expect(there).toEqual(itGlue);
      }
    });

    it.each(table)('$name', async ({ index, line: number }) => {
      const line = casesOf(index)[number];
      if (line === undefined) throw new Error('no such line');
      if (line.before !== undefined) {
        if (line.before.itGlue !== undefined) pair.editItGlue(index, line.before.itGlue);
        if (line.before.psa !== undefined) pair.editPsa(index, line.before.psa);
        await pair.look();
      }
      const was = pair.view(index).itGlue;
      const before = writes(pair.site);

      if (line.itGlue !== undefined) pair.editItGlue(index, line.itGlue);
      if (line.psa !== undefined) pair.editPsa(index, line.psa);
      if (line.ad === undefined) await pair.look();
      else {
        pair.editAd(index, line.ad);
        await pair.sync();
      }
      const is = pair.view(index);
      const written = writes(pair.site) - before;

      const wanted: View = { ...was, ...line.both };
      const lower = ({ emails, ...view }: View): View => ({ ...view, emails: emails.map((email) => email.toLowerCase()) });
      expect({ itGlue: lower(is.itGlue), psa: lower(is.psa) }).toEqual({ itGlue: wanted, psa: wanted });
      if (line.nothing === true) expect(written, 'nothing is written').toBe(0);
      else expect(written, 'something was written').toBeGreaterThan(0);
      for (const [field, ours] of Object.entries(line.gaveWay ?? {})) {
        const { command, rows } = await pair.journal();
        expect(command).toBe(line.ad === undefined ? 'watch' : 'sync');
        const change = rows.flatMap(({ fields }) => fields[field] ?? []).at(0);
        expect(change?.from, 'what gave way').toContain(ours);
        expect(change?.to, 'what came').not.toBe(change?.from);
      }
      await expectNoEcho(pair);
    });

    it('A6 a sync after all of it writes nothing', async () => {
      await pair.look();
      const before = writes(pair.site);
      await pair.sync();
      await expectNoEcho(pair);

      expect(writes(pair.site)).toBe(before);
    });
  });
}
