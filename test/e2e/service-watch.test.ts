import { readFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunsDocument, StatusDocument } from '../../agent/cli/documents.ts';
import type { ServiceFacts } from '../../agent/service/service-facts.ts';
import { bmsWith, contactWith, crowd, person } from './people.ts';
import { type RunningService, startService } from './running-service.ts';
import { type Site, startSite } from './site.ts';
import { startTimedSite } from './timed-site.ts';

const succeeded = ({ lastSuccessAt }: ServiceFacts): boolean => lastSuccessAt !== null;
const codes = ({ problems }: ServiceFacts): readonly string[] => problems.map(({ code }) => code);
/** Syncs come by hand alone, after the first one. */
const seldom = { scan: '0 0 1 1 *', fullScan: '0 0 1 1 *', timezone: 'UTC', jitterSeconds: 0 };
const limits = { firstRun: 'auto', create: { floor: 1_000 }, update: { floor: 1_000 }, push: { floor: 1_000 } };

/** A service whose pauses are shorter: a look comes each half second or so. */
function startQuick(site: Site): Promise<RunningService> {
  return startService(site, { clock: { origin: Date.now(), scale: 1, intervals: 10, elapsed: 100 } });
}

/** Good looks since the start of the service. */
function looksOf({ watch }: ServiceFacts): number {
  return watch === null ? 0 : watch.counts.nothing + watch.counts.something;
}

async function moreLooks(service: RunningService, count: number): Promise<ServiceFacts> {
  const before = looksOf(await service.facts());
  return service.until(`${count} more looks`, (facts) => looksOf(facts) >= before + count);
}

/** The processes that the service has started and that still live. */
function childrenOf({ child: { pid } }: RunningService): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((id) => id !== '');
}

async function runsOf(site: Site): Promise<RunsDocument['runs']> {
  return ((await site.run('runs', '--json')).json as RunsDocument).runs;
}

describe('P9 a running service watches both sides', () => {
  const staff = 60;
  let site: Site;
  let service: RunningService;

  beforeAll(async () => {
    site = await startSite({ people: crowd(staff), sections: { schedule: seldom, limits } });
    service = await startQuick(site);
    await service.until('a first success', succeeded);
    // What the first sync wrote comes by once more, and is no change.
    await moreLooks(service, 2);
  });

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  it(`with at most 2 requests to each side and look when nothing is new, whatever the number of contacts (${staff} here)`, async () => {
    const from = looksOf(await service.facts());
    site.itGlue.resetCounts();
    site.bms.resetCounts();
    await moreLooks(service, 4);
    const requests = { itGlue: site.itGlue.counts.requests, bms: site.bms.counts.requests };
    const facts = await service.facts();
    const looks = looksOf(facts) - from;

    expect(site.bms.data.contacts.size, 'all of them are in the PSA').toBeGreaterThan(staff);
    expect(requests.itGlue, 'it did look').toBeGreaterThan(0);
    expect(requests.bms).toBeGreaterThan(0);
    expect(requests.itGlue).toBeLessThanOrEqual(2 * looks);
    expect(requests.bms).toBeLessThanOrEqual(2 * looks);
    expect([site.itGlue.counts.writes, site.bms.counts.writes], 'nothing came back as a change').toEqual([0, 0]);
    expect(codes(facts)).toEqual([]);
    expect(facts.watch).toMatchObject({ failing: null, counts: { failed: 0 } });
  });

  it.runIf(process.platform === 'linux')('in a process that is not started anew for each look', async () => {
    const before = childrenOf(service);
    await moreLooks(service, 3);

    expect(before).toHaveLength(1);
    expect(childrenOf(service)).toEqual(before);
  });

  it('carries a change of the PSA to IT Glue, once, and tells it as a run', async () => {
    const email = 'p3@acme.test';
    const [twin] = bmsWith(site, email);
    if (twin === undefined) throw new Error('not pushed');

    site.bms.data.updateContact(twin.id, { jobTitle: 'Chief Fitter' });
    const facts = await service.until('a look that found it', ({ watch }) => (watch?.counts.something ?? 0) > 0);
    await moreLooks(service, 2);
    const [newest] = await runsOf(site);

    expect(contactWith(site, email).title).toBe('Chief Fitter');
    expect(newest).toMatchObject({ command: 'watch', trigger: 'watch', outcome: 'done' });
    expect((await service.facts()).watch?.counts, 'it did not come back').toMatchObject({ something: facts.watch?.counts.something });
  });
});

describe('the service and what two-way sync asks of it', () => {
  it('S3 an edit switches the watch off and on again, and a changed selection starts a sync without a read (P7)', async () => {
    await using site = await startSite({ people: [person('ada')], sections: { schedule: seldom } });
    await using service = await startQuick(site);
    await service.until('a first success', succeeded);
    await service.until('a look', (facts) => looksOf(facts) > 0);

    site.configure({ schedule: seldom, psa: { push: 'off' } });
    const off = await service.until('switched off', ({ watch }) => watch === null);
    await service.logged('A scheduled run has ended', 2);
    site.configure({ schedule: seldom, psa: { organizationTypes: ['Customer'] } });
    await service.until('switched on', ({ watch }) => watch !== null && watch.counts.nothing > 0);
    await service.logged('A scheduled run has ended', 3);
    const runs = await runsOf(site);

    expect(off.problems).toEqual([]);
    expect(runs.filter(({ command }) => command === 'sync').map(({ trigger }) => trigger)).toEqual(['reload', 'reload', 'first start']);
  });

  it('stops at once in the middle of a look', async () => {
    await using site = await startSite({ people: [person('ada')], sections: { schedule: seldom } });
    await using service = await startQuick(site);
    await service.until('a look', (facts) => looksOf(facts) > 0);
    site.itGlue.faults.add({ match: { method: 'GET', path: /contacts/u }, kind: 'slow', delayMs: 20_000, times: Number.POSITIVE_INFINITY });
    await service.until('a look under way', ({ current }) => current?.command === 'watch');

    const stopMs = await service.stop();

    expect(stopMs).toBeLessThan(5_000);
    expect(await service.ended).toEqual({ exit: 0, signal: null });
    expect(service.log().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('a day without a sync ends with one that reads no directory (P9)', async () => {
    const { site, start, forward } = await startTimedSite({ schedule: seldom });
    await using _site = site;
    await using service = await start();
    await service.until('a first success', succeeded);
    await service.logged('A scheduled run has ended');

    forward(23 * 60);
    forward(2 * 60);
    await service.logged('A scheduled run has ended', 2);
    const [newest] = (await runsOf(site)).filter(({ command }) => command === 'sync');

    expect(newest).toMatchObject({ trigger: 'daily reconcile', outcome: 'done' });
  });

  it('says that the PSA refuses the sign-in, stops asking, and looks at once after the password was put right', async () => {
    await using site = await startSite({ people: [person('ada')], sections: { schedule: seldom } });
    await using service = await startQuick(site);
    await service.until('a first success', succeeded);
    await service.until('a look', (facts) => looksOf(facts) > 0);
    const right = site.environment['TEST_BMS_PASSWORD'];
    expect(right).toBeDefined();

    const mend = site.bms.faults.add({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
    await service.until('failing', ({ watch }) => watch?.failing != null);
    await service.until('told', (facts) => codes(facts).includes('PSA_WATCH_FAILING'));
    const status = (await site.run('status', '--json')).json as StatusDocument;
    const plain = await site.run('status');
    mend();
    await site.run('sync', '--no-scan');
    const well = await service.until('well', ({ watch, problems }) => watch?.failing === null && problems.length === 0);

    expect(status.health).toBe('degraded');
    expect(status.service.watch?.failing?.code).toMatch(/^PSA_/);
    expect(plain.stdout).toMatch(/Two-way sync +fails \(PSA_/);
    expect(well.watch?.lastGoodAt).not.toBeNull();
  });
});
