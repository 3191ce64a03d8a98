import { RollcallError } from '../../../core/errors.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import type { RateLimit } from '../../http/rate-budget.ts';
import type { TenantMemory, ToldUsage } from './memory.ts';
import { ownShare, productName, stopAt, tenantRequestsPerHour } from './products.ts';

interface BudgetOptions {
  readonly memory: TenantMemory;
  /** rollcall's part of the tenant's requests, from 0 to 1. */
  readonly share: number;
  readonly clock: Pick<HttpClock, 'now' | 'wait'>;
  readonly signal?: AbortSignal | undefined;
  /** Asks the tenant; `null`: it does not tell. */
  readonly readUsage: () => Promise<Pick<ToldUsage, 'limit' | 'windowMs' | 'used'> | null>;
}

/**
 * Keeps within what all integrations of a tenant have together: from half of it on rollcall goes at half of its speed, at 90 % it stops.
 * That rollcall itself takes no more than its share is the HTTP client's to keep, by `limits`.
 */
export interface HourlyBudget {
  /** Lets one request go, at once or later. Throws `PSA_RATE_LIMITED` when the tenant has used too much, `INTERRUPTED`. */
  admit(): Promise<void>;
  /** Says that the tenant refused for too many requests: what is known of its usage is wrong. */
  wasRefused(): void;
  /** What rollcall may send by itself. */
  readonly limits: readonly RateLimit[];
}

const hourMs = 3_600_000;
const slowFrom = 0.5;
/** What was told is old after so many own requests, at most … */
const readEvery = 100;
/** … of a tenant with few requests after fewer, but never after less than this. */
const readEveryAtLeast = 10;
const readAgainMs = 600_000;
/** While rollcall is stopped it asks no more often than this. */
const stoppedMs = 60_000;

export function createHourlyBudget({ memory, share, clock, signal, readUsage }: BudgetOptions): HourlyBudget {
  function tenantLimit(): number {
    return memory.usage?.limit ?? tenantRequestsPerHour;
  }

  function windowMs(): number {
    return memory.usage?.windowMs ?? hourMs;
  }

  function ownLimit(): number {
    return Math.max(1, Math.floor(ownShare(share) * tenantLimit()));
  }

  /** Of all integrations by now, as far as it can be known. */
  function used(): number | null {
    const told = memory.usage?.used ?? null;
    return told === null ? null : told + memory.sentSince;
  }

  function isOld(): boolean {
    if (memory.usage === null) return true;
    const ageMs = clock.now() - memory.usage.toldAt;
    const afterRequests = Math.max(readEveryAtLeast, Math.min(readEvery, Math.floor(tenantLimit() / readEvery)));
    return memory.sentSince >= afterRequests || ageMs >= readAgainMs || ageMs < 0 || (isStopped() && ageMs >= stoppedMs);
  }

  function isStopped(): boolean {
    return (used() ?? 0) >= stopAt * tenantLimit();
  }

  function refresh(): Promise<void> {
    memory.reading ??= read().finally(() => {
      memory.reading = null;
    });
    return memory.reading;
  }

  async function read(): Promise<void> {
    const told = await readUsage();
    const before = { limit: tenantLimit(), windowMs: windowMs(), used: null };
    memory.usage = { ...(told ?? before), toldAt: clock.now() };
    memory.sentSince = 0;
  }

  async function admit(): Promise<void> {
    if (isOld()) await refresh();
    if (isStopped()) throw stopped();
    memory.sentSince += 1;
    if ((used() ?? 0) <= slowFrom * tenantLimit()) return;
    const now = clock.now();
    const pauseMs = windowMs() / ownLimit() / slowFrom;
    // A clock that was set back makes nobody wait longer than one pause.
    const at = Math.min(Math.max(now, memory.slowUntil), now + 2 * pauseMs);
    memory.slowUntil = at + pauseMs;
    if (at > now) await clock.wait(at - now, signal);
  }

  function stopped(): RollcallError {
    const usedNow = used() ?? 0;
    const until = new Date((memory.usage?.toldAt ?? clock.now()) + windowMs()).toISOString().replace(/:\d\d\.\d+Z$/, ' UTC');
    const minutes = Math.round(windowMs() / 60_000);
    return new RollcallError(
      'PSA_RATE_LIMITED',
      `${productName}: all integrations together have used ${usedNow} of ${tenantLimit()} requests in ${minutes} minutes; rollcall stops at ${stopAt * 100} %. They become free again bit by bit, all of them by ${until.replace('T', ' ')} if nobody else goes on.`,
      { place: { system: productName, used: usedNow, limit: tenantLimit(), freeBy: until } },
    );
  }

  return {
    admit,
    wasRefused() {
      memory.usage = memory.usage === null ? null : { ...memory.usage, toldAt: Number.NEGATIVE_INFINITY };
    },
    get limits() {
      return [{ requests: ownLimit(), windowMs: windowMs() }];
    },
  };
}
