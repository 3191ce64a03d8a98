import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Absence } from '../../core/model/absence.ts';
import type { AcknowledgedState, SourceState, SourceStatePage, Store } from '../../core/ports/store.ts';
import { HubSide } from '../sandbox/hub/hub-side.ts';
import type { StorePlace } from './store.contract.ts';
import { acme, landOnce, readOnce, sampleAbsence, sampleEntry } from './store.samples.ts';

const key = { organization: acme, collector: 'hq', directory: 'corp' } as const;
const family = 'ad:corp.example.test';
const other = 'ad:labs.example.test';

/** What every implementation of the Store port does so that a collector can send its hub the state of a source (H2). */
export function storeUploadsContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}, states for the hub`, () => {
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

    function acknowledged(read: number, change: Partial<AcknowledgedState> = {}): AcknowledgedState {
      return { by: 'c1', read, family, survey: null, ...change };
    }

    async function state(since: AcknowledgedState | null = null): Promise<SourceState> {
      const found = await store.sourceState(key, since);
      if (found === null) throw new Error('no state');
      return found;
    }

    /** What an upload would hold, in short; the state is closed. */
    async function told(since: AcknowledgedState | null = null, pageSize = 1_000) {
      const found = await state(since);
      const pages = await pagesOf(found, pageSize);
      await found.close();
      return {
        base: found.base,
        read: found.read.id,
        entries: pages.flatMap(({ entries }) => entries.map(({ immutableId, person }) => `${immutableId} ${person.title}`)),
        absences: pages.flatMap(({ absences }) => absences.map(([id, { grade }]) => `${id} ${grade}`)),
        logons: pages.flatMap(({ logons }) => logons.map(([id, at]) => `${id} ${at}`)),
      };
    }

    it('keeps an id of its own from its first day on', async () => {
      const id = await store.storeId();
      expect(id).toMatch(/^[0-9a-f]{32}$/u);
      await store.close();
      store = await place.open();
      expect(await store.storeId()).toBe(id);
      const elsewhere = await makePlace();
      const second = await elsewhere.open();
      expect(await second.storeId()).not.toBe(id);
      await second.close();
      await elsewhere.remove();
    });

    it('has no state of a source before its first complete read', async () => {
      expect(await store.sourceState(key, null)).toBeNull();
      const sink = await store.beginRead({ ...key, sourceType: 'active-directory', at: 1 });
      await sink.add([sampleEntry('a')]);
      await sink.abandon('incomplete', 'DIRECTORY_INCOMPLETE', null, 2);
      expect(await store.sourceState(key, null)).toBeNull();
    });

    it('H2 keeps what the hub has, until it is told that the hub has nothing', async () => {
      const has = acknowledged(7, { survey: '5' });
      expect(await store.acknowledged(key)).toBeNull();
      await store.acknowledge(key, has);
      await store.close();
      store = await place.open();
      expect(await store.acknowledged(key)).toEqual(has);
      expect(await store.acknowledged({ ...key, directory: 'labs' })).toBeNull();
      await store.acknowledge(key, null);
      expect(await store.acknowledged(key)).toBeNull();
    });

    it('H2 tells since when something is there that the hub does not have', async () => {
      expect(await store.firstCompleteAfter(key, 0)).toBeNull();
      const first = await readOnce(store, [sampleEntry('a')], 10);
      const second = await readOnce(store, [sampleEntry('a')], 20);
      await readOnce(store, [sampleEntry('a')], 30, { directory: 'labs' });

      expect(await store.firstCompleteAfter(key, 0)).toBe(11);
      expect(await store.firstCompleteAfter(key, first)).toBe(21);
      expect(await store.firstCompleteAfter(key, second)).toBeNull();
    });

    it('H2 tells all of a source: present users with their entries, absent ones with what is known', async () => {
      await readOnce(store, [sampleEntry('a'), sampleEntry('b'), sampleEntry('c')], 10);
      const read = await landOnce(store, [sampleEntry('a', 'Chief'), sampleEntry('c')], 20, {
        absences: new Map([['b', sampleAbsence('missing')]]),
      });
      expect(await told()).toEqual({ base: null, read, entries: ['a Chief', 'c Engineer'], absences: ['b missing'], logons: [] });
    });

    it('H2 tells what changed since a state, and nothing when nothing did', async () => {
      await readOnce(store, [sampleEntry('a'), sampleEntry('b'), sampleEntry('c')], 10);
      const first = await landOnce(store, [sampleEntry('a'), sampleEntry('c')], 20, {
        absences: new Map([['b', sampleAbsence('absent')]]),
      });
      const second = await landOnce(store, [sampleEntry('c', 'Chief'), sampleEntry('d')], 30, {
        proof: { kind: 'changes' },
        absences: new Map([
          ['a', sampleAbsence('gone')],
          ['b', sampleAbsence('missing')],
        ]),
      });

      expect(await told(acknowledged(first))).toEqual({
        base: first,
        read: second,
        entries: ['c Chief', 'd Engineer'],
        absences: ['a gone', 'b missing'],
        logons: [],
      });
      expect(await told(acknowledged(second))).toMatchObject({ base: second, entries: [], absences: [] });
    });

    it('C10 tells that a user is back whose entry did not change', async () => {
      await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 10);
      const without = await landOnce(store, [sampleEntry('a')], 20, { absences: new Map([['b', sampleAbsence('absent')]]) });
      await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 30);

      expect(await told(acknowledged(without))).toMatchObject({ base: without, entries: ['b Engineer'], absences: [] });
    });

    it('D1 tells all after a change of family, and of the new one only', async () => {
      const first = await readOnce(store, [sampleEntry('a')], 10);
      await readOnce(store, [sampleEntry('b')], 20, { family: other });

      expect(await told(acknowledged(first))).toMatchObject({ base: null, entries: ['b Engineer'], absences: [] });
    });

    it('D1 tells all when the family changed and changed back', async () => {
      const first = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 10);
      await readOnce(store, [sampleEntry('x')], 20, { family: other });
      await readOnce(store, [sampleEntry('a')], 30);

      expect(await told(acknowledged(first))).toMatchObject({ base: null, entries: ['a Engineer'], absences: [] });
    });

    it('tells all when the state to build on is of a read that this store never made', async () => {
      const read = await readOnce(store, [sampleEntry('a')], 10);
      expect(await told(acknowledged(read + 5))).toMatchObject({ base: null, entries: ['a Engineer'] });
    });

    it('H2 tells one moment, page for page the same, whatever lands meanwhile', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e'];
      const people = ids.map((id) => sampleEntry(id));
      await readOnce(store, people, 10);
      const found = await state();
      const before = await pagesOf(found, 2);
      await readOnce(store, [sampleEntry('a', 'Chief')], 20);

      expect(before.map(({ entries }) => entries.map(({ immutableId }) => immutableId))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
      expect(await pagesOf(found, 2)).toEqual(before);
      expect(found.counts).toEqual({ entries: 5, absences: 0, logons: 0 });
      await found.close();
    });

    it('C4 tells the logons of a survey once, as that survey brought them', async () => {
      const read = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 10);
      const asked = [{ server: 'ldaps://dc1.corp.example.test', users: 2, requests: 1, durationMs: 5 }];
      await store.saveLogons(
        key,
        {
          asked,
          failed: [],
          exact: true,
          logons: new Map([
            ['a', 300],
            ['b', 0],
          ]),
        },
        20,
      );
      await store.saveLogons(key, { asked, failed: [], exact: true, logons: new Map([['a', 400]]) }, 30);
      const whole = await state();

      expect(whole.survey).toEqual({ asked, failed: [], exact: true, at: 30 });
      expect(whole.counts).toEqual({ entries: 2, absences: 0, logons: 1 });
      expect(await told()).toMatchObject({ entries: ['a Engineer', 'b Engineer'], logons: ['a 400'] });
      const has = { by: 'c1', ...whole.reaches };
      await whole.close();
      const next = await state(has);
      expect([next.base, next.survey, next.counts.logons]).toEqual([read, null, 0]);
      await next.close();
    });

    it('C4 tells a survey again that is worth less than the hub believes', async () => {
      await readOnce(store, [sampleEntry('a')], 10);
      await store.saveLogons(key, { asked: [], failed: [], exact: true, logons: new Map([['a', 300]]) }, 20);
      const whole = await state();
      const has = { by: 'c1', ...whole.reaches };
      await whole.close();
      await store.saveLogons(key, { asked: [], failed: [], exact: false, logons: new Map() }, 20);

      const next = await state(has);
      expect(next.survey?.exact).toBe(false);
      expect(await told(has)).toMatchObject({ logons: ['a 300'] });
      await next.close();
    });

    it('H2 can tell what changed since a read that was forgotten', async () => {
      const first = await readOnce(store, [sampleEntry('a')], 10);
      await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 20);
      await store.prune(1_000);

      expect(await told(acknowledged(first))).toMatchObject({ base: first, entries: ['b Engineer'] });
    });

    it('H2 brings a hub to the same users, whatever happened between reads and uploads', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
          const here = await makePlace();
          const own = await here.open();
          try {
            const hub = new HubSide();
            let at = 100;
            for (const taken of [...steps, { kind: 'upload', fate: 'landed' } as const]) {
              at += 10;
              await takeStep(own, hub, taken, at);
            }
            expect(await hub.differencesTo(own, key)).toEqual([]);
          } finally {
            await own.close();
            await here.remove();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

async function pagesOf(state: SourceState, pageSize: number): Promise<readonly SourceStatePage[]> {
  const pages: SourceStatePage[] = [];
  for await (const page of state.pages(pageSize)) pages.push(page);
  return pages;
}

type Grade = Absence['grade'];
type Step =
  /** `moved`: of another forest, of whose users nobody knows anything (D1). */
  | { readonly kind: 'full'; readonly users: readonly string[]; readonly title: string; readonly grade: Grade; readonly moved: boolean }
  | {
      readonly kind: 'changes';
      readonly users: readonly string[];
      readonly gone: readonly string[];
      readonly title: string;
      readonly grade: Grade;
    }
  | { readonly kind: 'upload'; readonly fate: 'landed' | 'lost' | 'unacknowledged' }
  | { readonly kind: 'hub restored' }
  | { readonly kind: 'pruned' };

const users = fc.subarray(['a', 'b', 'c', 'd', 'e']);
const title = fc.constantFrom('Engineer', 'Chief');
const grade = fc.constantFrom<Grade>('absent', 'missing', 'gone', 'out');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('full'), users, title, grade, moved: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('full'), users, title, grade, moved: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('changes'), users, gone: users, title, grade }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('upload'), fate: fc.constantFrom('landed', 'lost', 'unacknowledged') }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'hub restored' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'pruned' }) },
);

async function takeStep(store: Store, hub: HubSide, taken: Step, at: number): Promise<void> {
  if (taken.kind === 'upload') {
    await upload(store, hub, taken.fate);
  } else if (taken.kind === 'hub restored') {
    hub.restore();
  } else if (taken.kind === 'pruned') {
    await store.prune(at);
  } else if (taken.kind === 'full') {
    const known = await knownUsers(store);
    const gone = known.filter((id) => !taken.users.some((user) => user === id));
    // What a reader looks for are users of the family that it reads (C10).
    const absences = new Map(gone.map((id) => [id, { ...sampleAbsence(taken.grade), since: at }]));
    const entries = taken.users.map((id) => sampleEntry(id, taken.title));
    await landOnce(store, entries, at, taken.moved ? { proof: { family: other } } : { absences });
  } else {
    const latest = (await store.listReads(acme))[0]?.latestComplete;
    if (latest == null) return;
    const entries = taken.users.map((id) => sampleEntry(id, taken.title));
    const absences = new Map(taken.gone.map((id) => [id, { ...sampleAbsence(taken.grade), since: at }]));
    await landOnce(store, entries, at, { proof: { kind: 'changes', family: latest.proof?.family ?? family }, absences });
  }
}

async function upload(store: Store, hub: HubSide, fate: string): Promise<void> {
  for (const since of [await store.acknowledged(key), null]) {
    const state = await store.sourceState(key, since);
    if (state === null) return;
    try {
      if (fate === 'lost') return;
      if (!hub.land({ base: state.base, read: state.read.id, family: state.reaches.family }, await pagesOf(state, 2))) continue;
      if (fate === 'landed') await store.acknowledge(key, { by: 'c1', ...state.reaches });
      return;
    } finally {
      await state.close();
    }
  }
}

async function knownUsers(store: Store): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of store.sightings(acme)) {
    for (const { userId, entry } of page) if (userId.startsWith(`${family}/`)) ids.push(entry.immutableId);
  }
  return ids;
}
