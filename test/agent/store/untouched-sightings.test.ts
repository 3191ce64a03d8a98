import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../core/ports/store.ts';
import { acme, landOnce, readOnce, sampleEntry, sightingsOf } from '../../contract/store.samples.ts';
import { useTemporaryStore } from './temporary-store.ts';

const key = { organization: acme, collector: 'hq', directory: 'corp' } as const;
const forbid = ['insert', 'update', 'delete'].map(
  (word) => `create trigger no_${word} before ${word} on sighting begin select raise(abort, 'A sighting was written.'); end;`,
);

describe('what happens often writes no sighting', () => {
  const place = useTemporaryStore();
  let store: Store;

  beforeEach(async () => {
    const before = await place.open();
    await readOnce(before, [sampleEntry('a'), sampleEntry('b')], 100);
    await before.close();
    const raw = new DatabaseSync(place.path);
    raw.exec(forbid.join('\n'));
    raw.close();
    store = await place.open();
  });

  it('that the triggers of this test are heard', async () => {
    await expect(readOnce(store, [sampleEntry('a')], 200)).rejects.toThrow('A sighting was written.');
  });

  it('C9 a read of changes that brought nobody', async () => {
    const id = await landOnce(store, [], 200, { proof: { kind: 'changes' }, checkpoint: { cookie: 'next' } });

    expect((await sightingsOf(store)).map(({ read }) => read.id)).toEqual([id, id]);
    expect(await store.checkpoint(key)).toEqual({ cookie: 'next' });
  });

  it('C1 a read of everything in which nothing changed', async () => {
    const id = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 200);

    expect((await sightingsOf(store)).map(({ read }) => read.id)).toEqual([id, id]);
  });

  it('C4 a survey of last logons', async () => {
    const logons = new Map([
      ['a', 500],
      ['b', 600],
    ]);
    await store.saveLogons(key, { asked: [], failed: [], exact: true, logons }, 200);

    expect((await sightingsOf(store)).map(({ entry }) => entry.account.lastLogon)).toEqual([500, 600]);
  });

  it('C3 and users who are locked out are found by the index of them', async () => {
    await store.close();
    const raw = new DatabaseSync(place.path, { readOnly: true });
    const plan = raw
      .prepare(
        `explain query plan select user_id from sighting
         where source_id = ? and last_read_id is null and entry like '%"locked":true%' order by user_id`,
      )
      .all(1);
    raw.close();

    expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('sighting_locked')]);
  });
});
