import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../core/model/ids.ts';
import type { IntentState, Store } from '../../core/ports/store.ts';
import type { StorePlace } from './store.contract.ts';
import {
  acme,
  globex,
  landOnce,
  readOnce,
  sampleAbsence,
  sampleEntry,
  sampleIntent,
  sampleLanding,
  samplePlan,
  sampleProof,
  sampleUser,
  sampleUserState,
  seen,
} from './store.samples.ts';

const done = { outcome: 'done', planHash: null, counts: {}, error: null } as const;

/** What every implementation of the Store port does about the story of runs, counts and retention. */
export function storeStoryContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}, runs told, counted and forgotten`, () => {
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

    /** A finished run; `states` are what became of its writes. */
    async function runAt(
      at: number,
      states: readonly (IntentState | 'open')[] = [],
    ): Promise<{ readonly run: RunId; readonly ids: number[] }> {
      const run = await store.startRun({ organization: acme, command: 'sync', at });
      const ids: number[] = [];
      for (const state of states) {
        const id = await store.recordIntent(sampleIntent(run), at);
        ids.push(id);
        if (state !== 'open' && state !== 'intended') await store.recordResult(id, { state, result: null }, {}, at);
      }
      await store.finishRun(run, { ...done, at: at + 1 });
      return { run, ids };
    }

    async function runIds(): Promise<readonly string[]> {
      return (await store.listRuns({ limit: 1_000 })).map(({ id }) => id).toReversed();
    }

    describe('runs', () => {
      it('keeps what started a run and what there is to tell of it', async () => {
        const hand = await store.startRun({ organization: acme, command: 'plan', at: 1 });
        const slot = await store.startRun({ organization: acme, command: 'sync', trigger: 'schedule', at: 2 });
        const detail = { changes: [{ path: 'schedule.scan', from: '0 * * * *', to: '5 * * * *' }], odd: '\u0000 "x"' };
        await store.finishRun(slot, { ...done, detail, at: 3 });
        await restart();

        expect(await store.getRun(hand)).toMatchObject({ trigger: 'by hand', detail: null });
        expect(await store.getRun(slot)).toMatchObject({ trigger: 'schedule', detail });
      });

      it('finds runs by organization, time, outcome and command, the newest first', async () => {
        const old = await store.startRun({ organization: acme, command: 'sync', at: 100 });
        await store.finishRun(old, { ...done, outcome: 'failed', at: 110 });
        const other = await store.startRun({ organization: globex, command: 'sync', at: 200 });
        await store.finishRun(other, { ...done, outcome: 'failed', at: 210 });
        const good = await store.startRun({ organization: acme, command: 'plan', at: 300 });
        await store.finishRun(good, { ...done, at: 310 });
        const last = await store.startRun({ organization: acme, command: 'sync', at: 400 });
        const found = async (query: Omit<Parameters<Store['listRuns']>[0], 'limit'>, limit = 9): Promise<readonly string[]> =>
          (await store.listRuns({ ...query, limit })).map(({ id }) => id);

        expect(await found({ since: 200 })).toEqual([last, good, other]);
        expect(await found({ since: 201 })).toEqual([last, good]);
        expect(await found({ outcomes: ['failed'] })).toEqual([other, old]);
        expect(await found({ outcomes: ['failed', 'running'], organization: acme })).toEqual([last, old]);
        expect(await found({ commands: ['sync'], organization: acme }, 1)).toEqual([last]);
        expect(await found({ outcomes: [] })).toEqual([]);
      });
    });

    describe('counts', () => {
      it('counts nobody where nothing was stored', async () => {
        expect(await store.organizationCounts(acme, 0)).toEqual({
          users: 0,
          matched: 0,
          ignored: 0,
          notSeen: 0,
          vanished: 0,
          conflicts: 0,
          psaHeld: 0,
        });
      });

      it('counts users once, their states, who was not seen, conflicts and what is held for the PSA', async () => {
        await readOnce(
          store,
          ['a', 'b', 'c', 'd', 'e'].map((id) => sampleEntry(id)),
          100,
        );
        await readOnce(
          store,
          ['a', 'b', 'c'].map((id) => sampleEntry(id)),
          200,
        );
        // Another collector still sees one of the two that are gone.
        await readOnce(store, [sampleEntry('a'), sampleEntry('d')], 300, { collector: 'branch' });
        await readOnce(store, [sampleEntry('a')], 400, { organization: globex });
        await store.saveUserStates(acme, [
          sampleUserState('a'),
          sampleUserState('b', { state: 'ignored' }),
          sampleUserState('c', { state: 'unmatched' }),
          sampleUserState('nobody any more'),
        ]);
        await store.saveDecisions(acme, [
          { key: sampleUser('a'), decidedAt: 1, body: { conflicts: [{ field: 'title' }, { field: 'phone' }], psa: { state: 'held' } } },
          { key: sampleUser('b'), decidedAt: 1, body: { conflicts: [], psa: { state: 'off' } } },
          { key: sampleUser('c'), decidedAt: 1, body: { conflicts: [{ field: 'title' }], psa: { state: 'held' } } },
        ]);

        expect(await store.organizationCounts(acme, 0)).toEqual({
          users: 5,
          matched: 1,
          ignored: 1,
          notSeen: 1,
          vanished: 1,
          conflicts: 3,
          psaHeld: 2,
        });
        expect(await store.organizationCounts(globex, 0)).toMatchObject({ users: 1, matched: 0, conflicts: 0 });
      });
    });

    describe('users who vanished', () => {
      it('counts those who were last seen since the moment, by a read of the same scope', async () => {
        await readOnce(
          store,
          ['a', 'b', 'c'].map((id) => sampleEntry(id)),
          100,
        );
        await readOnce(
          store,
          ['a', 'b'].map((id) => sampleEntry(id)),
          200,
        );
        await readOnce(store, [sampleEntry('a')], 300);
        const vanished = async (since: number): Promise<number> => (await store.organizationCounts(acme, since)).vanished;

        expect([await vanished(101), await vanished(102), await vanished(201), await vanished(202)]).toEqual([2, 1, 1, 0]);

        const sink = await store.beginRead({
          organization: acme,
          collector: 'hq',
          directory: 'corp',
          sourceType: 'active-directory',
          at: 400,
        });
        await sink.add([sampleEntry('a')]);
        await sink.complete(sampleLanding(sampleProof(1, { scopeKey: 'another scope' })), 401);
        expect(await vanished(0)).toBe(0);
        expect((await store.organizationCounts(acme, 0)).notSeen).toBe(2);
      });
    });

    describe('users of whom it is known where they are', () => {
      it('C10 did not vanish: deleted ones nowhere, those out of scope where they are', async () => {
        const ids = ['absent', 'gone', 'missing', 'out', 'unknown'];
        const told = ['absent', 'gone', 'missing', 'out'] as const;
        const everybody = ids.map((id) => sampleEntry(id));
        await readOnce(store, everybody, 100);
        await landOnce(store, [], 200, { absences: new Map(told.map((grade) => [grade, sampleAbsence(grade)])) });
        const counts = async () => {
          const { notSeen, vanished } = await store.organizationCounts(acme, 0);
          return { notSeen, vanished };
        };
        expect(await counts()).toEqual({ notSeen: 5, vanished: 3 });

        // The branch misses all five, and knows nothing of any.
        await readOnce(store, everybody, 300, { collector: 'branch' });
        expect(await counts()).toEqual({ notSeen: 0, vanished: 0 });
        await readOnce(store, [], 400, { collector: 'branch' });
        expect(await counts()).toEqual({ notSeen: 5, vanished: 4 });
      });
    });

    describe('a held plan in short', () => {
      it('A3 tells hash, reason, limits and names, and nothing when no plan is held', async () => {
        const guard = { kind: 'create', count: 30, limit: 20, exceeded: true, names: ['Zoë O\u2019Brien "3rd"'] } as const;
        expect(await store.heldPlanSummary(acme)).toBeNull();
        await store.holdPlan({ ...samplePlan('first'), madeAt: 1 });
        await store.holdPlan({ ...samplePlan('second'), madeAt: 7, guards: [guard] });

        expect(await store.heldPlanSummary(acme)).toEqual({
          organization: acme,
          hash: 'second',
          madeAt: 7,
          guards: [guard],
          held: { reason: 'onboarding', hash: 'second' },
        });
        expect(await store.heldPlanSummary(globex)).toBeNull();
      });
    });

    describe('retention', () => {
      it('forgets runs and their journal that began before the moment, and no other', async () => {
        const old = await runAt(100, ['done', 'refused', 'not-done']);
        const kept = await runAt(200, ['done']);

        expect(await store.prune(200)).toEqual({ runs: 1, entries: 3, reads: 0, backups: 0 });
        expect(await runIds()).toEqual([kept.run]);
        expect(await store.journal(old.run)).toEqual([]);
        expect(await store.journal(kept.run)).toHaveLength(1);
        expect(await store.prune(200)).toEqual({ runs: 0, entries: 0, reads: 0, backups: 0 });
      });

      it.each(['open', 'unknown'] as const)('A2 keeps a run whole as long as one of its writes is %s', async (state) => {
        const { run, ids } = await runAt(100, ['done', state, 'done']);

        expect(await store.prune(1_000)).toMatchObject({ runs: 0, entries: 0 });
        expect(await store.journal(run)).toHaveLength(3);
        expect((await store.openIntents(acme)).map(({ id }) => id)).toEqual([ids[1]]);

        await store.recordResult(ids[1] ?? 0, { state: 'not-done', result: 'looked' }, {}, 2);
        expect(await store.prune(1_000)).toMatchObject({ runs: 1, entries: 3 });
      });

      it('A5 keeps the undo of what stays: an entry that was undone does not look as if it was not', async () => {
        const { run, ids } = await runAt(100, ['done', 'open']);
        const undo = await runAt(110, ['done']);
        const undoOfUndo = await runAt(120, ['done']);
        await store.markUndone(ids.slice(0, 1), undo.run);
        await store.markUndone(undo.ids, undoOfUndo.run);
        const other = await runAt(130);

        await store.prune(1_000);

        expect(await runIds()).toEqual([run, undo.run, undoOfUndo.run]);
        expect(await store.getRun(other.run)).toBeNull();
        expect((await store.journal(run)).map(({ undoneBy }) => undoneBy)).toEqual([undo.run, null]);
      });

      it('forgets an undo together with what it undid, and keeps it when the clock was set back between them', async () => {
        const first = await runAt(100, ['done']);
        const undo = await runAt(110, ['done']);
        await store.markUndone(first.ids, undo.run);
        const late = await runAt(5_000, ['done']);
        const early = await runAt(120, ['done']);
        await store.markUndone(late.ids, early.run);

        await store.prune(1_000);

        expect(await runIds()).toEqual([late.run, early.run]);
        expect((await store.journal(late.run)).map(({ undoneBy }) => undoneBy)).toEqual([early.run]);
      });

      it('keeps a run that is still going on, however old', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });

        expect((await store.prune(1_000)).runs).toBe(0);
        expect(await store.getRun(run)).not.toBeNull();
      });

      it('keeps the reads that sightings and absence rest on', async () => {
        await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100);
        const lastThatSawB = await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 200);
        await readOnce(store, [sampleEntry('a')], 300);
        const latestComplete = await readOnce(store, [sampleEntry('a')], 400);
        const sink = await store.beginRead({
          organization: acme,
          collector: 'hq',
          directory: 'corp',
          sourceType: 'active-directory',
          at: 500,
        });
        const latest = await sink.abandon('failed', 'DIRECTORY_TIMEOUT', null, 510);
        const before = { seen: await seen(store), reads: await store.listReads(acme) };

        expect(await store.prune(1_000)).toMatchObject({ reads: 2 });
        await restart();

        expect({ seen: await seen(store), reads: await store.listReads(acme) }).toEqual(before);
        expect(before.seen.map(([, , , read]) => read)).toEqual([latestComplete, lastThatSawB]);
        expect(before.reads[0]?.latest.id).toBe(latest.id);
      });

      it('C1 keeps the latest read of everything, and forgets reads of changes between', async () => {
        await readOnce(store, [sampleEntry('a')], 100);
        const full = await readOnce(store, [sampleEntry('a')], 200);
        for (const at of [300, 400, 500]) await landOnce(store, [], at, { proof: { kind: 'changes' } });
        const before = await store.listReads(acme);

        expect(await store.prune(1_000)).toMatchObject({ reads: 3 });

        expect(await store.listReads(acme)).toEqual(before);
        expect(before[0]?.latestFull?.id).toBe(full);
      });

      it('takes more than one step has room for, and other calls get their turns in between', async () => {
        const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
        for (let index = 0; index < 1_203; index += 1) await store.recordIntent(sampleIntent(run), 1);
        for (const { id } of await store.journal(run)) await store.recordResult(id, { state: 'done', result: null }, {}, 1);
        await store.finishRun(run, { ...done, at: 2 });
        let pruned = false;
        const pruning = store.prune(1_000).finally(() => {
          pruned = true;
        });
        await store.saveUserStates(acme, [sampleUserState('a')]);

        expect(pruned).toBe(false);
        expect(await pruning).toMatchObject({ runs: 1, entries: 1_203 });
      });

      it('changes, for any course of runs and reads, nothing that planning or an undo within the time looks at', async () => {
        const step = fc.oneof(
          fc.record({ kind: fc.constant('read' as const), ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')), fails: fc.boolean() }),
          fc.record({
            kind: fc.constant('run' as const),
            states: fc.array(fc.constantFrom('done', 'refused', 'unknown', 'open', 'not-done'), { maxLength: 3 }),
            undoes: fc.boolean(),
          }),
        );
        let time = 1_000;
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: 0, max: 12 }), async (steps, keep) => {
            const moments: number[] = [];
            let previous: readonly number[] = [];
            for (const item of steps) {
              time += 10;
              moments.push(time);
              if (item.kind === 'read') {
                const sink = await store.beginRead({
                  organization: acme,
                  collector: 'hq',
                  directory: 'corp',
                  sourceType: 'ldif',
                  at: time,
                });
                if (item.fails) await sink.abandon('failed', 'DIRECTORY_TIMEOUT', null, time);
                else {
                  await sink.abandon('incomplete', 'DIRECTORY_INCOMPLETE', null, time);
                  await readOnce(
                    store,
                    item.ids.map((id) => sampleEntry(id)),
                    time,
                  );
                }
              } else {
                const { run, ids } = await runAt(time, item.states);
                if (item.undoes) await store.markUndone(previous, run);
                previous = ids;
              }
            }
            await store.saveUserStates(acme, [sampleUserState('a')]);
            await store.holdPlan(samplePlan('held'));
            const before = moments[keep] ?? time + 1;
            const young = (await store.listRuns({ since: before, limit: 1_000 })).map(({ id }) => id);
            const view = async (): Promise<unknown> => ({
              seen: await seen(store),
              reads: await store.listReads(acme),
              open: await store.openIntents(acme),
              states: await store.userStates(acme),
              held: await store.heldPlan(acme),
              journals: await Promise.all(young.map((run) => store.journal(run))),
            });
            const expected = await view();

            await store.prune(before);

            expect(await view()).toEqual(expected);
            const rest = await store.listRuns({ limit: 1_000 });
            const open = new Set((await store.openIntents(acme)).map(({ run }) => run));
            const unexplained = rest.filter(({ id, startedAt }) => startedAt < before && !open.has(id));
            // What is left besides is the undo of something that stays.
            for (const { id } of unexplained) {
              const named = await Promise.all(rest.map((run) => store.journal(run.id)));
              expect(named.flat().some(({ undoneBy }) => undoneBy === id)).toBe(true);
            }
          }),
          { numRuns: 30 },
        );
      });
    });
  });
}
