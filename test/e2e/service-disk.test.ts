import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import type { RunsDocument } from '../../agent/cli/documents.ts';
import type { ServiceFacts } from '../../agent/service/service-facts.ts';
import { bmsWith, crowd, documentOf, person } from './people.ts';
import { type RunningService, startService, underClock } from './running-service.ts';
import { duplicates, type Finished, type Site, startSite, writes } from './site.ts';
import { mountSmallDisk, type SmallDisk, smallDiskMissing } from './small-disk.ts';

const missing = smallDiskMissing();
if (missing !== null) {
  if ((process.env['CI'] ?? '') !== '') throw new Error(`a service on a full disk: ${missing}; CI needs it`);
  process.stderr.write(`SKIPPED: a service on a full disk: ${missing}\n`);
}

const minuteMs = 60_000;
const noon = Date.UTC(2026, 10, 24, 12);

interface Scene extends AsyncDisposable {
  readonly site: Site;
  readonly disk: SmallDisk;
  readonly service: RunningService;
  readonly forward: (minutes: number) => void;
}

/** A service whose state and log lie on a disk of their own, after its first run. */
async function startScene(): Promise<Scene> {
  const schedule = { scan: '0 * * * *', fullScan: '30 1 * * *', timezone: 'UTC', jitterSeconds: 0 };
  const site = await startSite({ people: crowd(5), sections: { schedule, log: { directory: 'state/logs' } } });
  const disk = mountSmallDisk(join(site.folder, 'state'));
  const offsetFile = join(site.folder, 'offset');
  writeFileSync(offsetFile, '0');
  const clock = { origin: noon, realOrigin: Date.now(), scale: 1, intervals: 50, offsetFile };
  const service = await startService(site, { clock });
  Object.assign(site.environment, underClock(clock));
  await service.logged('A scheduled run has ended');
  await service.until('rest', ({ current }) => current === null);
  let minutes = 0;
  return {
    site,
    disk,
    service,
    forward(more) {
      minutes += more;
      writeFileSync(offsetFile, String(minutes * minuteMs));
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      disk[Symbol.dispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

function codes({ problems }: ServiceFacts): readonly string[] {
  return problems.map(({ code }) => code);
}

function ends(service: RunningService): readonly unknown[] {
  return service.log().flatMap(({ message, code }) => (message === 'A scheduled run has ended' ? [code] : []));
}

/** A file takes what still fits on its last page, also when the disk is full. */
function fillPage(file: string): void {
  const rest = 4096 - (statSync(file).size % 4096);
  // It is full already.
  if (rest === 4096) return;
  appendFileSync(file, `${' '.repeat(rest - 1)}\n`);
}

function syncOnFull({ site, disk }: Scene, logFile: string): Promise<Finished> {
  disk.fill();
  fillPage(logFile);
  return site.run('sync', '--json');
}

async function syncs(site: Site): Promise<readonly string[]> {
  const { runs } = documentOf<RunsDocument>(await site.run('runs', '--json'));
  return runs.filter(({ command }) => command === 'sync').map(({ outcome }) => outcome);
}

describe.skipIf(missing !== null)(`a service on a full disk${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('says so, goes on, and works again by itself when there is room', async () => {
    await using scene = await startScene();
    const { site, disk, service, forward } = scene;
    const logFile = join(site.folder, 'state', 'logs', 'rollcall.log');
    site.setPeople(crowd(8));
    const before = writes(site);

    disk.fill();
    forward(60);
    await service.logged('A scheduled run has ended', 2);
    const full = await service.until('the full disk told', (facts) => codes(facts).includes('STORE_UNUSABLE'));
    // What room the failed run gave back is taken by others, up to the rest of the log's last page: again, while something gives some back.
    let byHand = await syncOnFull(scene, logFile);
    for (let attempt = 0; attempt < 10 && !codes(await service.facts()).includes('LOG_UNWRITABLE'); attempt += 1) {
      byHand = await syncOnFull(scene, logFile);
    }
    const log = await service.until('the log told', (facts) => codes(facts).includes('LOG_UNWRITABLE'));
    const status = await site.run('status');
    const writtenWhileFull = writes(site) - before;
    disk.free();
    forward(6);
    await service.logged('A scheduled run has ended', 3);
    await service.until('all is well', ({ problems }) => problems.length === 0);
    const after = writes(site);
    const again = await site.run('sync');

    expect(ends(service).slice(0, 3)).toEqual([null, 'STORE_UNUSABLE', null]);
    expect(full.problems.find(({ message }) => message.includes('the disk is full'))).toMatchObject({
      code: 'STORE_UNUSABLE',
      severity: 'failed',
      hint: expect.stringContaining('free space') as unknown,
    });
    expect(log.problems.find(({ code }) => code === 'LOG_UNWRITABLE')?.message).toContain('the disk is full');
    expect(status.stdout).toContain('STORE_UNUSABLE');
    expect(status.exit).not.toBe(0);
    expect(byHand).toMatchObject({ exit: 1, json: { error: { code: 'STORE_UNUSABLE' } } });
    expect(writtenWhileFull, 'nothing is written that could not be remembered').toBe(0);
    expect(duplicates(site)).toEqual([]);
    expect(site.itGlue.data.contacts.size).toBe(8);
    expect(again.exit).toBe(0);
    expect(writes(site), 'A6 a further sync writes nothing').toBe(after);
    expect(existsSync(logFile) && readFileSync(logFile, 'utf8')).toContain('STORE_UNUSABLE');
  });

  it('A2 that fills up between a write and its answer: nothing is lost and nothing is written twice', async () => {
    await using scene = await startScene();
    const { site, disk, service, forward } = scene;
    site.setPeople([...crowd(5), person('ada'), person('bob')]);
    const hold = site.itGlue.holdAtWrite(1, 'after');

    forward(60);
    await service.until('a write under way', () => hold.state === 'parked');
    disk.fill();
    hold.release();
    await service.logged('A scheduled run has ended', 2);
    const full = await service.facts();
    disk.free();
    forward(6);
    await service.logged('A scheduled run has ended', 3);
    await service.until('all is well', ({ problems }) => problems.length === 0);
    const after = writes(site);
    const again = await site.run('sync');

    expect(ends(service).slice(0, 3)).toEqual([null, 'STORE_UNUSABLE', null]);
    expect(codes(full)).toContain('STORE_UNUSABLE');
    expect(duplicates(site)).toEqual([]);
    for (const name of ['ada', 'bob']) expect(bmsWith(site, `${name}@acme.test`)).toHaveLength(1);
    expect(site.itGlue.data.contacts.size).toBe(7);
    expect(again.exit).toBe(0);
    expect(writes(site), 'A6 a further sync writes nothing').toBe(after);
    expect(await syncs(site)).toEqual(['done', 'done', 'interrupted', 'done']);
  });
});
