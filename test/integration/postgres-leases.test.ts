import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { organizationId, type RunId } from '../../core/model/ids.ts';
import type { Lease } from '../../core/ports/lease.ts';
import type { Store } from '../../core/ports/store.ts';
import { acme, sampleEntry, sampleIntent, sampleLanding, sampleProof, sampleUserState } from '../contract/store.samples.ts';
import { openTestStore, type PostgresServer, startPostgres } from './postgres.ts';
import { partFor } from './real-parts.ts';

const part = partFor('leases of organizations on PostgreSQL', 'postgres');
const other = organizationId('4712');
const source = { organization: acme, collector: 'hq', directory: 'corp', sourceType: 'active-directory', at: 100 } as const;
const done = { outcome: 'done', planHash: null, counts: {}, error: null, at: 9 } as const;

describe.skipIf(part.isMissing)(part.title, () => {
  let server: PostgresServer;
  let place: DatabasePlace;
  let one: Store;
  let two: Store;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    place = await server.createStore();
    one = await openTestStore(place, { command: 'rollcall run' });
    two = await openTestStore(place);
  });
  afterEach(async () => {
    await one.close();
    await two.close();
  });

  async function taken(store: Store, organization = acme): Promise<Lease> {
    const answer = await store.acquireLease(organization, 5);
    if (answer.kind === 'held') throw new Error(`held by ${answer.by.command}`);
    return answer.lease;
  }

  /** As if its holder had been paused for longer than it lasts. */
  async function expire(): Promise<void> {
    await server.administer('update rollcall.lease set expires_at = 1', place);
  }

  it('H4 gives the charge of an organization to one of those that ask at once, and tells the others who has it', async () => {
    const answers = await Promise.all([one.acquireLease(acme, 5), two.acquireLease(acme, 5)]);

    const held = answers.flatMap((answer) => (answer.kind === 'held' ? [answer.by] : []));
    expect(held).toHaveLength(1);
    expect(held[0]).toMatchObject({ process: process.pid, host: expect.stringMatching(/./) as unknown });
    expect(held[0]?.until).toBeGreaterThan(Date.now());
  });

  it('H4 gives different organizations to different processes', async () => {
    await taken(one);

    const lease = await taken(two, other);

    await expect(lease.confirm()).resolves.toBeUndefined();
  });

  it('H4 gives it to the next one when it was given back, or when its process has ended in order', async () => {
    await (await taken(one)).release();
    await taken(two);
    await two.close();

    await expect(taken(one)).resolves.toBeDefined();
  });

  it('H4 lets nobody else write about an organization that one is in charge of, and about others everybody', async () => {
    await taken(one);

    await expect(two.saveUserStates(acme, [sampleUserState('a')])).rejects.toMatchObject({
      code: 'ORGANIZATION_BUSY',
      message: expect.stringContaining('"rollcall run"') as unknown,
    });

    await two.saveUserStates(other, [sampleUserState('a')]);
    await one.saveUserStates(acme, [sampleUserState('b')]);
    expect((await two.userStates(acme)).map(({ userId }) => userId)).toEqual([sampleUserState('b').userId]);
  });

  describe('a holder that was paused until another one had taken over', () => {
    let lease: Lease;
    let run: RunId;
    let intent: number;
    const lost = vi.fn();

    beforeEach(async () => {
      lost.mockClear();
      lease = await taken(one);
      lease.onLost(lost);
      run = await one.startRun({ organization: acme, command: 'sync', at: 1 });
      intent = await one.recordIntent(sampleIntent(run), 2);
    });

    it('H4 finds its run and its read ended, and its intent open for the next one to settle', async () => {
      await one.beginRead(source);
      await expire();
      await taken(two);

      expect(await two.getRun(run)).toMatchObject({ outcome: 'interrupted' });
      expect((await two.listReads(acme))[0]?.latest).toMatchObject({ outcome: 'failed', error: 'INTERRUPTED' });
      expect((await two.openIntents(acme)).map(({ id }) => id)).toEqual([intent]);
    });

    it.each<[string, () => Promise<unknown>]>([
      ['a new intent', () => one.recordIntent(sampleIntent(run), 3)],
      ['the result of one', () => one.recordResult(intent, { state: 'done', result: {} }, { users: [sampleUserState('x')] }, 3)],
      ['states of users', () => one.saveUserStates(acme, [sampleUserState('x')])],
      ['the end of its run', () => one.finishRun(run, done)],
      ['a new read', () => one.beginRead(source)],
      ['decisions', () => one.saveDecisions(acme, [])],
    ])('H4 A2 can write %s no more, and nothing of it is stored', async (_, write) => {
      await expire();
      await taken(two);

      await expect(write()).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });

      expect(await two.userStates(acme)).toEqual([]);
      expect((await two.openIntents(acme)).map(({ id }) => id)).toEqual([intent]);
      expect(await two.getRun(run)).toMatchObject({ outcome: 'interrupted' });
      expect(await two.listReads(acme)).toEqual([]);
    });

    it('H4 C1 lands no read that it had begun before', async () => {
      const sink = await one.beginRead(source);
      await sink.add([sampleEntry('a')]);
      await expire();
      await taken(two);

      await expect(sink.complete(sampleLanding(sampleProof(1)), 300)).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });

      expect((await two.listReads(acme))[0]?.latestComplete).toBeNull();
    });

    it('H4 is told so before it sends anything, and stops', async () => {
      await expire();
      await taken(two);

      await expect(lease.confirm()).rejects.toMatchObject({ code: 'STORE_LEASE_LOST', place: { organization: acme } });

      expect(lost).toHaveBeenCalledOnce();
      expect(() => lease.assertFresh()).toThrow(expect.objectContaining({ code: 'STORE_LEASE_LOST' }) as Error);
    });

    it('H4 goes on where nobody has taken over meanwhile', async () => {
      await expire();

      await lease.confirm();
      await one.finishRun(run, done);

      expect(await two.acquireLease(acme, 6)).toMatchObject({ kind: 'held' });
      expect(await two.getRun(run)).toMatchObject({ outcome: 'done' });
    });

    it('H4 gives back nothing that another one has by now', async () => {
      await expire();
      const next = await taken(two);

      await lease.release();

      await expect(next.confirm()).resolves.toBeUndefined();
    });
  });

  it('H4 does not change hands while its holder is in the middle of a transaction, and keeps nobody waiting for its end', async () => {
    await taken(one);
    await expire();

    await server.withSession(place, async (query) => {
      await query('begin');
      await query("select token from rollcall.lease where organization = '4711' for share");
      expect(await two.acquireLease(acme, 6)).toMatchObject({ kind: 'held', by: { command: 'rollcall run' } });
      await query('commit');
    });

    await expect(taken(two)).resolves.toBeDefined();
  });

  it('A2 H4 is no deadlock when one opens the store that ends what a dead writer left, while another takes its organization over', async () => {
    const run = await one.startRun({ organization: acme, command: 'sync', at: 1 });
    await taken(one);
    const dead = 'insert into rollcall.writer (id, host, pid, command, started_at) values (4711, $$HOST$$, 999999999, $$rollcall run$$, 1)';
    await server.administer(dead.replace('HOST', hostname()), place);
    await server.administer('update rollcall.run set writer_id = 4711; update rollcall.lease set writer_id = 4711', place);

    await server.withSession(place, async (query) => {
      await query('begin');
      await query('select token from rollcall.lease for update');
      const opening = openTestStore(place);
      await vi.waitFor(async () => expect(await server.administer('select 1 from pg_locks where not granted')).toHaveLength(1));
      await query("set lock_timeout = '1s'");
      await query(`update rollcall.run set outcome = 'interrupted' where id = ${run}`);
      await query('commit');
      await (await opening).close();
    });

    expect(await two.getRun(run)).toMatchObject({ outcome: 'interrupted' });
  });

  it('H4 is not mixed up with that of another one by its number: a standby that took over may give the same one again', async () => {
    await taken(one);
    // As after a fail-over that forgot the charge of the first one, in which the second one took it.
    await server.administer('update rollcall.lease set writer_id = (select max(id) from rollcall.writer)', place);

    await expect(one.saveUserStates(acme, [sampleUserState('a')])).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });
  });

  it('H4 asks nobody for a lease by itself: two that hold none write in turn', async () => {
    await one.saveUserStates(acme, [sampleUserState('a')]);
    await two.saveUserStates(acme, [sampleUserState('b')]);

    expect(await one.userStates(acme)).toHaveLength(2);
  });

  it('H4 takes no charge twice in one process: a mistake of the program', async () => {
    await taken(one);

    await expect(one.acquireLease(acme, 6)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
