import { describe, expect, it, vi } from 'vitest';
import type { EnrolledCollector } from '../../../agent/hub/registry/registry.ts';
import type { JobAnswer } from '../../../agent/service/job-runner.ts';
import { Landings } from '../../../agent/service/landings.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';

type Answer = { readonly landed: number; readonly refused: number; readonly postponed?: number; readonly changed: readonly string[] };
const nothing: Answer = { landed: 0, refused: 0, changed: [] };

function collector(name: string, revokedAt: number | null = null): EnrolledCollector {
  return {
    id: name.repeat(32).slice(0, 32),
    organization: '4711',
    name,
    subnets: ['10.0.0.0/24'],
    location: 'Depot',
    version: '0.1.0',
    platform: 'linux',
    addedAt: 0,
    revokedAt,
    lastContactAt: null,
    clockAheadMs: null,
    heartbeat: null,
    keyMadeAt: null,
  };
}

function start(answers: (Answer | ErrorCode)[], syncs: Readonly<Record<string, ErrorCode>> = {}) {
  const jobs: string[] = [];
  const synced: (string | null)[] = [];
  const sent: unknown[] = [];
  let isStopping = false;
  let isOpen = true;
  const landings = new Landings({
    logger: silentLogger(),
    registry: () => (isOpen ? ({ collectors: () => Promise.resolve([collector('a'), collector('b', 1)]) } as never) : null),
    job: (name, options) => {
      const organization = options['organization'] as string | undefined;
      jobs.push([name, ...(organization === undefined ? [] : [organization])].join(' '));
      if (name === 'land') {
        sent.push(options['collectors'], options['knownAt']);
        return answered(answers.shift() ?? nothing);
      }
      const failure = syncs[organization ?? ''];
      return failure === undefined ? answered(nothing) : Promise.reject(new RollcallError(failure, 'It failed.'));
    },
    onSynced: (error) => {
      synced.push(error?.code ?? null);
      return Promise.resolve();
    },
    isStopping: () => isStopping,
    now: () => 17,
    retryMs: 1,
  });
  return {
    landings,
    jobs,
    synced,
    sent,
    stop: () => {
      isStopping = true;
    },
    close: () => {
      isOpen = false;
    },
    open: () => {
      isOpen = true;
    },
  };
}

function answered(answer: Answer | ErrorCode): Promise<JobAnswer> {
  if (typeof answer === 'string') return Promise.reject(new RollcallError(answer, 'It failed.'));
  return Promise.resolve({ text: JSON.stringify(answer), outcome: { result: 'success', code: null } });
}

describe('what follows when a collector has sent something', () => {
  it('is that it lands, and that what it changed is synced', async () => {
    const { landings, jobs, synced, sent } = start([{ landed: 2, refused: 0, changed: ['4711', '4712'] }]);

    landings.wake();
    await vi.waitFor(() => expect(synced).toHaveLength(2));
    await landings.close();

    expect(jobs).toEqual(['land', 'sync 4711', 'sync 4712']);
    expect(sent).toEqual([
      [{ id: 'a'.repeat(32), organization: '4711', name: 'a', location: 'Depot', subnets: ['10.0.0.0/24'], version: '0.1.0' }],
      17,
    ]);
  });

  it('is no sync when nothing changed, and another round for what arrived meanwhile', async () => {
    const { landings, jobs } = start([nothing]);

    landings.wake();
    landings.wake();
    await landings.close();
    landings.wake();
    landings.wake();
    await vi.waitFor(() => expect(jobs.length).toBeGreaterThanOrEqual(2));
    await landings.close();

    expect(new Set(jobs)).toEqual(new Set(['land']));
  });

  it('is tried again when the store could not be had', async () => {
    const { landings, jobs, synced } = start(['STORE_LOCKED', { landed: 1, refused: 0, changed: ['4711'] }]);

    landings.wake();
    await vi.waitFor(() => expect(synced).toEqual([null]));
    await landings.close();

    expect(jobs).toEqual(['land', 'land', 'sync 4711']);
  });

  it('H4 is tried again less and less often while another hub is busy with the organization: each try ends a look of the watch', async () => {
    vi.useFakeTimers();
    try {
      const busy = { ...nothing, postponed: 1 };
      const { landings, jobs } = start(Array.from({ length: 100 }, () => busy));
      landings.wake();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(jobs).toHaveLength(2);

      await vi.advanceTimersByTimeAsync(600_000);

      expect(jobs.length).toBeGreaterThan(9);
      expect(jobs.length).toBeLessThan(20);
      await landings.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('A4 stops at no failure of one organization, and tells it', async () => {
    const changed = ['4711', '4712', '4713'];
    const { landings, synced, jobs } = start([{ landed: 1, refused: 0, changed }], { 4711: 'ITGLUE_UNREACHABLE', 4712: 'INTERRUPTED' });

    landings.wake();
    await vi.waitFor(() => expect(synced).toEqual(['ITGLUE_UNREACHABLE', null]));
    await landings.close();

    expect(jobs).toEqual(['land', 'sync 4711', 'sync 4712', 'sync 4713']);
  });

  it('is nothing while the hub is closed: nobody could be told then from one that was revoked', async () => {
    const { landings, jobs, close, open } = start([]);
    close();
    landings.wake();
    await landings.close();
    const before = [...jobs];

    open();
    landings.wake();
    await vi.waitFor(() => expect(jobs).toEqual(['land']));
    await landings.close();

    expect(before).toEqual([]);
  });

  it('is nothing more when the service stops', async () => {
    const { landings, jobs, stop } = start([]);
    stop();

    landings.wake();
    await landings.close();

    expect(jobs).toEqual([]);
  });
});
