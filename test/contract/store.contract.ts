import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contactId } from '../../core/model/ids.ts';
import type { Store, StoredSighting } from '../../core/ports/store.ts';
import {
  acme,
  globex,
  readOnce,
  sampleContactState,
  sampleEntry,
  sampleIntent,
  sampleLanding,
  samplePlan,
  sampleProof,
  sampleUser,
  sampleUserState,
  seen,
} from './store.samples.ts';

/** A place for one store: `open` opens what is there, so that closing and opening again is a restart. */
export interface StorePlace {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const source = { organization: acme, collector: 'hq', directory: 'corp', sourceType: 'active-directory', at: 100 } as const;

/** What every implementation of the Store port does. */
export function storeContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}`, () => {
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

    describe('reads', () => {
      it('C1 shows nothing of a read until it is complete, then all of it', async () => {
        const sink = await store.beginRead(source);
        await sink.add([sampleEntry('a'), sampleEntry('b')]);
        await sink.add([sampleEntry('c')]);
        expect(await seen(store)).toEqual([]);

        const record = await sink.complete(sampleLanding(sampleProof(3)), 200);

        expect(record).toMatchObject({
          organization: acme,
          collector: 'hq',
          directory: 'corp',
          startedAt: 100,
          finishedAt: 200,
          outcome: 'complete',
          error: null,
        });
        expect(record.proof).toEqual(sampleProof(3));
        expect(await seen(store)).toEqual(['a', 'b', 'c'].map((id) => [sampleUser(id), 'hq', 'Engineer', record.id, 200]));
      });

      it('hands entries back as they were given', async () => {
        const entries = [sampleEntry('a'), sampleEntry('b', 'line\nfeed \u0000 \\ "quoted" \ud800')];
        await readOnce(store, entries, 100);
        await restart();

        const found: StoredSighting[] = [];
        for await (const page of store.sightings(acme)) {
          found.push(...page);
        }

        expect(found.map(({ entry }) => entry)).toEqual(entries);
        expect(found[0]).toMatchObject({ collector: 'hq', directory: 'corp', sourceType: 'active-directory' });
        expect(found[0]?.read).toEqual((await store.listReads(acme))[0]?.latest);
      });

      it('C1 keeps users whom a later complete read did not bring as they were last seen', async () => {
        const first = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
        const second = await readOnce(store, [sampleEntry('b', 'Manager'), sampleEntry('c')], 200);
        const third = await readOnce(store, [sampleEntry('c')], 300);

        expect(await seen(store)).toEqual([
          [sampleUser('a'), 'hq', 'Engineer', first, 101],
          [sampleUser('b'), 'hq', 'Manager', second, 101],
          [sampleUser('c'), 'hq', 'Engineer', third, 201],
        ]);
      });

      it('takes a user that comes back, changed or not, as seen by the read that brought it', async () => {
        await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
        await readOnce(store, [], 200);
        const back = await readOnce(store, [sampleEntry('a'), sampleEntry('b', 'Manager')], 300);

        expect(await seen(store)).toEqual([
          [sampleUser('a'), 'hq', 'Engineer', back, 101],
          [sampleUser('b'), 'hq', 'Manager', back, 101],
        ]);
      });

      it('forgets on restart what was added before', async () => {
        const sink = await store.beginRead(source);
        await sink.add([sampleEntry('a', 'from the first server'), sampleEntry('b')]);
        await sink.restart();
        await sink.add([sampleEntry('a', 'from the second server')]);
        const { id } = await sink.complete(sampleLanding(sampleProof(1)), 200);

        expect(await seen(store)).toEqual([[sampleUser('a'), 'hq', 'from the second server', id, 200]]);
      });

      it.each(['incomplete', 'failed'] as const)('C1 records a read as %s and concludes nothing from it', async (outcome) => {
        const good = await readOnce(store, [sampleEntry('a')], 100);
        const sink = await store.beginRead({ ...source, at: 200 });
        await sink.add([sampleEntry('a', 'Manager'), sampleEntry('b')]);
        const proof = sampleProof(2, { complete: false, gaps: ['size limit'] });

        const record = await sink.abandon(outcome, 'DIRECTORY_INCOMPLETE', proof, 300);

        expect(record).toMatchObject({ outcome, error: 'DIRECTORY_INCOMPLETE', startedAt: 200, finishedAt: 300, proof });
        expect(await seen(store)).toEqual([[sampleUser('a'), 'hq', 'Engineer', good, 101]]);
        const [reads] = await store.listReads(acme);
        expect([reads?.latest, reads?.latestComplete?.id]).toEqual([record, good]);
      });

      it('C1 refuses to land a read that is not proven complete, or that lost entries', async () => {
        const sink = await store.beginRead(source);
        await sink.add([sampleEntry('a')]);

        await expect(sink.complete(sampleLanding(sampleProof(1, { complete: false })), 200)).rejects.toMatchObject({ code: 'INTERNAL' });
        await expect(sink.complete(sampleLanding(sampleProof(2)), 200)).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(await seen(store)).toEqual([]);
      });

      it('counts an entry that is handed over twice once, as it was last seen', async () => {
        const id = await readOnce(store, [sampleEntry('a', 'old place'), sampleEntry('a', 'new place')], 100);

        expect(await seen(store)).toEqual([[sampleUser('a'), 'hq', 'new place', id, 101]]);
      });

      it('ends a read when a newer one of the same collector and directory begins', async () => {
        const older = await store.beginRead(source);
        await older.add([sampleEntry('a')]);
        const id = await readOnce(store, [sampleEntry('b')], 200);

        await expect(older.add([sampleEntry('c')])).rejects.toMatchObject({ code: 'INTERNAL' });
        await expect(older.complete(sampleLanding(sampleProof(1)), 300)).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(await seen(store)).toEqual([[sampleUser('b'), 'hq', 'Engineer', id, 201]]);
      });

      it('D2 keeps one sighting per collector and directory, in the order of user id, apart from other organizations', async () => {
        const hq = await readOnce(store, [sampleEntry('b'), sampleEntry('a')], 100);
        const branch = await readOnce(store, [sampleEntry('a', 'Seen at the branch')], 200, { collector: 'branch' });
        const other = await readOnce(store, [sampleEntry('a')], 300, { organization: globex });

        expect(await seen(store)).toEqual([
          [sampleUser('a'), 'hq', 'Engineer', hq, 101],
          [sampleUser('a'), 'branch', 'Seen at the branch', branch, 201],
          [sampleUser('b'), 'hq', 'Engineer', hq, 101],
        ]);
        expect(await seen(store, globex)).toEqual([[sampleUser('a'), 'hq', 'Engineer', other, 301]]);
      });

      it('keeps reads of different directories that run at the same time apart', async () => {
        const entries = Array.from({ length: 2_100 }, (_, index) => sampleEntry(String(index).padStart(5, '0'), 'Corp'));
        const corp = await store.beginRead(source);
        const lab = await store.beginRead({ ...source, directory: 'lab' });
        await corp.add(entries);
        await lab.add(entries);
        await lab.restart();
        await lab.add([sampleEntry('00000', 'Lab')]);
        await lab.complete(sampleLanding(sampleProof(1)), 200);
        await corp.complete(sampleLanding(sampleProof(2_100)), 300);

        const found = await seen(store);

        expect(found).toHaveLength(2_101);
        expect(found.slice(0, 3).map(([, , title]) => title)).toEqual(['Corp', 'Lab', 'Corp']);
      });

      it('D1 takes the same entries of another family as other users', async () => {
        const before = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
        const after = await readOnce(store, [sampleEntry('a'), sampleEntry('b', 'Manager')], 200, { family: 'ad:labs.example.test' });

        expect(await seen(store)).toEqual([
          [sampleUser('a'), 'hq', 'Engineer', before, 101],
          [sampleUser('b'), 'hq', 'Engineer', before, 101],
          ['ad:labs.example.test/a', 'hq', 'Engineer', after, 201],
          ['ad:labs.example.test/b', 'hq', 'Manager', after, 201],
        ]);
      });

      it('shows sightings as they were when the first page was asked for, and takes writes meanwhile', async () => {
        const entries = Array.from({ length: 2_500 }, (_, index) => sampleEntry(String(index).padStart(5, '0')));
        await readOnce(store, entries, 100);
        const sizes: number[] = [];
        const titles = new Set<string | null>();

        for await (const page of store.sightings(acme)) {
          if (sizes.length === 0) {
            await readOnce(store, [sampleEntry('01999', 'changed meanwhile')], 200);
          }
          sizes.push(page.length);
          for (const sighting of page) {
            titles.add(sighting.entry.person.title);
          }
        }

        expect(sizes).toEqual([1_000, 1_000, 500]);
        expect([...titles]).toEqual(['Engineer']);
      });

      it('can be left in the middle of the sightings', async () => {
        await readOnce(store, [sampleEntry('a')], 100);
        for await (const page of store.sightings(acme)) {
          expect(page).toHaveLength(1);
          break;
        }
        const left = store.sightings(acme)[Symbol.asyncIterator]();
        await left.next();

        await restart();

        expect(await seen(store)).toHaveLength(1);
      });

      it('lists the newest read and the newest complete one, per collector and directory', async () => {
        expect(await store.listReads(acme)).toEqual([]);
        const complete = await readOnce(store, [sampleEntry('a')], 100);
        await store.beginRead({ ...source, at: 200 });
        await store.beginRead({ ...source, collector: 'branch', at: 300, sourceType: 'ldif' });

        const reads = await store.listReads(acme);

        expect(reads.map(({ latest, latestComplete }) => [latest.collector, latest.outcome, latest.startedAt, latestComplete?.id])).toEqual(
          [
            ['branch', 'running', 300, undefined],
            ['hq', 'running', 200, complete],
          ],
        );
      });

      it('C1 keeps, for any course of reads, what a simple model keeps', async () => {
        const entries = fc.uniqueArray(
          fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), title: fc.constantFrom('x', 'y', null) }),
          {
            selector: ({ id }) => id,
          },
        );
        const read = fc.record({ entries, ends: fc.constantFrom('complete', 'complete', 'failed', 'restarted') });
        let collector = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(read, { maxLength: 8 }), async (reads) => {
            collector += 1;
            const own = { ...source, collector: `collector-${collector}` };
            const model = new Map<string, readonly [string | null, number]>();
            for (const { entries, ends } of reads) {
              const sink = await store.beginRead(own);
              if (ends === 'restarted') {
                await sink.add([sampleEntry('a', 'void'), sampleEntry('z')]);
                await sink.restart();
              }
              await sink.add(entries.map(({ id, title }) => sampleEntry(id, title)));
              if (ends === 'failed') {
                await sink.abandon('failed', 'DIRECTORY_TIMEOUT', null, 200);
                continue;
              }
              const { id: readId } = await sink.complete(sampleLanding(sampleProof(entries.length)), 200);
              for (const { id, title } of entries) {
                model.set(sampleUser(id), [title, readId]);
              }
            }

            const found = (await seen(store)).filter((sighting) => sighting[1] === own.collector);

            expect(found.map(([user, , title, readId]) => [user, [title, readId]])).toEqual(
              [...model].sort(([one], [two]) => (one < two ? -1 : 1)),
            );
          }),
          { numRuns: 40 },
        );
      });
    });

    describe('states', () => {
      it('knows an organization before its first run as new', async () => {
        expect(await store.organizationState(acme)).toEqual({
          onboarded: false,
          twoWaySince: null,
          canary: null,
          lastPlanAt: null,
          lastAppliedAt: null,
        });
      });

      it('keeps the state of an organization over a restart', async () => {
        const state = {
          onboarded: true,
          twoWaySince: 1,
          canary: { contactId: contactId('5'), psaContactId: null, startedAt: 2, state: 'waiting' as const },
          lastPlanAt: 3,
          lastAppliedAt: null,
        };
        await store.saveOrganizationState(acme, { ...state, onboarded: false });
        await store.saveOrganizationState(acme, state);
        await restart();

        expect(await store.organizationState(acme)).toEqual(state);
        expect((await store.organizationState(globex)).onboarded).toBe(false);
      });

      it('keeps user states over a restart; saving one leaves the others', async () => {
        const other = sampleUserState('b', {
          state: 'ignored',
          contactId: null,
          rule: null,
          decidedAt: null,
          returned: true,
          appliedStatus: null,
        });
        await store.saveUserStates(acme, [sampleUserState('a'), other]);
        await store.saveUserStates(acme, [sampleUserState('a', { createRequested: true, createdContact: false, rejectedContactIds: [] })]);
        await restart();

        expect(await store.userStates(acme)).toEqual([
          sampleUserState('a', { createRequested: true, createdContact: false, rejectedContactIds: [] }),
          other,
        ]);
        expect(await store.userStates(globex)).toEqual([]);
      });

      it('takes the last word when one save names a user twice', async () => {
        await store.saveUserStates(acme, [sampleUserState('a', { rule: 'M1' }), sampleUserState('a', { rule: 'M2' })]);

        expect(await store.userStates(acme)).toEqual([sampleUserState('a', { rule: 'M2' })]);
      });

      it('takes more rows than one statement has room for', async () => {
        const states = Array.from({ length: 5_003 }, (_, index) => sampleUserState(String(index).padStart(5, '0')));
        await store.saveUserStates(acme, states);

        expect(await store.userStates(acme)).toEqual(states);
      });

      it('E4 keeps the base of fields that are not named', async () => {
        const base = { userId: sampleUser('a'), contactId: contactId('1') };
        const equal = { value: 'Zoë', origin: 'equal' as const };
        const written = { value: 'Manager', origin: 'written' as const };
        await store.saveContactBases(acme, [
          { ...base, fields: { firstName: equal, title: equal } },
          { ...base, contactId: contactId('2'), fields: { firstName: equal } },
        ]);
        await store.saveContactBases(acme, [{ ...base, fields: { title: written } }]);
        await store.saveContactBases(acme, [
          { ...base, fields: { email: equal } },
          { ...base, fields: { phone: equal } },
        ]);
        await restart();

        expect(await store.contactBases(acme)).toEqual([
          { ...base, fields: { firstName: equal, title: written, email: equal, phone: equal } },
          { ...base, contactId: contactId('2'), fields: { firstName: equal } },
        ]);
      });

      it('keeps contact states over a restart', async () => {
        const linked = sampleContactState('2', {
          fingerprint: null,
          pushWant: null,
          psaLink: { psaContactId: '77' as never, companyId: '250', createdByRollcall: true, complete: false, linkedAt: 9 },
          refusedAtUpdate: 1_234,
        });
        await store.saveContactStates(acme, [sampleContactState('1', { refusedAtUpdate: null }), linked]);
        await store.saveContactStates(acme, [sampleContactState('1')]);
        await restart();

        expect(await store.contactStates(acme)).toEqual([sampleContactState('1'), linked]);
      });
    });

    describe('plans and decisions', () => {
      it('A3 holds one plan an organization: a later one takes its place, and it can be dropped', async () => {
        expect(await store.heldPlan(acme)).toBeNull();
        await store.holdPlan(samplePlan('one'));
        await store.holdPlan(samplePlan('two'));
        await restart();
        expect(await store.heldPlan(acme)).toEqual(samplePlan('two'));
        expect(await store.heldPlan(globex)).toBeNull();

        await store.dropHeldPlan(acme);

        expect(await store.heldPlan(acme)).toBeNull();
      });

      it('replaces the decisions of an organization, and only its own', async () => {
        const decision = { key: sampleUser('a'), decidedAt: 1, body: { rules: ['M1', { why: 'mail' }] } };
        await store.saveDecisions(globex, [decision]);
        await store.saveDecisions(acme, [decision, { key: 'contact:9', decidedAt: 1, body: null }]);
        await store.saveDecisions(acme, [{ ...decision, decidedAt: 2 }]);
        await restart();

        expect(await store.decisions(acme)).toEqual([{ ...decision, decidedAt: 2 }]);
        expect(await store.decision(acme, sampleUser('a'))).toEqual({ ...decision, decidedAt: 2 });
        expect(await store.decision(acme, 'contact:9')).toBeNull();
        expect(await store.decisions(globex)).toEqual([decision]);
      });
    });

    describe('runs and journal', () => {
      it('lists runs newest first, of one organization or all', async () => {
        const first = await store.startRun({ organization: acme, command: 'plan', at: 1 });
        const second = await store.startRun({ organization: globex, command: 'sync', at: 2 });
        const third = await store.startRun({ organization: acme, command: 'sync', at: 3 });

        expect((await store.listRuns({ limit: 2 })).map(({ id }) => id)).toEqual([third, second]);
        expect((await store.listRuns({ organization: acme, limit: 9 })).map(({ id }) => id)).toEqual([third, first]);
        expect(await store.getRun(second)).toEqual({
          id: second,
          organization: globex,
          command: 'sync',
          startedAt: 2,
          finishedAt: null,
          outcome: 'running',
          planHash: null,
          counts: {},
          error: null,
          trigger: 'by hand',
          detail: null,
        });
      });

      it('keeps how a run ended', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        const end = { outcome: 'failed', planHash: 'abc', counts: { created: 3 }, error: { code: 'INTERNAL', message: 'Oh.' } } as const;
        await store.finishRun(run, { ...end, at: 5 });
        await restart();

        expect(await store.getRun(run)).toMatchObject({ ...end, finishedAt: 5 });
      });

      it('finds no run under a name that is none', async () => {
        for (const name of ['', '0', '99', '1e3', '-1', 'latest', '9'.repeat(40)]) {
          expect(await store.getRun(name as never)).toBeNull();
        }
        await expect(
          store.finishRun('99' as never, { outcome: 'done', planHash: null, counts: {}, error: null, at: 1 }),
        ).rejects.toMatchObject({ code: 'INTERNAL' });
      });

      it('takes a run that was not finished when the store closed as interrupted', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        await restart();

        expect(await store.getRun(run)).toMatchObject({ outcome: 'interrupted', error: { code: 'INTERRUPTED' } });
        expect((await store.getRun(run))?.finishedAt).not.toBeNull();
      });

      it('takes a read that was not finished when the store closed as failed, and shows nothing of it', async () => {
        const sink = await store.beginRead(source);
        await sink.add([sampleEntry('a')]);
        await restart();

        expect((await store.listReads(acme))[0]?.latest).toMatchObject({ outcome: 'failed', error: 'INTERRUPTED' });
        expect(await seen(store)).toEqual([]);
      });

      it('A2 finds an intent without a result after a restart', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        const id = await store.recordIntent(sampleIntent(run), 7);
        await restart();

        expect(await store.openIntents(acme)).toEqual([
          { ...sampleIntent(run), id, state: 'intended', result: null, intendedAt: 7, settledAt: null, undoneBy: null },
        ]);
        expect(await store.openIntents(globex)).toEqual([]);
      });

      it('A2 commits a result together with what is remembered because of it', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        const id = await store.recordIntent(sampleIntent(run), 7);
        const base = {
          userId: sampleUser('a'),
          contactId: contactId('100'),
          fields: { title: { value: 'x', origin: 'written' as const } },
        };
        const organization = { onboarded: true, twoWaySince: null, canary: null, lastPlanAt: null, lastAppliedAt: 8 };
        await store.recordResult(
          id,
          { state: 'done', record: '100', contactId: contactId('100'), result: { id: '100' } },
          { users: [sampleUserState('a')], bases: [base], contacts: [sampleContactState('100')], organization },
          8,
        );
        await restart();

        expect(await store.openIntents(acme)).toEqual([]);
        expect(await store.journal(run)).toMatchObject([
          { id, state: 'done', record: '100', contactId: '100', result: { id: '100' }, intendedAt: 7, settledAt: 8 },
        ]);
        expect(await store.userStates(acme)).toEqual([sampleUserState('a')]);
        expect(await store.contactBases(acme)).toEqual([base]);
        expect(await store.contactStates(acme)).toEqual([sampleContactState('100')]);
        expect(await store.organizationState(acme)).toEqual(organization);
      });

      it('A2 leaves the intent open when what is to be remembered cannot be stored', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        const id = await store.recordIntent(sampleIntent(run), 7);
        const broken = { ...sampleUserState('b'), state: null as never };

        await expect(
          store.recordResult(id, { state: 'done', result: null }, { users: [sampleUserState('a'), broken] }, 8),
        ).rejects.toThrow();

        expect(await store.openIntents(acme)).toMatchObject([{ id, state: 'intended' }]);
        expect(await store.userStates(acme)).toEqual([]);
      });

      it('A2 keeps an unknown outcome open until it is settled, once', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        const first = await store.recordIntent(sampleIntent(run), 1);
        const second = await store.recordIntent(sampleIntent(run, { operation: 'update-contact', before: { title: null } }), 2);
        const third = await store.recordIntent(sampleIntent(run), 3);
        await store.recordResult(first, { state: 'unknown', result: 'no answer' }, {}, 4);
        await store.recordResult(third, { state: 'refused', result: 'no' }, {}, 4);
        expect((await store.openIntents(acme)).map(({ id, state, settledAt }) => [id, state, settledAt])).toEqual([
          [first, 'unknown', null],
          [second, 'intended', null],
        ]);

        await store.recordResult(first, { state: 'not-done', result: 'looked' }, {}, 9);

        expect((await store.openIntents(acme)).map(({ id }) => id)).toEqual([second]);
        await expect(store.recordResult(first, { state: 'done', result: null }, {}, 9)).rejects.toMatchObject({ code: 'INTERNAL' });
        await expect(store.recordResult(999, { state: 'done', result: null }, {}, 9)).rejects.toMatchObject({ code: 'INTERNAL' });
        expect((await store.journal(run)).map(({ state }) => state)).toEqual(['not-done', 'intended', 'refused']);
      });

      it('refuses an intent of a run that does not exist', async () => {
        await expect(store.recordIntent(sampleIntent('12' as never), 1)).rejects.toThrow();
        await expect(store.recordIntent(sampleIntent('twelve' as never), 1)).rejects.toMatchObject({ code: 'INTERNAL' });
      });

      it('A5 marks what an undo put back', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        const ids = [await store.recordIntent(sampleIntent(run), 1), await store.recordIntent(sampleIntent(run), 2)];
        const undo = await store.startRun({ organization: acme, command: 'undo', at: 3 });
        await store.markUndone(ids.slice(0, 1), undo);
        await store.markUndone([], undo);

        expect((await store.journal(run)).map(({ undoneBy }) => undoneBy)).toEqual([undo, null]);
      });
    });

    it('takes calls that overlap one after the other', async () => {
      const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
      const sink = await store.beginRead(source);
      const ids = await Promise.all([
        ...Array.from({ length: 20 }, (_, index) => store.recordIntent(sampleIntent(run), index)),
        ...Array.from({ length: 10 }, async (_, index) => {
          await sink.add([sampleEntry(String(index))]);
          return 0;
        }),
        store.saveUserStates(acme, [sampleUserState('a')]).then(() => 0),
      ]);
      await sink.complete(sampleLanding(sampleProof(10)), 5);

      expect(new Set(ids).size).toBe(21);
      expect(await store.journal(run)).toHaveLength(20);
      expect(await seen(store)).toHaveLength(10);
    });
  });
}
