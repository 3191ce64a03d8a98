import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Absence } from '../../core/model/absence.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import type { Landing, Store } from '../../core/ports/store.ts';
import type { StorePlace } from './store.contract.ts';
import {
  acme,
  globex,
  landOnce,
  readOnce,
  sampleAbsence,
  sampleEntry,
  sampleLanding,
  sampleProof,
  sampleUser,
  seen,
  sightingsOf,
} from './store.samples.ts';

const key = { organization: acme, collector: 'hq', directory: 'corp' } as const;
const source = { ...key, sourceType: 'active-directory', at: 100 } as const;
const labs = 'ad:labs.example.test';

/** What every implementation of the Store port does with reads of changes (C9) and with what is known of absent users (C10). */
export function storeChangesContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}, changes and absences`, () => {
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

    /** A read of changes; returns its id. */
    function changes(entries: readonly DirectoryEntry[], at: number, landing: Partial<Omit<Landing, 'proof'>> = {}): Promise<number> {
      return landOnce(store, entries, at, { proof: { kind: 'changes' }, ...landing });
    }

    async function absences(): Promise<readonly (readonly [string, number, Absence | null])[]> {
      return (await sightingsOf(store)).map(({ entry, read, absence }) => [entry.immutableId, read.id, absence]);
    }

    describe('a read of changes', () => {
      it('C9 brings who changed; whom it does not bring is still there', async () => {
        await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
        const id = await changes([sampleEntry('b', 'Manager'), sampleEntry('c')], 200);

        expect(await seen(store)).toEqual([
          [sampleUser('a'), 'hq', 'Engineer', id, 101],
          [sampleUser('b'), 'hq', 'Manager', id, 101],
          [sampleUser('c'), 'hq', 'Engineer', id, 201],
        ]);
      });

      it('C9 that brings nobody is the latest complete read of everybody', async () => {
        await readOnce(store, [sampleEntry('a')], 100);
        const id = await changes([], 200);

        expect(await seen(store)).toEqual([[sampleUser('a'), 'hq', 'Engineer', id, 101]]);
      });

      it('C10 takes those as absent whose absence it tells, and no others', async () => {
        const full = await readOnce(store, [sampleEntry('a'), sampleEntry('b'), sampleEntry('c')], 100);
        const gone = sampleAbsence('gone');
        const id = await changes([sampleEntry('c', 'Manager')], 200, {
          absences: new Map([
            ['b', gone],
            ['c', gone],
            ['of another store', gone],
          ]),
        });

        expect(await absences()).toEqual([
          ['a', id, null],
          ['b', full, gone],
          // It was brought, whatever else is told of it.
          ['c', id, null],
        ]);
      });

      it('C10 leaves users who were absent before as they were, unless it brings them or knows more of them', async () => {
        const full = await readOnce(store, [sampleEntry('a'), sampleEntry('b'), sampleEntry('c')], 100);
        await landOnce(store, [], 200, { absences: new Map(['a', 'b', 'c'].map((id) => [id, sampleAbsence('absent')])) });
        const id = await changes([sampleEntry('c')], 300, { absences: new Map([['b', sampleAbsence('gone')]]) });

        expect(await absences()).toEqual([
          ['a', full, sampleAbsence('absent')],
          ['b', full, sampleAbsence('gone')],
          ['c', id, null],
        ]);
      });

      it.each<[string, boolean, string | undefined]>([
        ['without a complete read before it', false, undefined],
        ['of another family than the one before it', true, labs],
      ])('C9 lands nothing %s', async (_, after, family) => {
        if (after) await readOnce(store, [sampleEntry('a')], 100);
        const before = await absences();
        const sink = await store.beginRead({ ...source, at: 200 });
        await sink.add([sampleEntry('b')]);
        const proof = sampleProof(1, { kind: 'changes', ...(family === undefined ? {} : { family }) });
        const landing = sampleLanding(proof, { checkpoint: { cookie: 'new' }, absences: new Map([['a', sampleAbsence('gone')]]) });

        await expect(sink.complete(landing, 300)).rejects.toMatchObject({ code: 'INTERNAL' });

        expect(await absences()).toEqual(before);
        expect(await store.checkpoint(key)).toBeNull();
        await sink.abandon('failed', 'INTERNAL', null, 400);
        expect(await seen(store)).toHaveLength(before.length);
      });

      it('C1 is held against what was added like any other', async () => {
        await readOnce(store, [sampleEntry('a')], 100);
        const sink = await store.beginRead({ ...source, at: 200 });

        await expect(sink.complete(sampleLanding(sampleProof(1, { kind: 'changes' })), 300)).rejects.toMatchObject({ code: 'INTERNAL' });
      });

      it('C1 leaves the latest read of everything what it was', async () => {
        const full = await readOnce(store, [sampleEntry('a')], 100);
        const latest = await changes([], 200);
        await restart();

        const [reads] = await store.listReads(acme);

        expect([reads?.latest.id, reads?.latestComplete?.id, reads?.latestFull?.id]).toEqual([latest, latest, full]);
        expect(reads?.latestFull?.proof).toEqual(sampleProof(1));
        const next = await readOnce(store, [sampleEntry('a')], 300);
        expect((await store.listReads(acme))[0]?.latestFull?.id).toBe(next);
      });
    });

    describe('a read of everything', () => {
      it('C10 keeps what is told of those it did not bring, and what was known of them when nothing is', async () => {
        const first = await readOnce(store, [sampleEntry('a'), sampleEntry('b'), sampleEntry('c'), sampleEntry('d')], 100);
        await landOnce(store, [sampleEntry('d')], 200, {
          absences: new Map([
            ['a', sampleAbsence('absent')],
            ['b', sampleAbsence('absent')],
            ['d', sampleAbsence('gone')],
          ]),
        });
        const third = await landOnce(store, [sampleEntry('d')], 300, { absences: new Map([['b', sampleAbsence('missing')]]) });

        expect(await absences()).toEqual([
          ['a', first, sampleAbsence('absent')],
          ['b', first, sampleAbsence('missing')],
          ['c', first, null],
          ['d', third, null],
        ]);
      });

      it.each(['Engineer', 'Manager'])('C10 forgets the absence of users that come back (%s)', async (title) => {
        await readOnce(store, [sampleEntry('a')], 100);
        await landOnce(store, [], 200, { absences: new Map([['a', sampleAbsence('gone')]]) });
        const back = await readOnce(store, [sampleEntry('a', title)], 300);

        expect(await absences()).toEqual([['a', back, null]]);
      });

      it('D1 concludes nothing in another forest about the users of the one before', async () => {
        const before = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
        const told = new Map(['a', 'b'].map((id) => [id, sampleAbsence('gone')] as const));
        const after = await landOnce(store, [sampleEntry('b')], 200, { proof: { family: labs }, absences: told });

        expect(await absences()).toEqual([
          ['a', before, null],
          ['b', before, null],
          ['b', after, null],
        ]);
      });

      it('C10 takes more absences than one statement has room for', async () => {
        const ids = Array.from({ length: 1_300 }, (_, index) => String(index).padStart(5, '0'));
        await readOnce(
          store,
          ids.map((id) => sampleEntry(id)),
          100,
        );
        await landOnce(store, [], 200, { absences: new Map(ids.map((id) => [id, { ...sampleAbsence('absent'), why: id }])) });

        expect((await absences()).map(([, , absence]) => absence?.why)).toEqual(ids);
      });
    });

    describe('a running read', () => {
      it('C10 tells whom it did not bring so far, in the order of their ids, those who were absent before too', async () => {
        await readOnce(
          store,
          ['d', 'c', 'b', 'a'].map((id) => sampleEntry(id)),
          100,
        );
        await landOnce(store, [sampleEntry('c'), sampleEntry('d')], 200, { absences: new Map([['b', sampleAbsence('missing')]]) });
        await readOnce(store, [sampleEntry('other directory')], 210, { directory: 'lab' });
        await readOnce(store, [sampleEntry('other organization')], 220, { organization: globex });
        const sink = await store.beginRead({ ...source, at: 300 });
        expect((await sink.absentees()).map(({ immutableId }) => immutableId)).toEqual(['a', 'b', 'c', 'd']);
        await sink.add([sampleEntry('d'), sampleEntry('new')]);

        expect(await sink.absentees()).toEqual(
          (
            [
              ['a', null],
              ['b', sampleAbsence('missing')],
              ['c', null],
            ] as const
          ).map(([immutableId, absence]) => ({
            immutableId,
            dn: sampleEntry(immutableId).dn,
            name: sampleEntry(immutableId).person.displayName,
            absence,
          })),
        );
        await sink.restart();
        expect(await sink.absentees()).toHaveLength(4);
        await sink.add([sampleEntry('a')]);
        await sink.complete(sampleLanding(sampleProof(1)), 400);
        await expect(sink.absentees()).rejects.toMatchObject({ code: 'INTERNAL' });
      });

      it('C10 tells of some users alone whether they are absent', async () => {
        const ids = Array.from({ length: 300 }, (_, index) => String(index).padStart(5, '0'));
        await readOnce(
          store,
          ids.map((id) => sampleEntry(id)),
          100,
        );
        const sink = await store.beginRead({ ...source, at: 200 });
        await sink.add([sampleEntry('00007')]);

        expect(await sink.absentees(['00299', '00007', 'nobody', '00005'])).toEqual(
          (await sink.absentees()).filter(({ immutableId }) => ['00005', '00299'].includes(immutableId)),
        );
        expect(await sink.absentees(ids)).toHaveLength(299);
        expect(await sink.absentees([])).toEqual([]);
      });

      it('C10 tells absent users of more than one page', async () => {
        const ids = Array.from({ length: 2_300 }, (_, index) => String(index).padStart(5, '0'));
        await readOnce(
          store,
          ids.map((id) => sampleEntry(id)),
          100,
        );
        const sink = await store.beginRead({ ...source, at: 200 });
        await sink.add([sampleEntry('01000')]);

        expect((await sink.absentees()).map(({ immutableId }) => immutableId)).toEqual(ids.filter((id) => id !== '01000'));
      });

      it('names a user by what there is', async () => {
        const bare = { displayName: null, firstName: null, lastName: null, samAccountName: null, userPrincipalName: null };
        const entry = sampleEntry('a');
        await readOnce(
          store,
          [
            { ...entry, immutableId: 'a', person: { ...entry.person, ...bare, lastName: 'Doe' } },
            { ...entry, immutableId: 'b', person: { ...entry.person, ...bare, samAccountName: 'jdoe' } },
            { ...entry, immutableId: 'c', person: { ...entry.person, ...bare } },
          ],
          100,
        );
        const sink = await store.beginRead({ ...source, at: 200 });

        expect((await sink.absentees()).map(({ name }) => name)).toEqual(['Doe', 'jdoe', entry.dn]);
      });

      it('tells how many of those it brought are new or back, and the names of the first', async () => {
        const sink = await store.beginRead(source);
        await sink.add([sampleEntry('b'), sampleEntry('a')]);
        const nameOf = (id: string): string | null => sampleEntry(id).person.displayName;
        expect(await sink.newcomers(1)).toEqual({ count: 2, names: [nameOf('a')] });
        await sink.complete(sampleLanding(sampleProof(2)), 100);
        await readOnce(store, [sampleEntry('b')], 200);
        const next = await store.beginRead({ ...source, at: 300 });
        await next.add([sampleEntry('a'), sampleEntry('b', 'Manager'), sampleEntry('c'), sampleEntry('d')]);

        expect(await next.newcomers(2)).toEqual({ count: 3, names: [nameOf('a'), nameOf('c')] });
        expect(await next.newcomers(9)).toEqual({ count: 3, names: [nameOf('a'), nameOf('c'), nameOf('d')] });
      });
    });

    describe('what a source keeps', () => {
      it('C9 keeps the checkpoint of the latest landed read, and of no other', async () => {
        expect(await store.checkpoint(key)).toBeNull();
        const first = { cookie: 'AAEC', usn: 4_711, nested: { dcs: ['dc1'] } };
        await landOnce(store, [sampleEntry('a')], 100, { checkpoint: first });
        await restart();
        expect(await store.checkpoint(key)).toEqual(first);
        expect(await store.checkpoint({ ...key, directory: 'lab' })).toBeNull();

        const failed = await store.beginRead({ ...source, at: 200 });
        await failed.abandon('failed', 'DIRECTORY_TIMEOUT', null, 210);
        expect(await store.checkpoint(key)).toEqual(first);
        await changes([], 300, { checkpoint: { cookie: 'next' } });
        expect(await store.checkpoint(key)).toEqual({ cookie: 'next' });
        await changes([], 400, { checkpoint: null });
        expect(await store.checkpoint(key)).toBeNull();
      });

      it('keeps its memory before any read and over failed ones, and shows no read for it', async () => {
        expect(await store.sourceMemory(key)).toBeNull();
        await store.keepSourceMemory(key, { failed: { 'ldaps://dc1.corp.example.test': 5 } });
        expect(await store.listReads(acme)).toEqual([]);
        expect(await store.checkpoint(key)).toBeNull();
        const sink = await store.beginRead(source);
        await store.keepSourceMemory(key, { failed: {} });
        await sink.abandon('failed', 'DIRECTORY_TIMEOUT', null, 200);
        await restart();

        expect(await store.sourceMemory(key)).toEqual({ failed: {} });
        expect(await store.sourceMemory({ ...key, organization: globex })).toBeNull();
        expect(await store.listReads(acme)).toHaveLength(1);
      });

      it('C3 tells who was locked out when last brought, of those who are present', async () => {
        const locked = (id: string, title?: string): DirectoryEntry => {
          const entry = sampleEntry(id, title);
          return { ...entry, account: { ...entry.account, locked: true } };
        };
        expect(await store.lockedUsers(key)).toEqual([]);
        await readOnce(store, [locked('d'), locked('c'), locked('b'), sampleEntry('a', '"locked":true'), sampleEntry('e')], 100);
        await readOnce(store, [locked('z')], 110, { directory: 'lab' });
        expect(await store.lockedUsers(key)).toEqual(['b', 'c', 'd']);

        await changes([sampleEntry('c'), locked('e')], 200, { absences: new Map([['d', sampleAbsence('gone')]]) });
        await restart();

        expect(await store.lockedUsers(key)).toEqual(['b', 'e']);
        await readOnce(store, [locked('f')], 300, { family: labs });
        expect(await store.lockedUsers(key)).toEqual(['f']);
      });
    });

    it('C1 C9 C10 keeps, for any course of reads, what a simple model keeps', async () => {
      const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
      const entries = fc.uniqueArray(fc.record({ id, title: fc.constantFrom('x', 'y', null) }), { selector: (entry) => entry.id });
      const told = fc.dictionary(id, fc.constantFrom('absent', 'missing', 'gone', 'out'), { maxKeys: 4 });
      const read = fc.record({
        kind: fc.constantFrom('full', 'changes', 'changes'),
        entries,
        told,
        ends: fc.constantFrom('landed', 'landed', 'landed', 'failed', 'restarted'),
      });
      let collector = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(read, { maxLength: 10 }), async (reads) => {
          collector += 1;
          const own = { ...source, collector: `collector-${collector}` };
          const model = new Map<string, { title: string | null; present: boolean; seenBy: number; grade: string | null }>();
          let latest: number | null = null;
          let cookie = 0;
          let checkpoint: number | null = null;
          for (const { kind, entries, told, ends } of reads) {
            const sink = await store.beginRead(own);
            if (ends === 'restarted') {
              await sink.add([sampleEntry('a', 'void'), sampleEntry('z')]);
              await sink.restart();
            }
            await sink.add(entries.map((entry) => sampleEntry(entry.id, entry.title)));
            const brought = new Set<string>(entries.map((entry) => entry.id));
            expect((await sink.absentees()).map(({ immutableId, absence }) => [immutableId, absence?.grade ?? null])).toEqual(
              [...model].flatMap(([user, { grade }]) => (brought.has(user) ? [] : [[user, grade]])).sort(byId),
            );
            expect((await sink.newcomers(0)).count).toBe([...brought].filter((user) => model.get(user)?.present !== true).length);
            cookie += 1;
            const landing = sampleLanding(sampleProof(entries.length, { kind }), {
              checkpoint: { cookie },
              absences: new Map(Object.entries(told).map(([user, grade]) => [user, sampleAbsence(grade)])),
            });
            if (kind === 'changes' && latest === null) {
              await expect(sink.complete(landing, 200)).rejects.toMatchObject({ code: 'INTERNAL' });
              continue;
            }
            if (ends === 'failed') {
              await sink.abandon('failed', 'DIRECTORY_TIMEOUT', null, 200);
              continue;
            }
            const { id: readId } = await sink.complete(landing, 200);
            for (const [user, known] of model) {
              if (brought.has(user)) continue;
              const grade = told[user];
              if (known.present && (kind === 'full' || grade !== undefined)) Object.assign(known, { present: false, seenBy: latest });
              if (grade !== undefined) known.grade = grade;
            }
            for (const entry of entries) model.set(entry.id, { title: entry.title, present: true, seenBy: readId, grade: null });
            latest = readId;
            checkpoint = cookie;
          }

          const found = (await sightingsOf(store)).filter((sighting) => sighting.collector === own.collector);

          expect(found.map(({ entry, read, absence }) => [entry.immutableId, entry.person.title, read.id, absence?.grade ?? null])).toEqual(
            [...model].map(([user, { title, present, seenBy, grade }]) => [user, title, present ? latest : seenBy, grade]).sort(byId),
          );
          expect(await store.checkpoint(own)).toEqual(checkpoint === null ? null : { cookie: checkpoint });
        }),
        { numRuns: 60 },
      );
    });
  });
}

function byId([one]: readonly unknown[], [two]: readonly unknown[]): number {
  return String(one) < String(two) ? -1 : 1;
}
