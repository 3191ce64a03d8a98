import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunsDocument } from '../../agent/cli/documents.ts';
import { rolePassword, startPostgres } from '../integration/postgres.ts';
import { partFor } from '../integration/real-parts.ts';
import { executableMissing } from './built-executable.ts';
import { crowd, statusOf, syncOf } from './people.ts';
import { duplicates, type Site, startSite, writes } from './site.ts';
import { mountSmallDisk, smallDiskMissing } from './small-disk.ts';
import { contentOf, type Installation, launcherIn, makeInstallation, type Start } from './upgrade/installation.ts';
import { type BuiltRelease, buildNewRelease, buildOldRelease, hangsAt } from './upgrade/releases.ts';

const suite = 'an upgrade';
const missing = process.platform === 'linux' ? await executableMissing(suite) : 'the launcher is for Linux';
const diskMissing = smallDiskMissing();
const postgres = partFor('PostgreSQL', 'postgres');

// Nothing comes by itself: what is asked of the sandboxes is the doing of the test.
const schedule = { scan: '0 0 1 1 *', fullScan: '0 0 1 1 *', timezone: 'UTC', jitterSeconds: 0 };
const many = { floor: 1_000_000 };
const limits = { firstRun: 'auto', create: many, update: many, push: many };
const sections = { schedule, limits, psa: { twoWay: false } };

describe.skipIf(missing !== null)(missing === null ? suite : `${suite} (skipped: ${missing})`, () => {
  let old: BuiltRelease;
  let fresh: BuiltRelease;
  let folder: string;

  beforeAll(async () => {
    [old, fresh] = [await buildOldRelease(), await buildNewRelease()];
    folder = mkdtempSync(join(tmpdir(), 'rollcall-upgrade-'));
  }, 180_000);

  afterAll(() => {
    old[Symbol.dispose]();
    fresh[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Scene extends AsyncDisposable {
    readonly site: Site;
    readonly machine: Installation;
    /** What the store knew when the old release was stopped. */
    readonly content: ReturnType<typeof contentOf>;
    /** Requests that the sandboxes have had then. */
    readonly asked: number;
  }

  /** A machine whose old release has synced, and is stopped. */
  async function openScene(people = 6, prepare: (site: Site) => Disposable | null = () => null): Promise<Scene> {
    const program = mkdtempSync(join(folder, 'machine-'));
    const site = await startSite({ people: crowd(people), sections, executable: launcherIn(program) });
    const disk = prepare(site);
    const machine = makeInstallation(program, site);
    const close = async (): Promise<void> => {
      await machine[Symbol.asyncDispose]();
      disk?.[Symbol.dispose]();
      await site[Symbol.asyncDispose]();
    };
    try {
      machine.install(old);
      const service = last(await machine.startUntilReady());
      const synced = await site.run('sync', '--json');
      expect(synced.exit, synced.stderr).toBe(0);
      // The service's own first sync may come after the command's; one that is cut off would be done again by the next start.
      await expect.poll(() => firstSyncOf(site), { timeout: 30_000 }).toBe('done');
      await machine.stop(service);
      const content = existsSync(join(site.folder, 'state', 'rollcall.db')) ? contentOf(site) : {};
      return { site, machine, content, asked: askedOf(site), [Symbol.asyncDispose]: close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  function last(starts: readonly Start[]): Start {
    const start = starts.at(-1);
    if (start === undefined) throw new Error('nothing was started');
    return start;
  }

  /** The old release runs with the old state, nobody outside heard of the new one, and `status` tells of it. */
  async function expectBack({ site, machine, content, asked }: Scene, why: string): Promise<void> {
    expect(askedOf(site)).toBe(asked);
    const status = await site.run('status', '--json');
    const runs = (await site.run('runs', '--json')).json as RunsDocument;
    const problem = statusOf(status).problems.find(({ code }) => code === 'UPGRADE_REFUSED');
    expect(problem).toMatchObject({ severity: 'degraded', part: 'service', since: expect.any(String) as string });
    expect(problem?.message).toContain(`Release ${fresh.release} was refused (${why}`);
    expect(problem?.message).toContain(`Release ${old.release} runs in its place.`);
    expect(statusOf(status).problems.map(({ code }) => code)).not.toContain('STORE_TOO_NEW');
    expect(statusOf(status).service.state).toBe('running');
    expect((await site.run('status')).stdout).toContain('UPGRADE_REFUSED');
    expect((await site.run('--version')).stdout).toContain('aaaaaaaaaa');
    expect(contentOf(site)).toEqual(content);
    expect(runs.runs.length).toBeGreaterThan(0);
    expect(machine.written('confirmed')).toBe(`${old.release}\n`);
    expect(machine.written('refused')).toContain(`${fresh.release}\n`);
    // It goes on with its work, on the state that it had.
    const written = writes(site);
    const synced = await site.run('sync', '--json');
    expect(synced.exit, synced.stderr).toBe(0);
    expect(writes(site)).toBe(written);
    expect(duplicates(site)).toEqual([]);
  }

  it('that is well is confirmed, keeps the state, and stays', async () => {
    await using scene = await openScene();
    const { site, machine } = scene;

    machine.install(fresh);
    const starts = await machine.startUntilReady();
    const service = last(starts);
    const status = await site.run('status', '--json');
    const version = await site.run('--version');
    const written = writes(site);
    const synced = await site.run('sync', '--json');

    expect(starts.map(({ end }) => end)).toEqual(['ready']);
    expect(service.stderr).toContain('is on trial');
    expect(machine.written('confirmed')).toBe(`${fresh.release}\n`);
    expect([machine.written('tried'), machine.written('refused'), machine.written('unwell')]).toEqual([null, null, null]);
    expect(version.stdout).toContain('bbbbbbbbbb');
    expect(statusOf(status).problems.map(({ code }) => code)).not.toContain('UPGRADE_REFUSED');
    expect(statusOf(status).organizations[0]).toMatchObject({ users: 6, counts: { matched: 6 } });
    expect(syncOf(synced).applied).toEqual([]);
    expect(writes(site)).toBe(written);
    // A confirmed release is not left again, however it ends.
    for (let crash = 0; crash < 3; crash += 1) await machine.start({ TEST_UPGRADE: 'start:exit' });
    await machine.cut(service);
    const again = last(await machine.startUntilReady());
    expect(again.stderr).not.toContain('is on trial');
    expect((await site.run('--version')).stdout).toContain('bbbbbbbbbb');
  });

  it('that lies there while the old release still runs has no part in its work', async () => {
    await using scene = await openScene();
    const { site, machine } = scene;
    await machine.startUntilReady();
    machine.install(fresh);

    site.setPeople(crowd(7));
    // The command is of the new release, and has the running service do it.
    const synced = await site.run('sync', '--json');

    expect(synced.exit, synced.stdout).toBe(0);
    expect(syncOf(synced).applied.filter(({ kind }) => kind === 'create')).toHaveLength(1);
    expect(contentOf(site)['migration']).toBe(scene.content['migration']);
    expect(machine.written('confirmed')).toBe(`${old.release}\n`);
  });

  it.skipIf(diskMissing !== null)('is not tried where nothing can be written down, and tried when there is room again', async () => {
    let disk: ReturnType<typeof mountSmallDisk> | null = null;
    await using scene = await openScene(6, (site) => {
      disk = mountSmallDisk(join(site.folder, 'state'));
      return disk;
    });
    disk!.fill();
    scene.machine.install(fresh);

    // Without a single byte the release before cannot start either, as on any day; it says so, and changes nothing.
    const full = await scene.machine.start();
    const confirmed = scene.machine.written('confirmed');
    disk!.free();
    const starts = await scene.machine.startUntilReady();

    expect(full.stderr).toContain(`cannot be written to, so ${fresh.release} is not tried; ${old.release} is started`);
    expect(full.stderr).toContain('the disk is full');
    expect(confirmed).toBe(`${old.release}\n`);
    expect(starts.map(({ end }) => end)).toEqual(['ready']);
    expect(scene.machine.written('confirmed')).toBe(`${fresh.release}\n`);
    expect(askedOf(scene.site)).toBe(scene.asked);
  });

  it('whose file is garbage is not even started: the old release runs on', async () => {
    await using scene = await openScene();
    const file = join(folder, 'garbage');
    writeFileSync(file, Buffer.alloc(100_000, 'echo harmed >harmed\n'));
    scene.machine.install({ ...fresh, file, [Symbol.dispose]: () => undefined });

    const starts = await scene.machine.startUntilReady();

    expect(starts.map(({ end }) => end)).toEqual(['ready']);
    await expectBack(scene, 'its file is damaged, or not for this machine');
  });

  it('whose library is missing is tried twice: then the old release runs again', async () => {
    await using scene = await openScene();
    const file = join(folder, 'without-library');
    const bytes = readFileSync(fresh.file);
    bytes.write('libatomiX', bytes.indexOf('libatomic.so.1'));
    writeFileSync(file, bytes, { mode: 0o755 });
    scene.machine.install({ ...fresh, file, [Symbol.dispose]: () => undefined });

    const starts = await scene.machine.startUntilReady();

    expect(starts.map(({ end, exit }) => [end, exit])).toEqual([
      ['ended', 127],
      ['ended', 127],
      ['ready', null],
    ]);
    expect(starts[0]?.stderr).toContain('libatomiX.so.1');
    await expectBack(scene, 'it was started twice and did not say that it is well');
  });

  it.each([
    ['ends as soon as it starts', 'start:exit', 'it was started twice', 'ended'],
    ['hangs as soon as it starts', 'start:hang', 'it was started twice', 'hangs'],
    ['refuses the configuration', 'configuration:throw', 'INTERNAL', 'ended'],
    ['fails to migrate the store', 'migration:throw', 'INTERNAL: Migration 1000 (of-the-test) of the store failed', 'ended'],
    ['dies while it migrates the store', 'migration:exit', 'SERVICE_JOB_LOST', 'ended'],
    ['dies with the store migrated', 'opened:exit', 'SERVICE_JOB_LOST', 'ended'],
    ['fails with the store migrated', 'opened:throw', 'INTERNAL', 'ended'],
    ['fails in the start of the service', 'starting:throw', 'INTERNAL', 'ended'],
    ['ends in the start of the service', 'starting:exit', 'it was started twice', 'ended'],
    ['hangs with the store migrated', 'opened:hang', 'it was started twice', 'hangs'],
  ])('that %s is tried twice: then the old release runs again, with the old state', async (_, harm, why, end) => {
    await using scene = await openScene();

    scene.machine.install(fresh);
    const starts = await scene.machine.startUntilReady({ TEST_UPGRADE: harm });

    expect(starts.map((start) => start.end)).toEqual([end, end, 'ready']);
    await expectBack(scene, why);
  });

  it('that finds a setting wrong which the old release took leaves the old one running with it', async () => {
    await using scene = await openScene();
    // The last one in force is still there: a running service would go on with it, a release on trial does not.
    writeFileSync(join(scene.site.folder, 'config.json'), '{ "collector": ');
    scene.machine.install(fresh);

    const starts = await scene.machine.startUntilReady();
    const status = statusOf(await scene.site.run('status', '--json'));

    expect(starts.map(({ end }) => end)).toEqual(['ended', 'ended', 'ready']);
    expect(JSON.parse(scene.machine.written('unwell') ?? '')).toMatchObject({ release: fresh.release, code: 'CONFIG_NOT_JSON' });
    expect(status.problems.map(({ code }) => code)).toEqual(expect.arrayContaining(['CONFIG_NOT_JSON', 'UPGRADE_REFUSED']));
    expect(askedOf(scene.site)).toBe(scene.asked);
  });

  it.skipIf(diskMissing !== null)('A6 that finds no room for the backup on the disk leaves the old release running', async () => {
    let disk: ReturnType<typeof mountSmallDisk> | null = null;
    await using scene = await openScene(20, (site) => {
      disk = mountSmallDisk(join(site.folder, 'state'));
      return disk;
    });
    const state = join(scene.site.folder, 'state');
    const room = Math.floor(statSync(join(state, 'rollcall.db')).size / 2);
    writeFileSync(join(state, 'ballast'), Buffer.alloc(room));
    disk!.fill();
    // Enough for a line of what was tried, and for SQLite to look at the store, but not for a second one.
    rmSync(join(state, 'ballast'));
    scene.machine.install(fresh);

    const starts = await scene.machine.startUntilReady();
    const refused = starts[0];
    disk!.free();

    expect(starts.map(({ end }) => end)).toEqual(['ended', 'ended', 'ready']);
    expect(refused?.stderr).toContain('the disk is full');
    expect(readdirSync(state).filter((name) => name.includes('.backup'))).toEqual([]);
    await expectBack(scene, 'STORE_UNUSABLE');
  });

  it.each(['migration', 'opened'] as const)(
    'whose power is cut twice during its trial (%s) gives way to the old release and the old state',
    async (place) => {
      await using scene = await openScene();
      scene.machine.install(fresh);

      for (let cut = 0; cut < 2; cut += 1) {
        const start = await scene.machine.start({ TEST_UPGRADE: `${place}:hang` });
        expect(start.stderr).toContain(hangsAt(place));
        await scene.machine.cut(start);
      }
      await scene.machine.startUntilReady();

      await expectBack(scene, 'it was started twice');
    },
  );

  it.each(['start', 'migration', 'opened'] as const)(
    'whose power is cut once during its trial (%s) is well the second time',
    async (place) => {
      await using scene = await openScene();
      scene.machine.install(fresh);

      await scene.machine.cut(await scene.machine.start({ TEST_UPGRADE: `${place}:hang` }));
      const starts = await scene.machine.startUntilReady();
      const status = await scene.site.run('status', '--json');

      expect(starts.map(({ end }) => end)).toEqual(['ready']);
      expect(scene.machine.written('confirmed')).toBe(`${fresh.release}\n`);
      expect(statusOf(status).organizations[0]).toMatchObject({ counts: { matched: 6 } });
    },
  );

  it.skipIf(postgres.isMissing)(`on a database brings it up to date as a whole or not at all (${postgres.title})`, async () => {
    const server = await startPostgres();
    try {
      const { host, port, user, database } = await server.createDatabase();
      const url = `postgres://${user}@${host}:${port}/${database}?sslrootcert=${server.caFile}`;
      await using scene = await openScene(6, (site) => {
        site.environment['TEST_STORE_PASSWORD'] = rolePassword;
        site.configure({ ...sections, store: { url, password: 'env:TEST_STORE_PASSWORD' } });
        return null;
      });
      const { site, machine } = scene;
      machine.install(fresh);

      const refused = await machine.startUntilReady({ TEST_UPGRADE: 'migration:throw' });
      const onOld = statusOf(await site.run('status', '--json'));
      const asked = askedOf(site);
      await machine.stop(last(refused));
      rmSync(join(site.folder, 'state', 'upgrade', 'refused'));
      const starts = await machine.startUntilReady();
      const onNew = statusOf(await site.run('status', '--json'));

      expect(refused.map(({ end }) => end)).toEqual(['ended', 'ended', 'ready']);
      expect(onOld.problems.filter(({ code }) => /^(?:UPGRADE|STORE)_/.test(code))).toMatchObject([{ code: 'UPGRADE_REFUSED' }]);
      expect(onOld.organizations[0]).toMatchObject({ users: 6, counts: { matched: 6 } });
      expect(asked).toBe(scene.asked);
      expect(starts.map(({ end }) => end)).toEqual(['ready']);
      expect(onNew.problems.filter(({ code }) => /^(?:UPGRADE|STORE)_/.test(code))).toEqual([]);
      expect(onNew.organizations[0]).toMatchObject({ users: 6, counts: { matched: 6 } });
    } finally {
      await server.stop();
    }
  });

  it('that is on trial is not judged by a stop: it is tried again as if it had not been', async () => {
    await using scene = await openScene();
    scene.machine.install(fresh);

    for (let stop = 0; stop < 3; stop += 1) {
      const start = await scene.machine.start({ TEST_UPGRADE: 'opened:hang' });
      expect(start.end).toBe('hangs');
      await scene.machine.stop(start);
      expect(start.child.exitCode).toBe(0);
    }
    const starts = await scene.machine.startUntilReady();

    expect(starts.map(({ end }) => end)).toEqual(['ready']);
    expect(scene.machine.written('confirmed')).toBe(`${fresh.release}\n`);
  });

  it('that is on trial lets nobody else write, and answers nobody', async () => {
    await using scene = await openScene();
    scene.machine.install(fresh);
    await scene.machine.start({ TEST_UPGRADE: 'opened:hang' });

    const sync = await scene.site.run('sync', '--json');
    const status = await scene.site.run('status', '--json');

    expect(sync).toMatchObject({ exit: 1, json: { error: { code: 'STORE_LOCKED' } } });
    expect(statusOf(status).service.state).toBe('not-running');
    expect(askedOf(scene.site)).toBe(scene.asked);
    expect(scene.machine.written('confirmed')).toBe(`${old.release}\n`);
  });

  it('is confirmed by a command that writes before its trial: the old state never comes back', async () => {
    await using scene = await openScene();
    const { site, machine } = scene;
    machine.install(fresh);

    site.setPeople(crowd(8));
    const looked = await site.run('status', '--json');
    const unconfirmed = machine.written('confirmed');
    const synced = await site.run('sync', '--json');
    const ends: string[] = [];
    for (let crash = 0; crash < 4; crash += 1) ends.push((await machine.start({ TEST_UPGRADE: 'start:exit' })).end);
    await machine.startUntilReady();
    const again = await site.run('sync', '--json');

    expect([looked.exit, unconfirmed]).toEqual([6, `${old.release}\n`]);
    expect(syncOf(synced).applied.filter(({ kind }) => kind === 'create').length).toBeGreaterThanOrEqual(2);
    expect(machine.written('confirmed')).toBe(`${fresh.release}\n`);
    expect(ends).toEqual(['ended', 'ended', 'ended', 'ended']);
    expect((await site.run('--version')).stdout).toContain('bbbbbbbbbb');
    expect(syncOf(again).applied).toEqual([]);
    expect(duplicates(site)).toEqual([]);
  });

  it('that was refused is tried again when its refusal is deleted, and forgotten when a release is well', async () => {
    await using scene = await openScene();
    const { site, machine } = scene;
    machine.install(fresh);
    const fallback = last(await machine.startUntilReady({ TEST_UPGRADE: 'opened:throw' }));
    await machine.stop(fallback);

    rmSync(join(site.folder, 'state', 'upgrade', 'refused'));
    const starts = await machine.startUntilReady();
    const status = statusOf(await site.run('status', '--json'));

    expect(starts.map(({ end }) => end)).toEqual(['ready']);
    expect(machine.written('confirmed')).toBe(`${fresh.release}\n`);
    expect(status.problems.map(({ code }) => code)).not.toContain('UPGRADE_REFUSED');
    expect(existsSync(join(site.folder, 'state', 'upgrade', 'unwell'))).toBe(false);
  });

  it('that was refused gives its store back also to the old release that is installed again', async () => {
    await using scene = await openScene();
    const { site, machine, content } = scene;
    machine.install(fresh);
    for (let count = 0; count < 2; count += 1) await machine.start({ TEST_UPGRADE: 'opened:exit' });
    // The third start would refuse it; the administrator is quicker.
    await machine.cut(await machine.start({ TEST_UPGRADE: 'start:exit' }));
    machine.install(old);

    await machine.startUntilReady();
    const status = statusOf(await site.run('status', '--json'));

    expect(contentOf(site)).toEqual(content);
    expect(status.problems.map(({ code }) => code)).not.toContain('STORE_TOO_NEW');
    expect([machine.written('refused'), machine.written('tried')]).toEqual([null, null]);
  });
});

function askedOf(site: Site): number {
  return site.itGlue.requests.length + site.bms.requests.length;
}

/** How the sync ended that a service does when it starts for the first time. */
async function firstSyncOf(site: Site): Promise<string | null | undefined> {
  const { runs } = (await site.run('runs', '--json')).json as RunsDocument;
  return runs.find(({ trigger }) => trigger === 'first start')?.outcome;
}
