import { describe, expect, it } from 'vitest';
import { type PsaContactId, psaContactId } from '../../core/model/ids.ts';
import { type PsaWorld, samplesFor } from './psa-world.ts';

const key = 'b1946ac9-2492-4d2b-9e38-0a1c5e8f7d60';
const otherKey = '6f1ed002-ab55-4f1b-8a24-77b1c1a2d3e4';

/** What each `Psa` does with the key that rollcall gives its contacts (P8); some have no place for one. */
export function describeExternalKeys(get: () => PsaWorld): void {
  describe('rollcall’s key', () => {
    async function findByKey(...externalKeys: readonly string[]): Promise<readonly PsaContactId[]> {
      const by = { externalKeys, emails: [], firstName: null, lastName: null };
      return (await get().psa.findContacts(get().company.id, by)).map(({ id }) => id);
    }

    async function keyOf(id: PsaContactId): Promise<string | null | undefined> {
      return (await get().psa.getContact(id))?.externalKey;
    }

    it('P8 is written with the contact, read back and found by, where the PSA has a place for it', async () => {
      const world = get();
      const { hasExternalKey } = world.psa;
      world.seed({ firstName: 'Other' });

      const created = await world.psa.createContact(samplesFor(world).newcomer({ externalKey: key }));

      const id = created.kind === 'done' ? created.value : psaContactId('0');
      expect(created.kind).toBe('done');
      expect(await keyOf(id)).toBe(hasExternalKey ? key : null);
      expect(await findByKey(otherKey, key)).toEqual(hasExternalKey ? [id] : []);
      expect(await findByKey(otherKey, key.slice(0, -1))).toEqual([]);
      expect((await world.psa.listContacts(world.company.id)).find((contact) => contact.id === id)?.externalKey ?? null).toBe(
        hasExternalKey ? key : null,
      );
    });

    it('P8 is written where there is none, and never over another', async () => {
      const world = get();
      const { psa } = world;
      const free = world.seed({});
      const taken = world.seed(psa.hasExternalKey ? { externalKey: otherKey } : {});

      const outcomes = [await psa.updateContact(free, { externalKey: key }), await psa.updateContact(taken, { externalKey: key })];

      expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done']);
      expect([await keyOf(free), await keyOf(taken)]).toEqual(psa.hasExternalKey ? [key, otherKey] : [null, null]);
    });

    it('P8 finds inactive ones, and nobody of another company', async () => {
      const world = get();
      const { hasExternalKey } = world.psa;
      const keyed = hasExternalKey ? { externalKey: key } : {};
      const id = world.seed({ ...keyed, active: false });
      world.seed({ ...keyed, companyId: world.otherCompany.id });

      expect(await findByKey(key)).toEqual(hasExternalKey ? [id] : []);
    });
  });
}
