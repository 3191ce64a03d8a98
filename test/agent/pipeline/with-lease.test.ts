import { describe, expect, it, vi } from 'vitest';
import { withLease } from '../../../agent/pipeline/with-lease.ts';
import type { Lease, LeaseAnswer } from '../../../core/ports/lease.ts';
import type { Store } from '../../../core/ports/store.ts';
import { testOrganization } from '../../fixtures/build.ts';
import { openPipelineSite } from './pipeline-site.ts';

const held: LeaseAnswer = { kind: 'held', by: { host: 'hub-2', process: 77, command: 'rollcall run', until: 0 } };

/** A store that answers those who ask for the charge with these in turn. */
async function site(...answers: readonly LeaseAnswer[]) {
  const { services, store } = await openPipelineSite([]);
  const left = [...answers];
  const acquireLease = vi.fn(() => Promise.resolve(left.length > 1 ? (left.shift() ?? held) : (left[0] ?? held)));
  return { services, store: { ...store, acquireLease } as Store, acquireLease };
}

function granted(): { readonly answer: LeaseAnswer; readonly release: Lease['release']; readonly lose: () => void } {
  const listeners: (() => void)[] = [];
  const release = vi.fn(() => Promise.resolve());
  const lease: Lease = {
    organization: testOrganization,
    onLost: (listener) => listeners.push(listener),
    confirm: () => Promise.resolve(),
    assertFresh: () => undefined,
    release,
  };
  return {
    answer: { kind: 'granted', lease },
    release,
    lose() {
      for (const listener of listeners) listener();
    },
  };
}

describe('H4 a piece of work on an organization', () => {
  it('has its charge from its beginning to its end, also where it fails', async () => {
    const { answer, release } = granted();
    const { services, store } = await site(answer);

    await expect(
      withLease(services, store, { organization: testOrganization }, () => {
        expect(services.leases).toHaveLength(1);
        return Promise.reject(new Error('it fails'));
      }),
    ).rejects.toThrow('it fails');

    expect(services.leases).toEqual([]);
    expect(release).toHaveBeenCalledOnce();
  });

  it('is part of the one around it', async () => {
    const { answer, release } = granted();
    const { services, store, acquireLease } = await site(answer);

    await withLease(services, store, { organization: testOrganization }, async () => {
      await withLease(services, store, { organization: testOrganization }, () => Promise.resolve());
      expect(release).not.toHaveBeenCalled();
    });

    expect(acquireLease).toHaveBeenCalledOnce();
  });

  it('waits for another process, and begins when that has ended', async () => {
    const { services, store } = await site(held, granted().answer);

    expect(await withLease(services, store, { organization: testOrganization }, () => Promise.resolve('done'))).toBe('done');
  });

  it('says who is in charge when it may not wait', async () => {
    const { services, store } = await site(held);

    await expect(
      withLease(services, store, { organization: testOrganization, patienceMs: 0 }, () => Promise.resolve()),
    ).rejects.toMatchObject({
      code: 'ORGANIZATION_BUSY',
      message: expect.stringContaining('"rollcall run" (process 77 on hub-2)') as unknown,
    });
  });

  it('is told to stop when the charge is lost, and has not been done, whatever it came to', async () => {
    const { answer, lose } = granted();
    const { services, store } = await site(answer);

    const work = withLease(services, store, { organization: testOrganization }, (signal) => {
      expect(signal.aborted).toBe(false);
      lose();
      expect(signal.aborted).toBe(true);
      return Promise.resolve('half of it');
    });

    await expect(work).rejects.toMatchObject({ code: 'STORE_LEASE_LOST', place: { organization: testOrganization } });
  });

  it('is told so within another one too', async () => {
    const { answer, lose } = granted();
    const { services, store } = await site(answer);
    let isTold = false;

    const work = withLease(services, store, { organization: testOrganization }, () =>
      withLease(services, store, { organization: testOrganization }, (signal) => {
        lose();
        isTold = signal.aborted;
        return Promise.resolve();
      }),
    );

    await expect(work).rejects.toMatchObject({ code: 'STORE_LEASE_LOST' });
    expect(isTold).toBe(true);
  });

  it('that was stopped by its command has its say about how it ended', async () => {
    const { answer, lose } = granted();
    const { services, store } = await site(answer);
    const stopped = { ...services, signal: AbortSignal.abort() };

    const work = withLease(stopped, store, { organization: testOrganization }, () => {
      lose();
      return Promise.resolve('interrupted');
    });

    expect(await work).toBe('interrupted');
  });
});
