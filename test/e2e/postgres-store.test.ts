import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunsDocument, ValidateDocument } from '../../agent/cli/documents.ts';
import type { DoctorDocument } from '../../agent/cli/documents-doctor.ts';
import type { StoreMoveDocument } from '../../agent/cli/documents-store.ts';
import { takeServiceLock } from '../../agent/service/service-lock.ts';
import { unzip } from '../fixtures/unzip.ts';
import { type PostgresServer, rolePassword, startPostgres } from '../integration/postgres.ts';
import { partFor } from '../integration/real-parts.ts';
import { crowd, documentOf, statusOf } from './people.ts';
import { startService } from './running-service.ts';
import { type Site, startSite, writes } from './site.ts';

const part = partFor('the program with its store on PostgreSQL', 'postgres');

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ durable: true });
  });
  afterAll(() => server.stop());

  async function openSite(change: Readonly<Record<string, string>> = {}): Promise<Site> {
    const { host, port, user, database } = await server.createDatabase();
    const url = `postgres://${user}@${host}:${port}/${database}?sslrootcert=${server.caFile}`;
    const site = await startSite({ people: crowd(6), sections: { store: { url, password: 'env:TEST_STORE_PASSWORD', ...change } } });
    site.environment['TEST_STORE_PASSWORD'] = rolePassword;
    return site;
  }

  it('syncs, remembers and undoes as with a file, by several processes', async () => {
    await using site = await openSite();

    expect((await site.call('sync', '--json')).exit).toBe(0);
    const written = writes(site);
    expect((await site.call('sync', '--json')).exit).toBe(0);
    const status = await site.run('status', '--json');
    const undone = await site.run('undo', '1', '--yes', '--delete-created', '--json');

    expect(statusOf(status)).toMatchObject({ store: { kind: 'postgresql' }, organizations: [{ users: 6 }] });
    expect(undone.exit).toBe(0);
    expect([written, writes(site) - written].map((count) => count > 0)).toEqual([true, true]);
    expect((await site.call('runs', '--json')).json).toMatchObject({
      runs: [{ command: 'undo' }, { command: 'sync' }, { command: 'sync' }],
    });
  });

  it('serves a service and the commands beside it, and outlives the connections of both', async () => {
    await using site = await openSite();
    await using service = await startService(site);
    await service.until('a first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    await server.administer("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'rollcall%'");

    const sync = await site.run('sync', '--json');
    const runs = documentOf<RunsDocument>(await site.run('runs', '--json'));

    expect(sync.exit, sync.stdout).toBe(0);
    expect(runs.runs.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['sync', 'done'],
      ['sync', 'done'],
    ]);
    await service.stop();
    expect(await service.ended).toEqual({ exit: 0, signal: null });
  });

  it('is named and examined by status, validate, doctor and bundle, which tell no secret of it', async () => {
    await using site = await openSite();
    await site.call('sync');

    const status = await site.call('status');
    const valid = documentOf<ValidateDocument>(await site.call('validate', '--offline', '--json'));
    const doctor = documentOf<DoctorDocument>(await site.call('doctor', '--json'));
    const file = join(site.folder, 'support.zip');
    expect((await site.call('bundle', file)).exit).toBe(0);

    expect(status.stdout).toMatch(/Store.*PostgreSQL, database "store_/);
    expect(valid.checks.find(({ what }) => what === 'store')).toMatchObject({
      outcome: 'passed',
      name: expect.stringContaining('database'),
    });
    const ofStore = doctor.findings.filter(({ part: about }) => about === 'store');
    expect(ofStore.map(({ code, state }) => [code, state])).toEqual([
      ['STORE', 'ok'],
      ['STORE_SERVER', 'ok'],
      ['STORE_TLS', 'ok'],
      ['STORE_RIGHTS', 'ok'],
      ['STORE_CLOCK', 'ok'],
      ['BACKUP', 'ok'],
    ]);
    const parts = unzip(file);
    expect(JSON.parse(parts['store.json'] ?? '')).toEqual({ error: null, kind: 'postgresql' });
    const told = JSON.stringify([status, valid, doctor, parts]);
    expect(told).not.toContain(rolePassword);
    expect(JSON.stringify(parts)).not.toContain('store_');
  });

  it('is moved to from a file and back, and the next sync finds nothing to do', async () => {
    await using site = await startSite({ people: crowd(6) });
    site.environment['TEST_STORE_PASSWORD'] = rolePassword;
    await site.call('sync');
    const { host, port, user, database } = await server.createDatabase();
    const to = `postgres://${user}@${host}:${port}/${database}`;

    const there = documentOf<StoreMoveDocument>(
      await site.run('store', 'move', '--to', to, '--password', 'env:TEST_STORE_PASSWORD', '--json'),
    );
    site.configure({ store: there.configuration });
    const before = writes(site);
    expect((await site.call('sync', '--json')).exit).toBe(0);
    const file = join(site.folder, 'back.db');
    const back = await site.run('store', 'move', '--to', file);
    site.configure({ store: { path: file } });

    expect(there).toMatchObject({ from: { kind: 'embedded' }, to: { kind: 'postgresql' }, resumed: false });
    expect(there.configuration).toEqual({ url: to, password: 'env:TEST_STORE_PASSWORD' });
    expect(there.tables.find(({ table }) => table === 'sighting')?.rows).toBe(6);
    expect(writes(site)).toBe(before);
    expect(back.stdout).toMatch(/Moved +to .*back\.db[^]*"store": \{"path":".*back\.db"\}/);
    expect(statusOf(await site.call('status', '--json'))).toMatchObject({
      store: { kind: 'embedded', place: file },
      organizations: [{ users: 6 }],
    });
  });

  it('is not moved while a service runs, to its own kind, or with a password in the words', async () => {
    await using site = await openSite();
    const move = (...words: readonly string[]): ReturnType<Site['call']> => site.call('store', 'move', ...words, '--json');
    const service = await takeServiceLock(join(site.folder, 'state'), { command: 'rollcall run', now: Date.now });

    const whileRunning = await move('--to', join(site.folder, 'other.db'));
    await service.release();

    expect(whileRunning).toMatchObject({ exit: 1, json: { error: { code: 'SERVICE_RUNNING' } } });
    for (const words of [
      ['--to', 'postgres://rollcall@127.0.0.1/other'],
      ['--to', join(site.folder, 'other.db'), '--password', 'env:P'],
      ['--to', 'postgres://me:Canary-1@127.0.0.1/other'],
      ['--to', 'postgres://me@db.example.test/other?sslmode=require'],
      ['--to', 'postgres://me@127.0.0.1/other', '--password', 'Canary-1'],
    ]) {
      const refused = await move(...words);
      expect(refused).toMatchObject({ exit: 2, json: { error: { code: 'USAGE' } } });
      expect(refused.stdout + refused.stderr).not.toContain('Canary');
    }
    expect(await move('--to', join(site.folder, 'other.db'))).toMatchObject({ exit: 1, json: { error: { code: 'STORE_NOT_FOUND' } } });
  });

  it('a database that cannot be used is told with code, place and remedy, and ends nothing but the command', async () => {
    await using site = await openSite();
    await site.call('sync');
    site.environment['TEST_STORE_PASSWORD'] = 'wrong';

    const sync = await site.call('sync', '--json');
    const status = statusOf(await site.call('status', '--json'));
    const doctor = documentOf<DoctorDocument>(await site.call('doctor', '--json'));

    expect(sync).toMatchObject({ exit: 1, json: { error: { code: 'STORE_REFUSED', hint: expect.stringContaining('store.password') } } });
    expect(status).toMatchObject({ health: 'failed', problems: [{ code: 'STORE_REFUSED', part: 'store' }] });
    expect(doctor.findings.filter(({ part: about }) => about === 'store')).toMatchObject([
      { code: 'STORE', state: 'problem', error: 'STORE_REFUSED' },
    ]);
  });
});
