import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceKey, Store } from '../../core/ports/store.ts';
import type { StorePlace } from './store.contract.ts';
import { acme, globex, landOnce, sampleEntry, sampleUser, sampleUserState, sightingsOf } from './store.samples.ts';

const north: SourceKey = { organization: acme, collector: 'north', directory: 'corp' };
const south: SourceKey = { organization: acme, collector: 'south', directory: 'corp' };
const deletedAt = 5_000;

/** What every implementation of the Store port does with the collectors of a hub (D5). */
export function storeCollectorsContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}, collectors`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });

    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    async function restart(): Promise<void> {
      await store.close();
      store = await place.open();
    }

    async function read(source: SourceKey, at: number, ...ids: readonly string[]): Promise<void> {
      await landOnce(
        store,
        ids.map((id) => sampleEntry(id)),
        at,
        { source },
      );
    }

    /** Who is there, seen by whom. */
    async function there(): Promise<readonly string[]> {
      return (await sightingsOf(store)).map(({ entry, collector }) => `${entry.immutableId} by ${collector}`);
    }

    async function twoCollectors(): Promise<void> {
      await read(north, 100, 'a', 'b');
      await read(south, 200, 'b', 'c', 'd');
      await store.saveUserStates(acme, [sampleUserState('a'), sampleUserState('b'), sampleUserState('c'), sampleUserState('d')]);
      await store.saveUserStates(acme, [sampleUserState('d', { state: 'ignored', contactId: null })]);
    }

    it('keeps what was heard of collectors, apart for each organization, over a restart', async () => {
      await store.saveCollector(acme, { name: 'south', location: 'Depot', subnets: ['10.1.0.0/24'], version: '0.1.0' });
      await store.saveCollector(acme, { name: 'north', location: '', subnets: [], version: '0.1.0' });
      await store.saveCollector(globex, { name: 'south', location: 'Elsewhere', subnets: [], version: '0.1.0' });
      await store.saveCollector(acme, { name: 'south', location: 'Yard', subnets: ['10.1.0.0/24', '10.2.0.0/24'], version: '0.2.0' });
      await restart();

      expect(await store.collectors(acme)).toEqual([
        { name: 'north', location: '', subnets: [], version: '0.1.0' },
        { name: 'south', location: 'Yard', subnets: ['10.1.0.0/24', '10.2.0.0/24'], version: '0.2.0' },
      ]);
    });

    it('D5 previews what deleting one takes along: users that nobody else sees, with their matches', async () => {
      await twoCollectors();

      expect(await store.collectorImpact(acme, 'south', 1)).toEqual({
        directories: ['corp'],
        users: 3,
        onlyHere: 2,
        matchesLost: 1,
        names: ['User c \u{1F468}\u200D\u{1F4BB}'],
      });
      expect(await store.collectorImpact(acme, 'nobody', 1)).toBeNull();
      expect(await store.collectorImpact(globex, 'south', 1)).toBeNull();
    });

    it('D5 leaves out what a deleted collector saw, and the states of users that nobody else sees', async () => {
      await twoCollectors();

      expect(await store.deleteCollector(acme, 'south', deletedAt)).toBe(true);
      await restart();

      expect(await there()).toEqual(['a by north', 'b by north']);
      expect((await store.listReads(acme)).map(({ latest }) => latest.collector)).toEqual(['north']);
      expect((await store.userStates(acme)).map(({ userId }) => userId)).toEqual([sampleUser('a'), sampleUser('b')]);
      expect(await store.organizationCounts(acme, 0)).toMatchObject({ users: 2, matched: 2, ignored: 0, vanished: 0, notSeen: 0 });
      expect(await store.deletedCollectors(acme)).toEqual([{ name: 'south', deletedAt }]);
      expect(await store.collectorImpact(acme, 'south', 1)).toBeNull();
      expect(await store.deleteCollector(acme, 'south', deletedAt + 1), 'again').toBe(false);
    });

    it('D5 brings everything back that a deletion took', async () => {
      await twoCollectors();
      const before = [await there(), await store.userStates(acme), await store.organizationCounts(acme, 0), await store.listReads(acme)];
      await store.deleteCollector(acme, 'south', deletedAt);

      expect(await store.restoreCollector(acme, 'south')).toBe(true);

      expect([await there(), await store.userStates(acme), await store.organizationCounts(acme, 0), await store.listReads(acme)]).toEqual(
        before,
      );
      expect(await store.deletedCollectors(acme)).toEqual([]);
      expect(await store.restoreCollector(acme, 'south'), 'again').toBe(false);
    });

    it('D5 forgets for good what was deleted long enough ago, and only that', async () => {
      await twoCollectors();
      await store.deleteCollector(acme, 'south', deletedAt);

      expect(await store.purgeCollectors(deletedAt)).toBe(0);
      expect(await store.purgeCollectors(deletedAt + 1)).toBe(1);

      expect(await store.restoreCollector(acme, 'south')).toBe(false);
      expect(await there()).toEqual(['a by north', 'b by north']);
      await read(south, 9_000, 'c');
      expect((await store.userStates(acme)).map(({ userId }) => userId)).toEqual([sampleUser('a'), sampleUser('b')]);
      expect((await store.listReads(acme)).map(({ latest }) => latest.collector)).toEqual(['north', 'south']);
    });

    it('keeps the states of a user whom two deleted collectors saw until both are forgotten', async () => {
      await twoCollectors();
      await store.deleteCollector(acme, 'north', deletedAt);
      await store.deleteCollector(acme, 'south', deletedAt + 100);

      await store.purgeCollectors(deletedAt + 1);
      await store.restoreCollector(acme, 'south');

      expect((await store.userStates(acme)).map(({ userId }) => userId)).toEqual(['b', 'c', 'd'].map(sampleUser));
    });

    it('brings a deleted collector back with the next read that it lands', async () => {
      await twoCollectors();
      await store.deleteCollector(acme, 'south', deletedAt);

      await read(south, 6_000, 'c');

      expect(await there()).toContain('c by south');
      expect(await store.deletedCollectors(acme)).toEqual([]);
    });

    it('D5 gives a machine that takes the place of another all that the other one saw', async () => {
      await twoCollectors();

      expect(await store.replaceCollector(acme, { from: 'south', to: 'east', at: deletedAt })).toBe(true);

      expect([...(await there())].sort()).toEqual(['a by north', 'b by east', 'b by north', 'c by east', 'd by east']);
      expect(await store.userStates(acme)).toHaveLength(4);
      expect(await store.deletedCollectors(acme)).toEqual([]);
      expect(await store.replaceCollector(acme, { from: 'south', to: 'east', at: deletedAt }), 'again').toBe(false);
    });

    it('D5 keeps the reads of the new machine where it has read by itself, with the first sight of the old one (E6)', async () => {
      await twoCollectors();
      await read({ ...south, collector: 'east' }, 4_000, 'b', 'c', 'e');
      await store.keepSourceMemory({ ...south, collector: 'west' }, { tried: true });

      await store.replaceCollector(acme, { from: 'south', to: 'east', at: deletedAt });

      const found = (await sightingsOf(store)).filter(({ collector }) => collector === 'east');
      expect(found.map(({ entry, firstSeenAt }) => [entry.immutableId, firstSeenAt])).toEqual([
        ['b', 201],
        ['c', 201],
        ['e', 4_001],
      ]);
      expect(await store.deletedCollectors(acme)).toEqual([{ name: 'south', deletedAt }]);
    });

    it('takes the place of a machine whose successor has asked, but not read yet', async () => {
      await twoCollectors();
      await store.keepSourceMemory({ ...south, collector: 'east' }, { tried: true });

      await store.replaceCollector(acme, { from: 'south', to: 'east', at: deletedAt });

      expect(await there()).toContain('d by east');
    });

    it('C4 takes a last logon as exact when collectors asked all controllers together', async () => {
      await twoCollectors();
      const asked = (server: string) => [{ server, users: 1, requests: 1, durationMs: 1 }];
      const failed = (server: string) => [{ server, code: 'DIRECTORY_UNREACHABLE', message: 'no way there' }];
      await store.saveLogons(north, { asked: asked('dc1'), failed: failed('dc2'), exact: false, logons: new Map([['b', 700]]) }, 300);
      const alone = (await sightingsOf(store)).filter(({ entry }) => entry.immutableId === 'b');
      await store.saveLogons(south, { asked: asked('dc2'), failed: failed('dc1'), exact: false, logons: new Map([['b', 800]]) }, 301);
      const together = (await sightingsOf(store)).filter(({ entry }) => entry.immutableId === 'b');
      await store.deleteCollector(acme, 'south', deletedAt);
      const left = (await sightingsOf(store)).filter(({ entry }) => entry.immutableId === 'b');

      const accuracy = (sightings: typeof left) => sightings.map(({ entry }) => entry.account.lastLogonAccuracy);
      expect(accuracy(alone)).toEqual(['within 14 days', 'within 14 days']);
      expect(accuracy(together)).toEqual(['exact', 'exact']);
      expect(accuracy(left)).toEqual(['within 14 days']);
    });
  });
}
