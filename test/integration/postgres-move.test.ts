import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MoveResult } from '../../agent/store/move/move-content.ts';
import { moveStore } from '../../agent/store/move/move-store.ts';
import { openConfiguredStore, type StorePlace } from '../../agent/store/open-configured-store.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Store } from '../../core/ports/store.ts';
import {
  acme,
  globex,
  landOnce,
  readOnce,
  sampleAbsence,
  sampleContactState,
  sampleEntry,
  sampleIntent,
  samplePlan,
  sampleUser,
  sampleUserState,
  sightingsOf,
} from '../contract/store.samples.ts';
import { type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

/** What the server does after a client's end, it does some moments later. */
const patience = { timeout: 20_000 } as const;
const part = partFor('moving a store to PostgreSQL and back', 'postgres');
const moment = 1_800_000_000_000;
const base = { now: () => moment, version: '0.1.0', command: 'rollcall store move' };
const done = { outcome: 'done', planHash: null, counts: { created: 1 }, error: null } as const;

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let folder = '';
  let file: StorePlace;
  let database: Extract<StorePlace, { kind: 'postgresql' }>;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-move-'));
    file = { kind: 'embedded', path: join(folder, 'rollcall.db') };
    database = { kind: 'postgresql', place: await server.createDatabase(), password: rolePassword };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (place: StorePlace, mode: 'write' | 'read' = 'write'): Promise<Store> => openConfiguredStore(place, { ...base, mode });
  const move = (from: StorePlace, to: StorePlace, change: Partial<Parameters<typeof moveStore>[2]> = {}): Promise<MoveResult> =>
    moveStore(from, to, { ...base, signal: new AbortController().signal, onProgress: () => undefined, ...change });

  async function filled(place: StorePlace, users = 3): Promise<void> {
    const store = await open(place);
    const people = Array.from({ length: users }, (_, index) => sampleEntry(String(index).padStart(5, '0'), 'odd \u0000 \ud800 é'));
    await readOnce(store, people, 100);
    await readOnce(store, [sampleEntry('x')], 150, { organization: globex });
    await landOnce(store, [], 200, { proof: { kind: 'changes' }, absences: new Map([['00001', sampleAbsence('gone')]]) });
    await store.saveLogons(
      { organization: acme, collector: 'hq', directory: 'corp' },
      { asked: [], failed: [], exact: true, logons: new Map([['00000', 9]]) },
      5,
    );
    await store.saveUserStates(acme, [sampleUserState('a'), sampleUserState('b')]);
    await store.saveContactBases(acme, [
      { userId: sampleUser('a'), contactId: '1' as never, fields: { title: { value: 'é', origin: 'equal' } } },
    ]);
    await store.saveContactStates(acme, [sampleContactState('1', { fingerprint: 'one\u0000two\u0001' })]);
    await store.saveOrganizationState(acme, { ...(await store.organizationState(acme)), onboarded: true });
    await store.saveCollector(acme, { name: 'branch', location: 'Branch Office', subnets: ['10.20.0.0/24'], version: '0.1.0' });
    await store.holdPlan(samplePlan('one'));
    await store.saveDecisions(acme, [{ key: 'a', decidedAt: 1, body: { conflicts: [1] } }]);
    const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
    await store.recordIntent(sampleIntent(run), 2);
    await store.finishRun(run, { ...done, at: 3 });
    const forgotten = await store.startRun({ organization: acme, command: 'plan', at: 1 });
    await store.finishRun(forgotten, { ...done, at: 3 });
    await store.close();
  }

  async function contentOf(place: StorePlace): Promise<unknown> {
    const store = await open(place, 'read');
    const runs = await store.listRuns({ limit: 99 });
    const content = {
      sightings: [await sightingsOf(store), await sightingsOf(store, globex)],
      reads: await store.listReads(acme),
      states: [
        await store.userStates(acme),
        await store.contactBases(acme),
        await store.contactStates(acme),
        await store.organizationState(acme),
      ],
      plan: await store.heldPlan(acme),
      collectors: await store.collectors(acme),
      decisions: await store.decisions(acme),
      runs,
      journal: await Promise.all(runs.map(({ id }) => store.journal(id))),
      intents: await store.openIntents(acme),
      counts: await store.organizationCounts(acme, 0),
    };
    await store.close();
    return content;
  }

  it('brings everything over and back, ids too, and leaves the source as it is', async () => {
    await filled(file);
    const before = await contentOf(file);
    const back: StorePlace = { kind: 'embedded', path: join(folder, 'back', 'rollcall.db') };

    const there = await move(file, database);
    const andBack = await move(database, back);

    expect(await contentOf(file)).toEqual(before);
    expect(await contentOf(database)).toEqual(before);
    expect(await contentOf(back)).toEqual(before);
    expect(there.resumed).toBe(false);
    expect(there.tables.find(({ table }) => table === 'sighting')).toMatchObject({
      rows: 4,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(andBack.tables).toEqual(there.tables);
  });

  it('leaves no table out but those that are of one place', async () => {
    await filled(file);
    const { tables } = await move(file, database);

    const rows = await server.administer<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'rollcall' and tablename not like 'staging%'",
      database.kind === 'postgresql' ? database.place : undefined,
    );

    const moved = tables.map(({ table }) => table);
    expect(
      rows
        .map(({ name }) => name)
        .filter((name) => !moved.includes(name))
        .toSorted(),
    ).toEqual(['lease', 'migration', 'property', 'writer']);
  });

  it.each(['there', 'back'])('gives no id twice afterwards, not even of what was forgotten (%s)', async (way) => {
    const [from, to] = way === 'there' ? [file, database] : [database, file];
    await filled(from);
    const store = await open(from);
    const [newest] = await store.listRuns({ limit: 1 });
    await store.prune(moment);
    await store.close();

    await move(from, to);
    const moved = await open(to);
    const next = await moved.startRun({ organization: acme, command: 'sync', at: 9 });

    expect(Number(next)).toBe(Number(newest?.id) + 1);
    expect(await readOnce(moved, [sampleEntry('new')], 500)).toBeGreaterThan(0);
    await moved.close();
  });

  it('ends at the target what a crash left running at the source', async () => {
    const store = await open(file);
    const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
    await store.close();

    await move(file, database);
    const moved = await open(database);

    expect(await moved.getRun(run)).toMatchObject({ outcome: 'interrupted' });
    await moved.close();
  });

  it.each(['there', 'back'])('goes on where it was killed, and is of no use before (%s)', async (way) => {
    const [from, to] = way === 'there' ? [file, database] : [database, file];
    await filled(from, 2_600);
    await killedAt(1_200, from, to);

    for (const mode of ['read', 'write'] as const) await expect(open(to, mode)).rejects.toMatchObject({ code: 'STORE_MOVING' });
    // The server lets go of what the process held some moments after its end.
    await expect.poll(() => move(from, to).then(() => 'moved', codeOf), patience).not.toBe('STORE_LOCKED');

    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  it('says that it went on', async () => {
    await filled(file, 1_200);
    const stop = new AbortController();
    const halted = move(file, database, { signal: stop.signal, onProgress: (rows) => (rows > 700 ? stop.abort() : undefined) });
    await expect(halted).rejects.toMatchObject({ code: 'INTERRUPTED' });

    expect((await move(file, database)).resumed).toBe(true);
  });

  it('starts over when the source was written to between two attempts', async () => {
    await filled(file, 1_200);
    const stop = new AbortController();
    await expect(
      move(file, database, { signal: stop.signal, onProgress: (rows) => (rows > 700 ? stop.abort() : undefined) }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const store = await open(file);
    await readOnce(store, [sampleEntry('00000', 'changed')], 300);
    await readOnce(store, [sampleEntry('z')], 400, { collector: 'branch' });
    await store.close();

    expect((await move(file, database)).resumed).toBe(false);

    expect(await contentOf(database)).toEqual(await contentOf(file));
  });

  it('refuses a target with content of its own, in whole or from elsewhere', async () => {
    await filled(file);
    await filled(database);
    const other: StorePlace = { kind: 'embedded', path: join(folder, 'other.db') };
    await filled(other);
    const before = await contentOf(database);

    for (const [from, to] of [
      [file, database],
      [database, file],
    ] as const) {
      await expect(move(from, to)).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
    }

    expect(await contentOf(database)).toEqual(before);
    const unfinished: StorePlace = { kind: 'postgresql', place: await server.createDatabase(), password: rolePassword };
    const stop = new AbortController();
    stop.abort();
    await expect(move(file, unfinished, { signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(move(other, unfinished)).rejects.toMatchObject({ code: 'STORE_NOT_EMPTY' });
  });

  it('takes a target in which tables were made and nothing was stored', async () => {
    await filled(file);
    await (await open(database)).close();

    expect((await move(file, database)).tables.find(({ table }) => table === 'run')?.rows).toBe(2);
  });

  it.each(['there', 'back'])('is refused while somebody writes to either side (%s)', async (way) => {
    const [from, to] = way === 'there' ? [file, database] : [database, file];
    await filled(from);
    const writer = await open(from);
    await expect(move(from, to)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await writer.close();
    const other = await open(to);

    await expect(move(from, to)).rejects.toMatchObject({ code: 'STORE_LOCKED' });

    await other.close();
  });

  it.each(['there', 'back'])('lets nobody write to either side meanwhile (%s)', async (way) => {
    const [from, to] = way === 'there' ? [file, database] : [database, file];
    await filled(from);
    if (way === 'there') await (await open(database)).close();
    const tried = (place: StorePlace): Promise<string> => open(place).then(() => 'opened', codeOf);

    await server.withSession(database.place, async (query) => {
      // The move has to wait in its middle until both have been tried.
      await query('begin');
      await query('lock table rollcall.decision in access exclusive mode');
      const moving = move(from, to);
      const waiting = "select 1 from pg_locks where not granted and relation = 'rollcall.decision'::regclass";
      await expect.poll(() => server.administer(waiting, database.place), { timeout: 20_000 }).toHaveLength(1);
      expect([await tried(from), await tried(to)]).toEqual(['STORE_LOCKED', 'STORE_LOCKED']);
      await query('commit');
      await moving;
    });
  });

  it('finds no store to move where there is none', async () => {
    await expect(move(file, database)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
    await expect(move(database, file)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
  });

  async function killedAt(rows: number, from: StorePlace, to: StorePlace): Promise<void> {
    const script = fileURLToPath(new URL('./postgres-move-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, JSON.stringify(from), JSON.stringify(to)], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const text of child.stdout) {
      if (Math.max(...String(text).trim().split('\n').map(Number)) >= rows) break;
    }
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
  }
});

function codeOf(error: unknown): string {
  return error instanceof RollcallError ? error.code : String(error);
}
