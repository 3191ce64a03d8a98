import { describe, expect, it, vi } from 'vitest';
import { HeldLease } from '../../../agent/store/postgres/held-lease.ts';
import { organizationId } from '../../../core/model/ids.ts';

const lostError = expect.objectContaining({ code: 'STORE_LEASE_LOST' }) as Error;

/** A lease with clocks that are set by hand. */
function held(renew: () => Promise<boolean> = () => Promise.resolve(true)) {
  const clock = { elapsed: 1_000, wall: 1_700_000_000_000 };
  const giveBack = vi.fn(() => Promise.resolve());
  const lease = new HeldLease({
    organization: organizationId('4711'),
    token: 3,
    lastsMs: 30_000,
    askedAt: { ...clock },
    clock: () => ({ ...clock }),
    renew,
    giveBack,
    words: 'database "rollcall"',
  });
  return { lease, clock, giveBack };
}

describe('H4 a lease by the clocks of its holder', () => {
  it.each([
    ['time goes by', { elapsed: 15_001, wall: 15_001 }],
    ['the machine slept, in which its own clock stood still', { elapsed: 1, wall: 60_000 }],
    ['the clock was set back while it was paused', { elapsed: 15_001, wall: -3_600_000 }],
  ])('is not relied on when %s', (_, gone) => {
    const { lease, clock } = held();
    lease.assertFresh();

    clock.elapsed += gone.elapsed;
    clock.wall += gone.wall;

    expect(() => lease.assertFresh()).toThrow(lostError);
  });

  it('is relied on again when it was confirmed', async () => {
    const { lease, clock } = held();
    clock.elapsed += 20_000;

    await lease.confirm();

    expect(() => lease.assertFresh()).not.toThrow();
  });

  it('counts from before it was asked about: an answer may come late', async () => {
    const { lease, clock } = held(() => {
      clock.elapsed += 16_000;
      return Promise.resolve(true);
    });

    await lease.confirm();

    expect(() => lease.assertFresh()).toThrow(lostError);
  });

  it('is lost once, and for good, when another one has it', async () => {
    const answers = [false, true];
    const { lease } = held(() => Promise.resolve(answers.shift() ?? true));
    const listener = vi.fn();
    lease.onLost(listener);

    await lease.keep();
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });

    expect(listener).toHaveBeenCalledOnce();
    expect(() => lease.assertFresh()).toThrow(lostError);
  });

  it('outlives a database that cannot be asked for a while, and is lost when it has ended meanwhile', async () => {
    const { lease, clock } = held(() => Promise.reject(new Error('unreachable')));
    const listener = vi.fn();
    lease.onLost(listener);
    clock.elapsed += 29_000;
    await lease.keep();
    expect(listener).not.toHaveBeenCalled();

    clock.elapsed += 2_000;
    await lease.keep();

    expect(listener).toHaveBeenCalledOnce();
  });

  it('is kept when the database renewed it, however long the answer took: the session was busy with a long transaction', async () => {
    const { lease, clock } = held(() => {
      clock.elapsed += 40_000;
      return Promise.resolve(true);
    });
    const listener = vi.fn();
    lease.onLost(listener);

    await lease.keep();

    expect(listener).not.toHaveBeenCalled();
    await expect(lease.confirm()).resolves.toBeUndefined();
  });

  it('is asked about once at a time, while the session is busy', async () => {
    const answer = Promise.withResolvers<boolean>();
    const renew = vi.fn(() => answer.promise);
    const { lease } = held(renew);

    const kept = [lease.keep(), lease.keep(), lease.keep()];
    answer.resolve(true);
    await Promise.all(kept);

    expect(renew).toHaveBeenCalledOnce();
  });

  it('is given back without a complaint when that fails', async () => {
    const { lease, giveBack } = held();
    giveBack.mockRejectedValue(new Error('unreachable'));

    await expect(lease.release()).resolves.toBeUndefined();
  });
});
