import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import type { ReadSink, Store } from '../../core/ports/store.ts';
import {
  acme,
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
} from '../contract/store.samples.ts';
import { openTestStore, type PostgresServer, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

/** What the server does after a client's end, it does some moments later. */
const patience = { timeout: 20_000 } as const;
const part = partFor('faults of a store on PostgreSQL', 'postgres');
const source = { organization: acme, collector: 'hq', directory: 'corp', sourceType: 'active-directory', at: 100 } as const;
const done = { outcome: 'done', planHash: null, counts: {}, error: null } as const;

interface Bench {
  readonly store: Store;
  readonly run: Awaited<ReturnType<Store['startRun']>>;
  readonly intent: number;
  readonly sink: ReadSink;
}

/** Every call of the port, with words that are right. */
const calls: Readonly<Record<Exclude<keyof Store, 'close'> | `sink ${keyof ReadSink}`, (bench: Bench) => Promise<unknown>>> = {
  acquireLease: ({ store }) => store.acquireLease(acme, 6),
  beginRead: ({ store }) => store.beginRead({ ...source, directory: 'lab' }),
  listReads: ({ store }) => store.listReads(acme),
  checkpoint: ({ store }) => store.checkpoint(source),
  lockedUsers: ({ store }) => store.lockedUsers(source),
  sourceMemory: ({ store }) => store.sourceMemory(source),
  keepSourceMemory: ({ store }) => store.keepSourceMemory(source, { kept: 1 }),
  saveLogons: ({ store }) => store.saveLogons(source, { asked: [], failed: [], exact: true, logons: new Map([['a', 1]]) }, 5),
  sightings: ({ store }) => seen(store),
  storeId: ({ store }) => store.storeId(),
  sourceState: ({ store }) => store.sourceState(source, null),
  acknowledged: ({ store }) => store.acknowledged(source),
  acknowledge: ({ store }) => store.acknowledge(source, null),
  firstCompleteAfter: ({ store }) => store.firstCompleteAfter(source, 0),
  collectors: ({ store }) => store.collectors(acme),
  saveCollector: ({ store }) => store.saveCollector(acme, { name: 'hq', location: '', subnets: [], version: '' }),
  collectorImpact: ({ store }) => store.collectorImpact(acme, 'hq', 5),
  deletedCollectors: ({ store }) => store.deletedCollectors(acme),
  deleteCollector: ({ store }) => store.deleteCollector(acme, 'hq', 6),
  restoreCollector: ({ store }) => store.restoreCollector(acme, 'hq'),
  replaceCollector: ({ store }) => store.replaceCollector(acme, { from: 'hq', to: 'other', at: 6 }),
  purgeCollectors: ({ store }) => store.purgeCollectors(6),
  organizationState: ({ store }) => store.organizationState(acme),
  saveOrganizationState: async ({ store }) =>
    store.saveOrganizationState(acme, { ...(await store.organizationState(acme)), onboarded: true }),
  userStates: ({ store }) => store.userStates(acme),
  saveUserStates: ({ store }) => store.saveUserStates(acme, [sampleUserState('a')]),
  contactBases: ({ store }) => store.contactBases(acme),
  saveContactBases: ({ store }) => store.saveContactBases(acme, [{ userId: sampleUser('a'), contactId: '1' as never, fields: {} }]),
  contactStates: ({ store }) => store.contactStates(acme),
  saveContactStates: ({ store }) => store.saveContactStates(acme, [sampleContactState('1')]),
  heldPlan: ({ store }) => store.heldPlan(acme),
  heldPlanSummary: ({ store }) => store.heldPlanSummary(acme),
  holdPlan: ({ store }) => store.holdPlan(samplePlan('one')),
  dropHeldPlan: ({ store }) => store.dropHeldPlan(acme),
  startRun: ({ store }) => store.startRun({ organization: acme, command: 'sync', at: 1 }),
  finishRun: ({ store, run }) => store.finishRun(run, { ...done, at: 9 }),
  listRuns: ({ store }) => store.listRuns({ limit: 1 }),
  getRun: ({ store, run }) => store.getRun(run),
  recordIntent: ({ store, run }) => store.recordIntent(sampleIntent(run), 3),
  recordResult: ({ store, intent }) => store.recordResult(intent, { state: 'done', result: null }, { users: [sampleUserState('a')] }, 4),
  openIntents: ({ store }) => store.openIntents(acme),
  journal: ({ store, run }) => store.journal(run),
  markUndone: ({ store, run, intent }) => store.markUndone([intent], run),
  saveDecisions: ({ store }) => store.saveDecisions(acme, [{ key: 'a', decidedAt: 1, body: null }]),
  decisions: ({ store }) => store.decisions(acme),
  decision: ({ store }) => store.decision(acme, 'a'),
  organizationCounts: ({ store }) => store.organizationCounts(acme, 0),
  prune: ({ store }) => store.prune(1),
  'sink add': ({ sink }) => sink.add([sampleEntry('c')]),
  'sink restart': ({ sink }) => sink.restart(),
  'sink absentees': ({ sink }) => sink.absentees(),
  'sink newcomers': ({ sink }) => sink.newcomers(5),
  'sink complete': ({ sink }) => sink.complete(sampleLanding(sampleProof(1)), 300),
  'sink abandon': ({ sink }) => sink.abandon('failed', 'DIRECTORY_TIMEOUT', null, 300),
};

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let place: DatabasePlace;
  const stores: Store[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    place = await server.createStore();
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await server.giveBack(place);
  });

  async function open(change: Parameters<typeof openTestStore>[1] = {}): Promise<Store> {
    const store = await openTestStore(place, change);
    stores.push(store);
    return store;
  }

  async function bench(): Promise<Bench> {
    const store = await open();
    await readOnce(store, [sampleEntry('a'), sampleEntry('b')], 50);
    const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
    const intent = await store.recordIntent(sampleIntent(run), 2);
    const sink = await store.beginRead(source);
    await sink.add([sampleEntry('a')]);
    return { store, run, intent, sink };
  }

  const ours = (): string => `datname = '${place.database}' and application_name = 'rollcall'`;

  async function cut(which: string): Promise<number> {
    const rows = await server.administer<{ cut: string }>(
      `select count(pg_terminate_backend(pid)) as cut from pg_stat_activity where ${ours()} and ${which}`,
    );
    return Number(rows[0]?.cut);
  }

  /** Ends all sessions, and waits until they are gone. */
  async function cutAll(): Promise<void> {
    const rows = await server.administer<{ pid: number }>(`select pid from pg_stat_activity where ${ours()}`);
    const pids = rows.map(({ pid }) => pid).join(', ');
    await server.administer(`select pg_terminate_backend(pid) from pg_stat_activity where pid in (${pids})`);
    await expect
      .poll(async () => (await server.administer(`select 1 from pg_stat_activity where pid in (${pids})`)).length, patience)
      .toBe(0);
  }

  describe('a connection that is cut in the middle of a call', () => {
    it.each(Object.entries(calls))('%s fails as unreachable, changes nothing, and works when it is called again', async (_, call) => {
      const tried = await bench();
      const before = await contentOf(tried.store);
      // Whatever the call asks for first, it waits for this.
      const unlock = await lockAll();
      const answer = call(tried).then(
        () => null,
        (error: unknown) => error,
      );
      await expect.poll(() => cut("wait_event_type = 'Lock'"), { ...patience, interval: 5 }).toBe(1);

      expect(await answer).toMatchObject({ code: 'STORE_UNREACHABLE', place: { database: place.database } });
      await unlock();

      expect(await contentOf(tried.store)).toEqual(before);
      await call(tried);
    });

    /** As an administrator who changes all tables. */
    async function lockAll(): Promise<() => Promise<void>> {
      const holding = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const names = `select string_agg(format('%I.%I', schemaname, tablename), ', ') as names from pg_tables where schemaname = 'rollcall'`;
      const [tables] = await server.administer<{ names: string }>(names, place);
      const holder = server.withSession(place, async (query) => {
        await query('begin');
        await query(`lock table ${tables?.names} in access exclusive mode`);
        holding.resolve();
        await released.promise;
      });
      await holding.promise;
      return async () => {
        released.resolve();
        await holder;
      };
    }

    async function contentOf(store: Store): Promise<unknown> {
      return [
        await seen(store),
        await store.listRuns({ limit: 9 }),
        await store.openIntents(acme),
        await store.userStates(acme),
        await store.decisions(acme),
        await store.heldPlan(acme),
      ];
    }
  });

  it('a connection that was cut while nobody used it is made anew by the next call', async () => {
    const { store, run, sink } = await bench();
    await cutAll();

    expect(await store.recordIntent(sampleIntent(run), 3)).toBeGreaterThan(0);

    await sink.complete(sampleLanding(sampleProof(1)), 300);
  });

  it('a page of sightings whose connection was cut fails, and the next look works', async () => {
    const { store } = await bench();
    await readOnce(
      store,
      Array.from({ length: 1_500 }, (_, index) => sampleEntry(String(index))),
      200,
    );
    const pages = store.sightings(acme)[Symbol.asyncIterator]();
    await pages.next();
    expect(await cut("state = 'idle in transaction'")).toBe(1);

    await expect(pages.next()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });

    expect((await seen(store)).length).toBeGreaterThan(1_000);
  });

  it('a statement that the administrator cancels fails, and its session goes on', async () => {
    const store = await open();
    const cancelled = await server.withSession(place, async (query) => {
      await query('begin; lock table rollcall.run in access exclusive mode');
      const answer = store.listRuns({ limit: 1 }).catch((error: unknown) => error);
      await expect
        .poll(async () => {
          const rows = await query(`select pg_cancel_backend(pid) from pg_stat_activity where ${ours()} and wait_event_type = 'Lock'`);
          return rows.length;
        }, patience)
        .toBe(1);
      return answer;
    });

    expect(cancelled).toMatchObject({ code: 'STORE_UNREACHABLE', place: { sqlState: '57014' } });
    expect(await store.listRuns({ limit: 1 })).toEqual([]);
  });

  it.each([
    ['a wrong password', { password: 'Wrong-1' }, {}, 'STORE_REFUSED'],
    ['no password where one is asked for', { password: '' }, {}, 'STORE_REFUSED'],
    ['an unknown role', {}, { user: 'nobody' }, 'STORE_REFUSED'],
    ['a missing database', {}, { database: 'nowhere' }, 'STORE_REFUSED'],
    ['a port on which nothing listens', {}, { port: 1 }, 'STORE_UNREACHABLE'],
    ['a name that nobody knows', {}, { host: 'db.invalid' }, 'STORE_UNREACHABLE'],
    ['a missing socket', {}, { host: '/nowhere' }, 'STORE_UNREACHABLE'],
  ])('tells %s', async (_, change, elsewhere, code) => {
    const { password, ...rest } = { password: undefined, ...change };
    const opening = openTestStore({ ...place, ...elsewhere }, { ...rest, ...(password === undefined ? {} : { password }) });

    await expect(opening).rejects.toMatchObject({ code, place: { database: { ...place, ...elsewhere }.database } });
  });

  it('tells that the server has no connection left, and goes on when it has', async () => {
    await server.administer('alter role rollcall connection limit 0');

    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', place: { sqlState: '53300' } });

    await server.administer('alter role rollcall connection limit -1');
    expect(await (await open()).listRuns({ limit: 1 })).toEqual([]);
  });

  it('tells that the server has become a standby that takes no writes', async () => {
    const { store, run } = await bench();
    await server.administer(`alter database ${place.database} set default_transaction_read_only = on`);
    await cutAll();

    await expect(store.recordIntent(sampleIntent(run), 3)).rejects.toMatchObject({ code: 'STORE_UNUSABLE', place: { sqlState: '25006' } });

    await server.administer(`alter database ${place.database} reset default_transaction_read_only`);
  });

  it('tells that a table is gone, and that a right was taken away', async () => {
    const store = await open();
    await server.administer('alter table rollcall.decision rename to away', place);
    await expect(store.decisions(acme)).rejects.toMatchObject({ code: 'STORE_UNUSABLE', place: { sqlState: '42P01' } });
    await server.administer('alter table rollcall.away rename to decision; alter table rollcall.decision owner to admin', place);

    await expect(store.decisions(acme)).rejects.toMatchObject({ code: 'STORE_REFUSED', place: { sqlState: '42501' } });

    await server.administer('alter table rollcall.decision owner to rollcall', place);
    expect(await store.decisions(acme)).toEqual([]);
  });

  it('says nothing of what a row holds when the database refuses it', async () => {
    const store = await open();
    const error = await store
      .saveUserStates(acme, [{ ...sampleUserState('secret-user'), state: null as never }])
      .catch((cause: unknown) => cause);

    expect(error).toMatchObject({ code: 'INTERNAL', place: { sqlState: '23502' } });
    expect(JSON.stringify(error)).not.toContain('secret-user');
    expect(String((error as Error).cause)).not.toContain('secret-user');
  });
});
