import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { connectToService } from '../../agent/control/control-client.ts';
import { crowd } from '../e2e/people.ts';
import { type RunningService, startService } from '../e2e/running-service.ts';
import { type Site, startSite } from '../e2e/site.ts';

const scans = Number(process.env['SCANS'] ?? '2000');
const users = Number(process.env['USERS'] ?? '10000');
const limits = { firstRun: 'auto', create: { floor: 1_000_000 }, update: { floor: 1_000_000 }, push: { floor: 1_000_000 } };

/** What a service costs: while it waits, after a big sync, over many runs, at its start and at its stop. */
export async function benchService(): Promise<void> {
  await benchIdle();
  await benchBigSync();
  await benchManyScans();
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function benchIdle(): Promise<void> {
  // The listener is on by default.
  await using site = await startSite({ people: crowd(10), sections: { console: { listen: '127.0.0.1:27420' } } });
  const ready: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await using service = await startService(site);
    ready.push(service.readyMs);
    await service.until('its first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
    await service.stop();
  }
  say(`start to ready, from source: ${ready.map((ms) => Math.round(ms)).join(', ')} ms (bound 700)`);
  await using service = await startService(site);
  await delay(30_000);
  const idle = memoryMiB(service);
  const before = cpuSeconds(service);
  await delay(30_000);
  const share = ((cpuSeconds(service) - before) / 30) * 100;
  say(`idle: ${idle} MiB resident (bound 105 = 110 MB), ${share.toFixed(2)} % of a core (bound 0.2), ${handles(service)} open files`);
  const { eventLoop } = await service.facts();
  say(`event loop delay while idle: p99 ${eventLoop.p99} ms, max ${eventLoop.max} ms (bound 50)`);
}

async function benchBigSync(): Promise<void> {
  await using site = await startSite({
    people: crowd(users),
    sections: { limits, psa: { type: 'none' }, contacts: { create: 'off', overlay: 'none' } },
  });
  await using service = await startService(site);
  await service.until('its first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
  await delay(45_000);
  const idle = memoryMiB(service);
  const begun = performance.now();
  await call(site, 'sync');
  const took = performance.now() - begun;
  const peak = memoryMiB(service);
  await delay(60_000);
  const after = memoryMiB(service);
  const { eventLoop } = await service.facts();
  say(
    `sync of ${users} users in ${(took / 1000).toFixed(1)} s: ${idle} MiB before, ${peak} at its end, ${after} a minute later (${Math.round((after / idle - 1) * 100)} %, bound 20 %)`,
  );
  say(`event loop delay over it: p99 ${eventLoop.p99} ms, max ${eventLoop.max} ms (bound 50)`);
  void call(site, 'sync').catch(() => undefined);
  await service.until('a sync under way', ({ current }) => current !== null);
  say(`stop under load: ${Math.round(await service.stop())} ms (bound 2,000)`);
}

async function benchManyScans(): Promise<void> {
  await using site = await startSite({ people: crowd(50), sections: { limits } });
  await using service = await startService(site);
  await service.until('its first success', ({ lastSuccessAt }) => lastSuccessAt !== null);
  const marks: string[] = [];
  const begun = performance.now();
  for (let done = 1; done <= scans; done += 1) {
    // Mostly reads of the directory: IT Glue's own limit on requests would make this a measure of waiting.
    await call(site, done % 50 === 0 ? 'sync' : 'scan');
    if (done % Math.ceil(scans / 5) === 0 || done === Math.ceil(scans / 20)) {
      marks.push(
        `${done}: ${memoryMiB(service)} MiB, ${handles(service)} files, ${readdirSync(join(site.folder, 'state')).length} in state`,
      );
    }
  }
  say(
    `${scans} scans of 50 users one after the other, each fiftieth a whole sync, ${Math.round((performance.now() - begun) / scans)} ms each`,
  );
  for (const mark of marks) say(`  after ${mark}`);
  const { eventLoop } = await service.facts();
  say(`event loop delay over them: p99 ${eventLoop.p99} ms, max ${eventLoop.max} ms (bound 50)`);
  await delay(30_000);
  say(`  idle again: ${memoryMiB(service)} MiB, ${handles(service)} files`);
}

async function call(site: Site, name: 'scan' | 'sync'): Promise<void> {
  const channel = await connectToService(join(site.folder, 'state'), process.platform);
  if (channel === null) throw new Error('The service does not listen.');
  await channel.call(name, { organization: null, scan: true, full: false, approve: null });
}

function memoryMiB(service: RunningService): number {
  const status = readFileSync(`/proc/${service.child.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024);
}

/** User and system time of the process and its threads. */
function cpuSeconds(service: RunningService): number {
  const fields = readFileSync(`/proc/${service.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function handles(service: RunningService): number {
  return readdirSync(`/proc/${service.child.pid}/fd`).length;
}
