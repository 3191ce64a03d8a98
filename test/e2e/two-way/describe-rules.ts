import { describe, expect, it } from 'vitest';
import { addContact, planOf, rowOf } from '../people.ts';
import type { SitePsaType } from '../psa/site-psa.ts';
import { duplicates } from '../site.ts';
import { emailOf, expectNoEcho, openTwoWay, type TwoWaySite, writesOf } from './pair.ts';

/** What IT Glue's own integration looks after, or once did. */
function linkByItGlue(pair: TwoWaySite, index: number, how: { readonly sync?: boolean; readonly orphaned?: boolean } = {}): void {
  const { site } = pair;
  const { adapterName, company } = site.psa;
  const { data } = site.itGlue;
  if (!data.organization(site.organization).adapters.some((adapter) => adapter.adapterName === adapterName)) {
    data.linkAdapter(site.organization, { adapterName, remoteId: company });
  }
  data.linkAdapter(pair.contact(index).id, { adapterName, remoteId: pair.twin(index), ...how });
}

/** Who may write what (P9, E8, E9), and what becomes of contacts that are deleted, merged, moved or doubled, with one PSA. */
export function describeTwoWayRules(psa: SitePsaType): void {
  describe(`P9 whose contact it is: ${psa}`, () => {
    it('E9 where IT Glue syncs the contact itself, rollcall writes only the PSA; what comes back is no change', async () => {
      await using pair = await openTwoWay(psa, 2);
      linkByItGlue(pair, 0);
      linkByItGlue(pair, 1);
      pair.editItGlue(0, { title: 'Boss' });
      pair.editPsa(1, { title: 'Chief' });

      const looked = await writesOf(pair.site, () => pair.look());
      const there = pair.site.psa.contact(pair.twin(0)).title;
      const here = pair.contact(1).title;
      pair.site.itGlue.runOwnPull();
      const again = await writesOf(pair.site, async () => {
        await pair.look();
        await pair.look();
      });

      expect(looked).toEqual({ itGlue: 0, psa: 1 });
      expect([there, here]).toEqual(['Boss', 'Fitter']);
      expect(pair.contact(1).title, "by IT Glue's own pull").toBe('Chief');
      expect(again).toEqual({ itGlue: 0, psa: 0 });
    });

    it('E9 AD values of such a contact go to the PSA, and come back from there', async () => {
      await using pair = await openTwoWay(psa, 1);
      linkByItGlue(pair, 0);
      pair.editAd(0, { title: 'Master' });

      const synced = await writesOf(pair.site, () => pair.sync());
      const title = pair.contact(0).title;
      pair.site.itGlue.runOwnPull();
      const again = await writesOf(pair.site, async () => {
        await pair.look();
        await pair.sync();
      });

      expect(synced).toEqual({ itGlue: 0, psa: 1 });
      expect([title, pair.contact(0).title]).toEqual(['Fitter', 'Master']);
      expect(again).toEqual({ itGlue: 0, psa: 0 });
    });

    it.each([
      ['switched off', { sync: false }],
      ['orphaned', { orphaned: true }],
    ])('a link that is %s: neither side is written, and it is shown', async (words, how) => {
      await using pair = await openTwoWay(psa, 2);
      linkByItGlue(pair, 0, how);
      linkByItGlue(pair, 1, how);
      pair.editItGlue(0, { title: 'Boss' });
      pair.editPsa(1, { title: 'Chief' });

      const written = await writesOf(pair.site, async () => {
        await pair.look();
        await pair.sync();
      });

      expect(written).toEqual({ itGlue: 0, psa: 0 });
      expect((await rowOf(pair.site, 'p0')).psa.message).toContain(words);
      expect((await rowOf(pair.site, 'p1')).psa.message).toContain(words);
    });

    it('one way: a look asks nobody, a sync takes the value of the PSA, whoever changed it', async () => {
      await using pair = await openTwoWay(psa, 3, { psa: { twoWay: false } });
      pair.editItGlue(0, { title: 'Boss' });
      pair.editPsa(1, { title: 'Chief' });
      const asked = pair.site.itGlue.counts.requests + pair.site.psa.counts.requests;

      const outcome = await pair.look();
      const afterLook = pair.site.itGlue.counts.requests + pair.site.psa.counts.requests;
      const synced = await writesOf(pair.site, () => pair.sync());
      const again = await writesOf(pair.site, () => pair.sync());

      expect(outcome.organizations).toEqual([]);
      expect(afterLook).toBe(asked);
      expect(synced).toEqual({ itGlue: 2, psa: 0 });
      expect([pair.view(0).itGlue.title, pair.view(0).psa.title]).toEqual(['Fitter', 'Fitter']);
      expect([pair.view(1).itGlue.title, pair.view(1).psa.title]).toEqual(['Chief', 'Chief']);
      expect(again).toEqual({ itGlue: 0, psa: 0 });
    });
  });

  describe(`P9 contacts that are deleted, merged, moved or doubled: ${psa}`, () => {
    it('deleted, merged and moved in the PSA: found by the full reconcile, told, and not created again', async () => {
      await using pair = await openTwoWay(psa, 5);
      const { site } = pair;
      const { name } = site.psa;
      site.psa.delete(pair.twin(0));
      site.psa.merge(pair.twin(1), pair.twin(2));
      site.psa.move(pair.twin(3));
      const left = site.psa.everybody().length;

      await pair.look();
      const plan = planOf(await site.call('plan', '--json'));
      const synced = await writesOf(site, () => pair.sync());
      const rows = await Promise.all(['p0', 'p1', 'p2', 'p3', 'p4'].map((user) => rowOf(site, user)));
      pair.editItGlue(0, { title: 'Boss' });
      pair.editAd(1, { title: 'Master' });
      await pair.look();
      await pair.sync();

      expect(plan.notices.join('\n')).toContain(`3 contacts of ${name} were deleted, merged or moved to another company`);
      expect(synced).toEqual({ itGlue: 0, psa: 0 });
      expect(rows.map((row) => row.psa.state)).toEqual(['held', 'held', 'pushed', 'held', 'pushed']);
      expect(rows[0]?.psa.message).toContain(`its contact in ${name} was deleted, or merged into another one`);
      expect(rows[3]?.psa.message).toContain(`its contact in ${name} belongs to another company now`);
      expect(site.psa.everybody(), 'none comes again by itself').toHaveLength(left);
      // What the one that was merged into has gained goes to its contact of IT Glue; Autotask fills blank fields only.
      expect(pair.view(2).itGlue.emails).toEqual(psa === 'autotask' ? [emailOf(2)] : [emailOf(2), emailOf(1)]);
    });

    it('M7 E8 deleted in IT Glue: the PSA keeps its contact, and none is created again', async () => {
      await using pair = await openTwoWay(psa, 2);
      const there = pair.site.psa.everybody();
      pair.site.itGlue.data.deleteContact(pair.contact(0).id);

      await pair.look();
      await pair.sync();
      pair.editPsa(0, { title: 'Chief' });
      await pair.look();
      await pair.sync();

      expect(pair.site.itGlue.data.contacts.size).toBe(1);
      expect(pair.site.psa.everybody().map(({ id }) => id)).toEqual(there.map(({ id }) => id));
      expect(await rowOf(pair.site, 'p0')).toMatchObject({ state: 'unmatched', reason: expect.stringMatching(/^M7/) as unknown });
    });

    it('M7 moved to another organization of IT Glue: nothing of it is written any more', async () => {
      await using pair = await openTwoWay(psa, 2);
      const { site } = pair;
      const other = site.itGlue.data.addOrganization({ name: 'Somebody Else' }).id;
      const contact = pair.contact(0);
      site.itGlue.data.moveContact(contact.id, other);
      site.itGlue.data.updateContact(contact.id, { title: 'Boss' });
      pair.editPsa(0, { lastName: 'Brand' });

      const written = await writesOf(site, async () => {
        await pair.look();
        await pair.sync();
      });

      expect(written.psa).toBe(0);
      expect(pair.site.psa.contact(pair.twin(0))).toMatchObject({ title: 'Fitter', lastName: 'Brand' });
      expect(contact).toMatchObject({ title: 'Boss', lastName: 'Kesten0' });
      expect(site.itGlue.data.contacts.size).toBe(2);
    });

    it('two contacts with one e-mail, on either side: each keeps to its own, and nothing is doubled', async () => {
      await using pair = await openTwoWay(psa, 2);
      const { site } = pair;
      // Somebody types p0 in a second time, in IT Glue; and p1 in the PSA.
      const second = addContact(site, 'p0', { lastName: 'Doppel' });
      const other = site.psa.add({ firstName: 'P1', lastName: 'Doppel', emails: [emailOf(1)], phones: ['4155552999'] });
      const before = site.psa.everybody().length;
      await pair.look();
      await pair.sync();
      pair.editItGlue(0, { title: 'Boss' });
      site.itGlue.data.updateContact(second.id, { title: 'Twin' });
      site.psa.edit(other.id, { title: 'Twin' });
      pair.editPsa(1, { title: 'Chief' });

      await pair.look();
      await expectNoEcho(pair);
      await pair.sync();

      expect([pair.view(0).psa.title, pair.view(1).itGlue.title]).toEqual(['Boss', 'Chief']);
      expect([second.title, site.psa.contact(other.id).title]).toEqual(['Twin', 'Twin']);
      expect(site.psa.everybody()).toHaveLength(before);
      expect(site.itGlue.data.contacts.size).toBe(3);
    });

    it('P4 P6 a contact typed in by hand is pushed once it is updated, by a look, once', async () => {
      await using pair = await openTwoWay(psa, 1);
      const { site } = pair;
      const hand = addContact(site, 'hand', {
        phones: [{ value: '14155552777', primary: true, labelName: 'Work' }],
        locationId: site.office.itGlue,
      });

      const seen = await writesOf(site, () => pair.look());
      site.itGlue.data.updateContact(hand.id, { title: 'Porter' });
      await pair.look();
      await expectNoEcho(pair);

      expect(seen).toEqual({ itGlue: 0, psa: 0 });
      expect(site.psa.withEmail('hand@acme.test')).toMatchObject({ firstName: 'Hand', title: 'Porter', location: site.psa.office });
      expect(duplicates(site)).toEqual([]);
    });
  });
}
