import { describe, expect, it, vi } from 'vitest';
import type { JobOutcome } from '../../../agent/service/job-protocol.ts';
import { SharedWork, type SyncWork, type WorkQueue } from '../../../agent/service/shared-work.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { RollcallError } from '../../../core/errors.ts';

const success: JobOutcome = { result: 'success', code: null };
const slot = { scan: true, full: false, trigger: 'schedule' } as const;

/** A queue that does all that is added at once, by whoever takes it. */
function queueOfOne() {
  const added: { readonly kind: string; readonly key: string; readonly onceIn: number | undefined }[] = [];
  const outcomes = new Map<string, JobOutcome | null>();
  let perform: ((kind: string, work: SyncWork) => Promise<JobOutcome>) | null = null;
  const queue: WorkQueue = {
    async add(kind, key, work, onceIn) {
      added.push({ kind, key, onceIn });
      const id = String(added.length);
      outcomes.set(id, (await perform?.(kind, work).catch(() => null)) ?? null);
      return id;
    },
    ended: (_, id) => Promise.resolve(outcomes.get(id) ?? null),
    take: (given) => {
      perform = given;
      return Promise.resolve();
    },
    pause: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { queue, added };
}

async function sharing(sync: (work: { readonly organization: string | null }) => Promise<JobOutcome>, queue: WorkQueue | null) {
  const onSynced = vi.fn();
  const shared = new SharedWork({
    logger: silentLogger(),
    open: () => Promise.resolve(queue),
    onOpened: () => undefined,
    organizations: () => ['1', '2', '3'],
    sync,
    onSynced,
  });
  await shared.open();
  return { shared, onSynced };
}

describe('H4 the syncs of a service', () => {
  it('are done by itself, all organizations in one, where nobody shares the store', async () => {
    const sync = vi.fn(() => Promise.resolve(success));
    const { shared } = await sharing(sync, null);

    expect(await shared.syncAll(slot)).toEqual(success);
    expect(await shared.handOver('1', 'upload')).toBe(false);

    expect(sync.mock.calls).toEqual([[{ organization: null, ...slot }]]);
  });

  it('go into the queue, each organization by itself, and a slot of the schedule once', async () => {
    const { queue, added } = queueOfOne();
    const { shared, onSynced } = await sharing(() => Promise.resolve(success), queue);

    expect(await shared.syncAll(slot)).toEqual(success);
    await shared.syncAll({ scan: false, full: false, trigger: 'reload' });
    await shared.handOver('2', 'upload');

    expect(added.map(({ kind, key, onceIn }) => [kind, key, onceIn])).toEqual([
      ['sync', '1', 60],
      ['sync', '2', 60],
      ['sync', '3', 60],
      ['reconcile', '1', undefined],
      ['reconcile', '2', undefined],
      ['reconcile', '3', undefined],
      ['reconcile', '2', undefined],
    ]);
    expect(onSynced.mock.calls).toEqual(Array.from({ length: 7 }, () => [null]));
  });

  it('end as the worst of them did', async () => {
    const { queue } = queueOfOne();
    const ends: Readonly<Record<string, JobOutcome>> = {
      '1': { result: 'passing failure', code: 'ITGLUE_UNREACHABLE' },
      '2': { result: 'failure', code: 'PSA_CREDENTIALS_REJECTED' },
      '3': success,
    };
    const { shared } = await sharing(({ organization }) => Promise.resolve(ends[organization ?? ''] ?? success), queue);

    expect(await shared.syncAll(slot)).toEqual({ result: 'failure', code: 'PSA_CREDENTIALS_REJECTED' });
  });

  it.each(['INTERRUPTED', 'ORGANIZATION_BUSY', 'STORE_LEASE_LOST'] as const)(
    'are given back to the queue when they end with %s',
    async (code) => {
      const { queue } = queueOfOne();
      const { shared, onSynced } = await sharing(() => Promise.reject(new RollcallError(code, 'It cannot be done here.')), queue);

      expect(await shared.syncAll(slot)).toEqual({ result: 'passing failure', code: 'SERVICE_JOB_LOST' });
      expect(onSynced).not.toHaveBeenCalled();
    },
  );

  it('that fail here have failed for all, and are told', async () => {
    const { queue } = queueOfOne();
    const failure = new RollcallError('SERVICE_JOB_LOST', 'The process ended.');
    const { shared, onSynced } = await sharing(() => Promise.reject(failure), queue);

    expect(await shared.syncAll(slot)).toMatchObject({ code: 'SERVICE_JOB_LOST' });
    expect(onSynced).toHaveBeenCalledWith(failure);
  });

  it('are done by itself as long as the queue cannot be had, and go into it when it can', async () => {
    const { queue, added } = queueOfOne();
    const sync = vi.fn(() => Promise.resolve(success));
    const open = vi.fn<() => Promise<WorkQueue | null>>().mockRejectedValueOnce(new RollcallError('STORE_UNREACHABLE', 'gone'));
    open.mockResolvedValue(queue);
    const onOpened = vi.fn();
    const none = (): void => undefined;
    const shared = new SharedWork({ logger: silentLogger(), open, onOpened, organizations: () => ['1'], sync, onSynced: none });
    await shared.open();
    await shared.syncAll(slot);
    expect(added).toEqual([]);
    expect(onOpened.mock.calls).toMatchObject([[{ code: 'STORE_UNREACHABLE' }]]);

    await shared.open();
    await shared.syncAll(slot);

    expect(added).toHaveLength(1);
    expect(open).toHaveBeenCalledTimes(2);
    expect(onOpened).toHaveBeenLastCalledWith(null);
  });

  it('leave no half-opened queue behind, whose workers would go on unseen', async () => {
    const { queue } = queueOfOne();
    const close = vi.fn(() => Promise.resolve());
    const broken = { ...queue, close, take: () => Promise.reject(new RollcallError('STORE_UNREACHABLE', 'gone')) };
    const { shared } = await sharing(() => Promise.resolve(success), broken);

    expect(close).toHaveBeenCalledOnce();
    expect(await shared.handOver('1', 'upload')).toBe(false);
  });

  it.each(['pause', 'close'] as const)('do not keep a stop waiting for a database that has vanished (%s)', async (what) => {
    vi.useFakeTimers();
    try {
      const { queue } = queueOfOne();
      const { shared } = await sharing(() => Promise.resolve(success), { ...queue, [what]: () => new Promise(() => undefined) });

      const closed = shared.close().then(() => 'closed');
      await vi.advanceTimersByTimeAsync(2_000);

      expect(await Promise.race([closed, Promise.resolve('open')])).toBe('closed');
    } finally {
      vi.useRealTimers();
    }
  });

  it('do not keep a stop waiting for a queue that is just being opened', async () => {
    vi.useFakeTimers();
    try {
      const opening = Promise.withResolvers<WorkQueue>();
      const none = (): void => undefined;
      const shared = new SharedWork({
        logger: silentLogger(),
        open: () => opening.promise,
        onOpened: none,
        organizations: () => ['1'],
        sync: () => Promise.resolve(success),
        onSynced: none,
      });
      void shared.open();

      const closed = shared.close().then(() => 'closed');
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await Promise.race([closed, Promise.resolve('open')])).toBe('closed');

      const close = vi.fn(() => Promise.resolve());
      opening.resolve({ ...queueOfOne().queue, close });
      await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
    } finally {
      vi.useRealTimers();
    }
  });
});
