import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DueRun } from '../../../agent/schedule/schedule.ts';
import type { JobOutcome } from '../../../agent/service/job-protocol.ts';
import { Problems } from '../../../agent/service/problem.ts';
import { ScheduledRuns } from '../../../agent/service/scheduled-runs.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { temporaryFolder } from '../config/config-file.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Once a year: what comes between comes for another reason. */
const settings = { scan: '0 0 1 1 *', fullScan: '0 0 1 1 *', timezone: 'UTC', jitterSeconds: 0, reconcileDaily: true };

let folder: ReturnType<typeof temporaryFolder>;
let runs: ScheduledRuns[];
let began: string[];
let outcome: JobOutcome;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.UTC(2026, 10, 22, 12) });
  folder = temporaryFolder();
  runs = [];
  began = [];
  outcome = { result: 'success', code: null };
});

afterEach(async () => {
  await Promise.all(runs.map((each) => each.close()));
  vi.useRealTimers();
  folder.dispose();
});

async function startRuns(change: Partial<typeof settings> = {}): Promise<ScheduledRuns> {
  const opened = await ScheduledRuns.open({
    stateDirectory: folder.path,
    owner: 'hq',
    settings: { ...settings, ...change },
    now: Date.now,
    logger: silentLogger(),
    problems: new Problems(() => undefined),
    run: ({ trigger, scan }: DueRun) => {
      began.push(`${trigger}${scan ? '' : ' without scan'}`);
      return Promise.resolve(outcome);
    },
  });
  runs.push(opened);
  opened.start();
  await ended(opened);
  return opened;
}

/** The run under way has ended, and the state is kept. */
async function ended(of: ScheduledRuns): Promise<void> {
  // Not vi.waitUntil, which moves the clock.
  while (of.isRunning) await delay(2);
}

async function pass(of: ScheduledRuns, ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms - 1_000);
  vi.advanceTimersByTime(1_000);
  await ended(of);
}

describe('runs that no slot asks for', () => {
  it('P9 a day without a sync ends with a reconcile, and the next day too', async () => {
    const schedule = await startRuns();
    await pass(schedule, 23 * hour);
    await pass(schedule, hour + minute);
    await pass(schedule, 24 * hour + minute);

    expect(began).toEqual(['first start', 'daily reconcile without scan', 'daily reconcile without scan']);
    expect(schedule.lastSuccessAt, 'no sync has read the directories').toBe(Date.UTC(2026, 10, 22, 12));
  });

  it('P9 a sync that a person started counts', async () => {
    const schedule = await startRuns();
    await pass(schedule, 23 * hour);
    schedule.noteSuccess(Date.now());
    await pass(schedule, 2 * hour);
    expect(began).toEqual(['first start']);
  });

  it('P9 what was missed while the service was stopped is caught up at its start, once', async () => {
    const before = await startRuns();
    await before.close();
    vi.setSystemTime(Date.now() + 50 * hour);
    const schedule = await startRuns();
    await pass(schedule, hour);

    expect(began).toEqual(['first start', 'daily reconcile without scan']);
  });

  it('P9 none while two-way sync is off', async () => {
    const schedule = await startRuns({ reconcileDaily: false });
    await pass(schedule, 100 * hour);

    expect(began).toEqual(['first start']);
  });

  it('P7 an edit that asks for a sync gets one as soon as it may run, and once', async () => {
    const schedule = await startRuns();
    await pass(schedule, 2 * minute);
    schedule.oweReconcile();
    await ended(schedule);
    await pass(schedule, hour);

    expect(began).toEqual(['first start', 'reload without scan']);
  });

  it('P7 the sync that an edit asked for outlives a stop of the service, and a failure', async () => {
    const before = await startRuns();
    await pass(before, 2 * minute);
    outcome = { result: 'passing failure', code: 'PSA_UNREACHABLE' };
    before.oweReconcile();
    await ended(before);
    await before.close();
    outcome = { result: 'success', code: null };
    const schedule = await startRuns();
    await pass(schedule, hour);

    expect(began).toEqual(['first start', 'reload without scan', 'reload without scan']);
  });
});
