import { describe, expect, it } from 'vitest';
import { addContact, statusOf } from '../people.ts';
import type { SitePsaType } from '../psa/site-psa.ts';
import { duplicates, writes } from '../site.ts';
import { expectNoEcho, openTwoWay, writesOf } from './pair.ts';

/** Guards, refusals and lost answers in looks of the watch (A2, A3, A4), with one PSA. */
export function describeTwoWayFaults(psa: SitePsaType): void {
  describe(`P9 what goes wrong in a look: ${psa}`, () => {
    it('A3 a mass change is held: nothing is written, the watch leaves the held plan alone, approve carries it out', async () => {
      await using pair = await openTwoWay(psa, 23);
      const { site } = pair;
      for (let index = 0; index < 22; index += 1) pair.editPsa(index, { title: 'Chief' });
      const before = writes(site);

      const held = await pair.look();
      const hashes = async (): Promise<readonly string[]> => statusOf(await site.call('status', '--json')).held.map(({ hash }) => hash);
      const known = await hashes();
      pair.editItGlue(22, { title: 'Boss' });
      const later = await pair.look();
      const unwritten = writes(site);
      const still = await hashes();
      const approved = await site.call('approve', known[0] ?? '', '--json');
      const title = pair.view(22).psa.title;
      await pair.sync();

      expect(held.organizations).toMatchObject([{ outcome: 'held' }]);
      expect(later.organizations).toEqual([]);
      expect(unwritten).toBe(before);
      expect(known).toHaveLength(1);
      expect(still).toEqual(known);
      expect(approved.exit, approved.stdout).toBe(0);
      expect(pair.view(0).itGlue.title).toBe('Chief');
      expect(title, 'approve carries out what is stored, and nothing else').toBe('Fitter');
      expect(pair.view(22).psa.title).toBe('Boss');
      await expectNoEcho(pair);
    });

    it('A4 what the PSA refuses stops no other and does not come again with every look, but with a sync', async () => {
      await using pair = await openTwoWay(psa, 2);
      const { site } = pair;
      const id = pair.twin(0);
      let refusals = 0;
      const mend = site.psa.faults.add({
        kind: 'bad-request',
        times: Number.POSITIVE_INFINITY,
        match: (request) => {
          const hits = request.method === 'PATCH' && `${request.path} ${request.body.toString()}`.includes(id);
          refusals += hits ? 1 : 0;
          return hits;
        },
      });
      pair.editItGlue(0, { title: 'Boss' });
      pair.editItGlue(1, { title: 'Boss' });

      const first = await pair.look();
      // The other one's write comes by once more.
      await pair.look();
      const before = refusals;
      for (let look = 0; look < 3; look += 1) await pair.look();
      const after = refusals;
      mend();
      await pair.sync();

      expect(first.organizations).toMatchObject([{ outcome: 'partly' }]);
      expect(pair.view(1).psa.title).toBe('Boss');
      expect(before).toBeLessThanOrEqual(2);
      expect(after).toBe(before);
      expect(pair.view(0).psa.title, 'by the sync').toBe('Boss');
      await expectNoEcho(pair);
    });

    it('A2 an answer that is lost after the change: the next look settles it, and nothing is written twice', async () => {
      await using pair = await openTwoWay(psa, 1);
      const { site } = pair;
      site.psa.faults.add({ kind: 'lost-after', match: site.psa.routes.update });
      pair.editItGlue(0, { title: 'Boss' });

      const first = await pair.look();
      const written = await writesOf(site, async () => {
        pair.editItGlue(0, { lastName: 'Brand' });
        await pair.look();
      });

      expect(first.organizations).toMatchObject([{ outcome: 'partly' }]);
      expect(site.psa.faults.pending).toEqual([]);
      expect(pair.view(0).psa).toMatchObject({ title: 'Boss', lastName: 'Brand' });
      expect(written).toEqual({ itGlue: 0, psa: 1 });
      await expectNoEcho(pair);
    });

    // The others put nothing into blanks.
    if (psa === 'connectwise') {
      it("A2 what the PSA put into blanks of a create that was lost is nobody's change", async () => {
        await using pair = await openTwoWay(psa, 1);
        const { site } = pair;
        const hand = addContact(site, 'hand');
        await pair.look();
        site.psa.faults.add({ kind: 'lost-after', match: site.psa.routes.create });
        site.itGlue.data.updateContact(hand.id, { title: 'Porter' });

        await pair.look();
        await pair.sync();
        await pair.look();

        expect(site.psa.withEmail('hand@acme.test')).toMatchObject({ title: 'Porter', location: site.psa.office });
        expect(hand.locationId).toBeNull();
        await expectNoEcho(pair);
      });
    }

    it('A2 an answer that is lost after a create: the next look finds the contact, and creates no second one', async () => {
      await using pair = await openTwoWay(psa, 1);
      const { site } = pair;
      const hand = addContact(site, 'hand', {
        phones: [{ value: '14155552777', primary: true, labelName: 'Work' }],
        locationId: site.office.itGlue,
      });
      await pair.look();
      site.psa.faults.add({ kind: 'lost-after', match: site.psa.routes.create });
      site.itGlue.data.updateContact(hand.id, { title: 'Porter' });

      await pair.look();
      site.itGlue.data.updateContact(hand.id, { lastName: 'Brand' });
      await pair.look();
      // BMS takes the title by a call of its own: what was edited meanwhile goes after it.
      if (psa === 'bms') await pair.look();

      expect(site.psa.faults.pending).toEqual([]);
      expect(site.psa.withEmail('hand@acme.test')).toMatchObject({ title: 'Porter', lastName: 'Brand' });
      expect(duplicates(site)).toEqual([]);
      await expectNoEcho(pair);
    });
  });
}
