import { describe, expect, it } from 'vitest';
import { type PsaContactId, psaContactId } from '../../core/model/ids.ts';
import type { Moment } from '../../core/model/time.ts';
import { type PsaWorld, samplesFor } from './psa-world.ts';

const hourMs = 3_600_000;

/** What each `Psa` tells of contacts that changed (P9); the moments are the PSA's own. */
export function describeChangedContacts(get: () => PsaWorld): void {
  describe('changed contacts', () => {
    async function changedAt(id: PsaContactId): Promise<Moment> {
      const at = (await get().psa.getContact(id))?.modifiedAt ?? null;
      expect(at).not.toBeNull();
      return at ?? 0;
    }

    async function changedSince(companyId: string | null, since: Moment): Promise<readonly PsaContactId[] | undefined> {
      return (await get().psa.listChangedContacts(companyId, since))?.map(({ id }) => id).sort((a, b) => Number(a) - Number(b));
    }

    it('P9 are those that were created, edited or made inactive since, by hand or by rollcall', async () => {
      const world = get();
      const { psa, company } = world;
      const [byHand, byUs, leaver, left, untouched] = [world.seed({}), world.seed({}), world.seed({}), world.seed({}), world.seed({})];
      world.passTime(hourMs);
      const first = world.seed({ firstName: 'First' });
      const since = await changedAt(first);

      world.editContact(byHand, { title: 'Clerk', emails: ['byhand@acme.example.test'] });
      await psa.updateContact(byUs, { title: 'Head Clerk' });
      await psa.updateContact(leaver, { active: false });
      world.editContact(left, { active: false });
      const created = await psa.createContact(samplesFor(world).newcomer());

      const ours = created.kind === 'done' ? created.value : psaContactId('0');
      const all = [first, byHand, byUs, leaver, left, ours].sort((a, b) => Number(a) - Number(b));
      expect(await changedSince(company.id, since)).toEqual(all);
      expect(await changedSince(company.id, since)).toEqual(all);
      const contacts = await psa.listChangedContacts(company.id, since);
      expect(contacts?.find(({ id }) => id === byHand)).toEqual(await psa.getContact(byHand));
      expect(contacts?.find(({ id }) => id === leaver)?.active).toBe(false);
      const anywhere = await changedSince(null, since);
      expect(anywhere).toEqual(expect.arrayContaining([first, byHand, byUs, ours]));
      expect(anywhere).not.toContain(untouched);
    });

    it('P9 are of the company that was asked for, or of all', async () => {
      const world = get();
      const mine = world.seed({});
      const theirs = world.seed({ companyId: world.otherCompany.id });
      const since = await changedAt(mine);

      expect(await changedSince(world.company.id, since)).toEqual([mine]);
      expect(await changedSince(world.otherCompany.id, since)).toEqual([theirs]);
      expect(await changedSince(null, since)).toEqual([mine, theirs]);
    });

    it('P9 are none when nothing changed since', async () => {
      const world = get();
      const last = await changedAt(world.seed({}));

      expect(await changedSince(world.company.id, last + hourMs)).toEqual([]);
      expect(await changedSince(null, last + hourMs)).toEqual([]);
    });

    it('P9 come whole, however many pages they are', async () => {
      const world = get();
      world.seed({ firstName: 'Old' });
      world.passTime(hourMs);
      const mine = Array.from({ length: 215 }, (_, index) => world.seed({ lastName: `Number ${index}` }));
      const since = await changedAt(mine[0] ?? psaContactId('0'));

      expect(await changedSince(world.company.id, since)).toEqual(mine);
      expect(await changedSince(null, since)).toEqual(mine);
    });
  });
}
