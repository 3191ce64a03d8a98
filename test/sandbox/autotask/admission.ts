import type { Answer, SandboxRequest } from '../exchange.ts';
import type { Tenant } from './envelope.ts';
import { errorAnswer } from './envelope.ts';
import type { StrayCredentials } from './records.ts';
import { isOpen } from './routes.ts';
import type { Threads } from './threads.ts';

const minuteMs = 60_000;
const credentialHeaders = ['username', 'secret', 'apiintegrationcode'];

/** What one of the sandbox's servers is; a zone becomes an old one when the tenant moves. */
export interface Place {
  kind: 'look-up' | 'zone' | 'old-zone' | 'foreign';
}

/** What the sandbox sees besides the log. */
export interface Observed {
  readonly threads: Threads;
  /** Requests that came while the tenant was half used or more. */
  slowed: number;
  readonly strayCredentials: StrayCredentials[];
}

/** Names of the credential headers of a request. */
export function sentCredentials(request: SandboxRequest): readonly string[] {
  return credentialHeaders.filter((name) => request.headers[name] !== undefined);
}

/** Zone, credentials, hourly limit, threads; `null` lets the request in. */
export function admit(tenant: Tenant, request: SandboxRequest, place: Place, observed: Observed): Answer | null {
  if (isOpen(request.method, request.path)) {
    return null;
  }
  if (place.kind !== 'zone' || !hasCredentials(tenant, request)) {
    return unauthorized();
  }
  const { data, switches } = tenant;
  const used = data.usage.count;
  let refusal = observed.threads.isOver(request) ? overThreads(tenant) : null;
  if (used >= switches.hourlyLimit) {
    data.usage.suspendedUntil = Math.max(data.usage.suspendedUntil, tenant.now() + switches.suspensionMinutes * minuteMs);
    refusal = overLimit(tenant);
  } else if (tenant.now() < data.usage.suspendedUntil) {
    refusal = overLimit(tenant);
  }
  if (refusal === null || switches.refusedRequests === 'counted') {
    data.usage.add(1);
  }
  if (refusal === null && used >= switches.hourlyLimit / 2) {
    observed.slowed += 1;
  }
  return refusal;
}

/** Milliseconds that a request waits because the tenant is half used or more. */
export function slowness({ data, switches }: Tenant): number {
  if (switches.slowMs === 0 || data.usage.count < switches.hourlyLimit / 2) {
    return 0;
  }
  return data.usage.count < (switches.hourlyLimit * 3) / 4 ? switches.slowMs : switches.slowMs * 2;
}

/** The empty 401 of wrong or missing credentials, and of a wrong zone. */
export function unauthorized(): Answer {
  return { status: 401 };
}

export function overLimit(tenant: Tenant): Answer {
  const { overLimit: status, hourlyLimit, retryAfter } = tenant.switches;
  const text = `The number of external requests made to the database has exceeded the threshold of ${hourlyLimit} requests within the last 60 minutes.`;
  return withRetryAfter(errorAnswer(status, text), retryAfter);
}

export function overThreads(tenant: Tenant): Answer {
  const { overThreads: status, retryAfter } = tenant.switches;
  // The number is the vendor's own, whatever the switch: clients know the text.
  const text = 'Thread Threshold Exceeded - The Autotask API thread threshold of 3 threads has been exceeded.';
  return withRetryAfter(errorAnswer(status, text), retryAfter);
}

function withRetryAfter(answer: Answer, retryAfter: number | null): Answer {
  return answer.status === 429 && retryAfter !== null ? { ...answer, headers: { 'retry-after': String(retryAfter) } } : answer;
}

function hasCredentials({ credentials }: Tenant, { headers }: SandboxRequest): boolean {
  return (
    headers['username']?.toLowerCase() === credentials.userName.toLowerCase() &&
    headers['secret'] === credentials.secret &&
    headers['apiintegrationcode'] === credentials.integrationCode
  );
}
