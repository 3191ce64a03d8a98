import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { type JobQueue, openJobQueue } from '../../agent/store/postgres/job-queue.ts';
import { type PostgresServer, rolePassword, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('the queue of the hubs of one database', 'postgres');
const patience = { timeout: 30_000 } as const;

interface Work {
  readonly organization: string;
}
interface Outcome {
  readonly by: string;
}
type Queue = JobQueue<Work, Outcome>;

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let place: DatabasePlace;
  const queues: Queue[] = [];
  const always = (): boolean => true;
  const going = new AbortController().signal;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    place = await server.createDatabase();
  });
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
  });

  async function open(onProblem: (error: unknown) => void = () => undefined): Promise<Queue> {
    const queue = await openJobQueue<Work, Outcome>({ place, password: rolePassword, kinds: ['sync', 'reconcile'], onProblem });
    queues.push(queue);
    return queue;
  }

  const add = (queue: Queue, organization: string, onceIn?: number): Promise<string> =>
    queue.add('sync', organization, { organization }, onceIn);

  it('makes its tables once when several open it at the same time', async () => {
    await expect(Promise.all([open(), open(), open()])).resolves.toHaveLength(3);
  });

  it('H4 gives each piece of work to one of them, and tells all of them what came of it', async () => {
    const [one, two] = [await open(), await open()];
    const done: string[] = [];
    for (const [by, queue] of [
      ['one', one],
      ['two', two],
    ] as const) {
      queue.take(always, (_, { organization }) => {
        done.push(organization);
        return Promise.resolve({ by });
      });
    }

    const ids = await Promise.all(['1', '2', '3', '4'].map((organization) => add(one, organization)));
    const outcomes = await Promise.all(ids.map((id) => two.ended('sync', id, going)));

    expect(done.toSorted()).toEqual(['1', '2', '3', '4']);
    expect(outcomes.map((outcome) => outcome?.by)).toEqual(expect.arrayContaining([expect.stringMatching(/^(one|two)$/)]));
  });

  it('H4 holds one piece that waits for an organization, however many ask', async () => {
    const [one, two] = [await open(), await open()];

    const ids = await Promise.all([add(one, '1'), add(two, '1'), add(one, '1'), add(two, '2')]);

    expect(new Set(ids).size).toBe(2);
  });

  it('keeps what is asked for while the same is under way, and does it after that', async () => {
    const queue = await open();
    const gates: (() => void)[] = [];
    queue.take(always, () => new Promise((resolve) => gates.push(() => resolve({ by: String(gates.length) }))));
    const first = await add(queue, '1');
    await vi.waitFor(() => expect(gates).toHaveLength(1), patience);

    const second = await add(queue, '1');
    expect(second).not.toBe(first);
    gates[0]?.();
    await vi.waitFor(() => expect(gates).toHaveLength(2), patience);
    gates[1]?.();

    expect(await queue.ended('sync', second, going)).toEqual({ by: '2' });
  });

  it('takes what several ask for within one step of time as one, also when it has ended', async () => {
    const queue = await open();
    queue.take(always, () => Promise.resolve({ by: 'one' }));
    const first = await add(queue, '1', 3_600);
    await queue.ended('sync', first, going);

    expect(await add(queue, '1', 3_600)).toBe(first);
    expect(await add(queue, '1')).not.toBe(first);
  });

  it('H4 leaves what one cannot begin at once to another one', async () => {
    const [busy, free] = [await open(), await open()];
    let hasAsked = false;
    busy.take(
      () => {
        hasAsked = true;
        return false;
      },
      () => Promise.resolve({ by: 'busy' }),
    );
    const id = await add(busy, '1');
    await vi.waitFor(() => expect(hasAsked).toBe(true), patience);
    free.take(always, () => Promise.resolve({ by: 'free' }));

    expect(await busy.ended('sync', id, going)).toEqual({ by: 'free' });
  });

  it('gives what one could not do to another one', async () => {
    const [one, two] = [await open(), await open()];
    const tried = vi.fn();
    one.take(always, () => {
      tried();
      return Promise.reject(new Error('it stops'));
    });
    const id = await add(one, '1');
    await vi.waitFor(() => expect(tried).toHaveBeenCalled(), patience);
    one.pause();
    two.take(always, () => Promise.resolve({ by: 'two' }));

    expect(await two.ended('sync', id, going)).toEqual({ by: 'two' });
  });

  it('H4 takes no outcome from one that was paused until another one had been given the work', async () => {
    const [paused, other] = [await open(), await open()];
    const [awake, done] = [Promise.withResolvers<Outcome>(), Promise.withResolvers<Outcome>()];
    const [begun, begunAgain] = [vi.fn(), vi.fn()];
    paused.take(always, () => {
      begun();
      return awake.promise;
    });
    const id = await add(paused, '1');
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), patience);
    paused.pause();
    await server.administer("update rollcall_queue.job set state = 'retry', start_after = now()", place);
    other.take(always, () => {
      begunAgain();
      return done.promise;
    });
    await vi.waitFor(() => expect(begunAgain).toHaveBeenCalled(), patience);

    awake.resolve({ by: 'paused' });
    queues.splice(queues.indexOf(paused), 1);
    await paused.close();
    done.resolve({ by: 'other' });

    expect(await other.ended('sync', id, going)).toEqual({ by: 'other' });
  });

  it('goes on when its sessions were ended by the server', async () => {
    const problems = vi.fn();
    const queue = await open(problems);
    queue.take(always, () => Promise.resolve({ by: 'one' }));
    await server.administer(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${place.database}' and application_name = 'rollcall queue'`,
    );

    const id = await vi.waitFor(() => add(queue, '1'), patience);

    expect(await queue.ended('sync', id, going)).toEqual({ by: 'one' });
  });

  it('stops waiting when it is told to', async () => {
    const queue = await open();
    const id = await add(queue, '1');

    await expect(queue.ended('sync', id, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('works in a schema that the administrator made for a role that may make none', async () => {
    await server.administer(`revoke create on database ${place.database} from public`);
    await server.administer('create schema rollcall_queue authorization rollcall', place);
    await server.administer(`alter database ${place.database} owner to current_user`);

    const queue = await open();

    expect(await add(queue, '1')).toMatch(/./);
  });

  it('says what is wrong when the database lets nobody in', async () => {
    await expect(
      openJobQueue({ place: { ...place, database: 'nowhere' }, password: rolePassword, kinds: ['sync'], onProblem: () => undefined }),
    ).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
