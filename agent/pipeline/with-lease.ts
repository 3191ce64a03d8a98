import { setTimeout as pause } from 'node:timers/promises';
import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Lease, LeaseHolder } from '../../core/ports/lease.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Services } from './services.ts';

/** As long as a lease that nobody renews lasts, and a little more: what a hub that died was doing is taken over. */
const unattendedMs = 40_000;
/** As long as a person waits for a sync to end. */
const attendedMs = 60_000;
const askEveryMs = 500;

interface Wanted {
  readonly organization: OrganizationId;
  /** How long to wait for whoever is in charge. */
  readonly patienceMs?: number;
}

/** When a piece of work under a lease is to stop, for the pieces within it. */
const signals = new WeakMap<Lease, AbortSignal>();

/**
 * Does a piece of work while this process alone is in charge of the organization (H4). Within another such piece of the same command it
 * is part of that. Where somebody else is in charge it waits a while, or for `patienceMs`, and throws `ORGANIZATION_BUSY`. The signal ends
 * with the command, and when the lease is lost; what is written then is refused with `STORE_LEASE_LOST`, and so ends a piece of work
 * that stopped for it: another process does it, or this one later.
 */
export async function withLease<Value>(
  services: Services,
  store: Store,
  { organization, patienceMs = services.attended ? attendedMs : unattendedMs }: Wanted,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const own = services.leases.find((lease) => lease.organization === organization);
  if (own !== undefined) return work(signals.get(own) ?? services.signal);
  const lease = await granted(services, store, organization, patienceMs);
  const lost = new AbortController();
  lease.onLost(() => lost.abort());
  const signal = AbortSignal.any([services.signal, lost.signal]);
  signals.set(lease, signal);
  services.leases.push(lease);
  try {
    const value = await work(signal);
    if (lost.signal.aborted && !services.signal.aborted) throw lostLease(organization);
    return value;
  } finally {
    services.leases.splice(services.leases.indexOf(lease), 1);
    await lease.release();
  }
}

async function granted(services: Services, store: Store, organization: OrganizationId, patienceMs: number): Promise<Lease> {
  const until = performance.now() + patienceMs;
  let waiting: ReturnType<Services['progress']['start']> | null = null;
  for (;;) {
    const answer = await store.acquireLease(organization, services.now());
    if (answer.kind === 'granted') {
      waiting?.done();
      return answer.lease;
    }
    const { by } = answer;
    if (performance.now() >= until) {
      waiting?.fail();
      throw busy(organization, by);
    }
    waiting ??= services.progress.start(`Waiting for "${by.command}" on ${by.host}, which works on organization ${organization}`);
    await pause(askEveryMs, undefined, { signal: services.signal }).catch((cause: unknown) => {
      throw new RollcallError('INTERRUPTED', 'Stopped while it waited for another process.', { cause });
    });
  }
}

function lostLease(organization: OrganizationId): RollcallError {
  return new RollcallError('STORE_LEASE_LOST', `This process was not in charge of organization ${organization} to the end of its work.`, {
    place: { organization },
  });
}

function busy(organization: OrganizationId, { host, process, command, until }: LeaseHolder): RollcallError {
  return new RollcallError(
    'ORGANIZATION_BUSY',
    `Organization ${organization} is being worked on by "${command}" (process ${process} on ${host}).`,
    {
      place: { organization, host, process, until: new Date(until).toISOString() },
    },
  );
}
