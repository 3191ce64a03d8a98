import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import type { Store } from '../../core/ports/store.ts';
import { acme, readOnce, sampleAbsence, sampleEntry, sampleIntent, sampleLanding, sampleProof, seen } from '../contract/store.samples.ts';
import { startLine } from './cut-line.ts';
import { openTestStore, type PostgresServer, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

/** What the server does after a client's end, it does some moments later. */
const patience = { timeout: 20_000 } as const;
const part = partFor('a store on PostgreSQL that several processes share', 'postgres');
const source = { organization: acme, collector: 'hq', directory: 'corp', sourceType: 'active-directory', at: 100 } as const;
const logons = { asked: [], failed: [], exact: true } as const;

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let place: DatabasePlace;
  const stores: Store[] = [];
  const processes: ChildProcess[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    place = await server.createStore();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map(kill));
    for (const store of stores.splice(0)) await store.close();
  });

  async function open(at: DatabasePlace = place): Promise<Store> {
    const store = await openTestStore(at);
    stores.push(store);
    return store;
  }

  async function start(action: string): Promise<ChildProcess> {
    const script = fileURLToPath(new URL('./postgres-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, action, JSON.stringify(place)], { stdio: ['ignore', 'pipe', 'inherit'] });
    processes.push(child);
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(text)).toBe('ready\n');
    return child;
  }

  /** The server ends a session some moments after its process has gone. */
  async function sessionsOf(database: string): Promise<number> {
    const rows = await server.administer<{ count: string }>(`select count(*) from pg_stat_activity where datname = '${database}'`);
    return Number(rows[0]?.count);
  }

  it('H4 belongs to several writers at once: each sees what the other wrote, and ends nothing of it', async () => {
    const one = await open();
    const run = await one.startRun({ organization: acme, command: 'sync', at: 1 });
    const sink = await one.beginRead(source);
    await sink.add([sampleEntry('a')]);

    const two = await open();

    expect(await two.getRun(run)).toMatchObject({ outcome: 'running' });
    await sink.complete(sampleLanding(sampleProof(1)), 200);
    expect(await seen(two)).toHaveLength(1);
  });

  it('H4 keeps what two stage at the same time apart, in reads, absences and logons', async () => {
    const stores = [await open(), await open()] as const;
    await Promise.all(
      stores.map((store, index) => readOnce(store, [sampleEntry('a'), sampleEntry('b')], 100, { collector: `site-${index}` })),
    );
    const sinks = await Promise.all(stores.map((store, index) => store.beginRead({ ...source, collector: `site-${index}`, at: 200 })));
    const many = Array.from({ length: 2_100 }, (_, index) => sampleEntry(String(index).padStart(5, '0'), 'Corp'));
    await Promise.all(sinks.map((sink) => sink.add(many)));
    await sinks[0]?.restart();
    await sinks[0]?.add([sampleEntry('a')]);
    const landing = (users: number): Parameters<(typeof sinks)[0]['complete']>[0] =>
      sampleLanding(sampleProof(users, { kind: 'changes' }), { absences: new Map([['b', sampleAbsence('gone')]]) });

    await Promise.all([
      sinks[0]?.complete(landing(1), 300),
      sinks[1]?.complete(landing(2_100), 300),
      ...stores.map((store, index) =>
        store.saveLogons({ ...source, collector: `site-${index}` }, { ...logons, logons: new Map([['a', 10 + index]]) }, 300),
      ),
    ]);

    const found = await seen(stores[0]);
    expect(found.filter(([, collector]) => collector === 'site-0')).toHaveLength(2);
    expect(found.filter(([, collector]) => collector === 'site-1')).toHaveLength(2_102);
    const staged = await server.administer<{ left: string }>(
      'select (select count(*) from rollcall.staging_entry) + (select count(*) from rollcall.staging_absence) + (select count(*) from rollcall.staging_logon) as left',
      place,
    );
    expect(staged[0]?.left).toBe('0');
  });

  it('takes surveys of the same source by two at once', async () => {
    const stores = [await open(), await open()] as const;
    await readOnce(stores[0], [sampleEntry('a'), sampleEntry('b')], 100);

    const survey = (store: Store, id: string): Promise<void> =>
      store.saveLogons(source, { ...logons, exact: false, logons: new Map([[id, 77]]) }, 300);

    await Promise.all([survey(stores[0], 'a'), survey(stores[1], 'b')]);

    const rows = await server.administer<{ at: string }>('select at from rollcall.logon', place);
    expect(rows.map(({ at }) => at)).toEqual(['77', '77']);
  });

  it('C1 ends the read of another process when a newer one of the same source begins', async () => {
    const one = await open();
    const older = await one.beginRead(source);
    await older.add([sampleEntry('a')]);
    const id = await readOnce(await open(), [sampleEntry('b')], 200);

    await expect(older.complete(sampleLanding(sampleProof(1)), 300)).rejects.toMatchObject({ code: 'INTERNAL' });

    expect((await seen(one)).map(([user, , , read]) => [user.slice(-1), read])).toEqual([['b', id]]);
  });

  it('C1 lets only one of two reads of the same source be the running one, whoever is first', async () => {
    const stores = [await open(), await open(), await open()];
    const sinks = await Promise.all(stores.map((store, index) => store.beginRead({ ...source, at: 100 + index })));

    const ends = await Promise.allSettled(sinks.map((sink) => sink.complete(sampleLanding(sampleProof(0)), 300)));

    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('A2 ends what a killed process left running, keeps its intent, and leaves the living ones alone', async () => {
    const living = await open();
    const run = await living.startRun({ organization: acme, command: 'plan', at: 1 });
    await kill(await start('work'));
    await expect.poll(() => sessionsOf(place.database), patience).toBe(1);

    const next = await open();

    const runs = await next.listRuns({ limit: 9 });
    expect(runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['sync', 'interrupted'],
      ['plan', 'running'],
    ]);
    expect((await next.listReads(acme))[0]?.latest).toMatchObject({ collector: 'killed', outcome: 'failed', error: 'INTERRUPTED' });
    expect(await next.openIntents(acme)).toHaveLength(1);
    expect(await server.administer('select 1 from rollcall.staging_entry limit 1', place)).toEqual([]);
    expect((await living.getRun(run))?.outcome).toBe('running');
  });

  it('C1 lands all or nothing of a read whose process is killed meanwhile', async () => {
    await kill(await start('land'));
    await expect.poll(() => sessionsOf(place.database), patience).toBe(0);
    const store = await open();

    const count = (await seen(store)).length;
    const complete = (await store.listReads(acme))[0]?.latestComplete ?? null;

    expect([count, complete === null]).toEqual(complete === null ? [0, true] : [6_000, false]);
  });

  it('A2 a process that was taken for dead does not go on', async () => {
    await using line = await startLine(server.port);
    const cutOff = await open({ ...place, port: line.port });
    const run = await cutOff.startRun({ organization: acme, command: 'sync', at: 1 });
    line.cut();
    await expect.poll(() => sessionsOf(place.database), patience).toBe(0);
    const other = await open();
    expect((await other.getRun(run))?.outcome).toBe('interrupted');
    line.mend();

    for (const turn of [1, 2]) {
      await expect(cutOff.recordIntent(sampleIntent(run), turn)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    }

    expect(await other.openIntents(acme)).toEqual([]);
  });

  it('A2 a living process whose connection is cut is seen to live again by itself', async () => {
    const living = await open();
    const run = await living.startRun({ organization: acme, command: 'sync', at: 1 });
    const [before] = await writerSessions();
    await server.administer(`select pg_terminate_backend(${before})`);
    await expect.poll(writerSessions, patience).toEqual([expect.not.stringMatching(`^${before}$`)]);

    const other = await open();

    expect((await other.getRun(run))?.outcome).toBe('running');
    expect(await living.recordIntent(sampleIntent(run), 2)).toBeGreaterThan(0);
  });

  /** Those that hold the lock of a writer. */
  async function writerSessions(): Promise<readonly string[]> {
    const rows = await server.administer<{ pid: number }>(
      `select distinct pid from pg_locks where locktype = 'advisory' and granted and classid = 1919904876
        and database = (select oid from pg_database where datname = '${place.database}')`,
    );
    return rows.map(({ pid }) => String(pid));
  }

  it('makes its tables once when several open an empty database at the same time', async () => {
    const empty = await server.createDatabase();

    await Promise.all(Array.from({ length: 4 }, () => open(empty)));

    const rows = await server.administer<{ ids: string }>(
      "select string_agg(id::text, ' ' order by id) as ids from rollcall.migration",
      empty,
    );
    expect(rows[0]?.ids).toMatch(/^1 2 3 4 5 6/);
    const writers = await server.administer('select id from rollcall.writer', empty);
    expect(writers).toHaveLength(4);
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
