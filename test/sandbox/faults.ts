import type { SandboxRequest } from './exchange.ts';

/**
 * What goes wrong.
 * - `lost-before`, `lost-after`: the connection breaks before the request is carried out, or after it.
 * - `stall-before`, `stall-after`: the same, but the connection stays open and silent.
 * - `slow`: waits `delayMs`, then answers as usual.
 * - `rate-limited`: 429, with Retry-After when `retryAfter` is given.
 * - `unauthorized` 401, `forbidden` 403, `bad-request` 400, `server-error` 500 HTML, `bad-gateway` 502, `unavailable` 503,
 *   `gateway-timeout` 504, `timeout-body` (the vendor's JSON body of a request that took too long), `not-found-html`.
 *   These take the place of the answer; the request is carried out all the same when `commit` is true.
 * - `truncated`, `oversized` (`sizeBytes`), `not-json`, `wrong-content-type`, `html-200`: carried out, the answer is broken.
 * - `redirect`: 302 to `location`.
 * - `drift-create`, `drift-delete`: after the answer somebody else creates or deletes a record; `change`: runs this instead.
 * - `wrong-total`, `duplicate-id`, `filter-ignored`: the list lies.
 * - Autotask: `error-body` (500 that is no validation error), `empty-error` (empty 500), `thread-limit`, `hourly-limit`.
 * - BMS: `success-false` (200), `token-expired` (all tokens end), `sign-in-refused`, `hourly-limit`.
 */
export type FaultKind = (typeof faultKinds)[number];

export const faultKinds = [
  'lost-before',
  'lost-after',
  'stall-before',
  'stall-after',
  'slow',
  'rate-limited',
  'unauthorized',
  'forbidden',
  'bad-request',
  'server-error',
  'bad-gateway',
  'unavailable',
  'gateway-timeout',
  'timeout-body',
  'not-found-html',
  'truncated',
  'oversized',
  'not-json',
  'wrong-content-type',
  'html-200',
  'redirect',
  'drift-create',
  'drift-delete',
  'change',
  'wrong-total',
  'duplicate-id',
  'filter-ignored',
  'success-false',
  'token-expired',
  'sign-in-refused',
  'hourly-limit',
  'error-body',
  'empty-error',
  'thread-limit',
] as const;

type FaultMatch =
  | ((request: SandboxRequest) => boolean)
  | {
      readonly method?: string;
      /** Tested against path and decoded query: `/contacts?page[number]=2`. */
      readonly path?: RegExp | string;
    };

export interface Fault {
  readonly kind: FaultKind;
  /** Default: any request. */
  readonly match?: FaultMatch;
  /** The first matching request that is hit, from 1. Default 1. */
  readonly nth?: number;
  /** How many matching requests are hit from there on. Default 1; `Infinity` for all. */
  readonly times?: number;
  /** For faults that take the place of the answer: carry the request out first. Default false. */
  readonly commit?: boolean;
  readonly delayMs?: number;
  /** Seconds, or a date as HTTP writes it. */
  readonly retryAfter?: number | string;
  readonly sizeBytes?: number;
  readonly location?: string;
  readonly change?: () => void;
}

/** The faults that wait for their request. Each request is hit by at most one: the first that was added. */
export class Faults {
  readonly #waiting: { fault: Fault; seen: number; hits: number }[] = [];

  /** Adds a fault; the returned function takes it away. */
  add(fault: Fault): () => void {
    const entry = { fault, seen: 0, hits: 0 };
    this.#waiting.push(entry);
    return () => {
      const index = this.#waiting.indexOf(entry);
      if (index >= 0) {
        this.#waiting.splice(index, 1);
      }
    };
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** Faults that have not hit as often as they should; a test may demand none. */
  get pending(): readonly Fault[] {
    return this.#waiting.map((entry) => entry.fault);
  }

  /** The fault that hits this request, if any. */
  take(request: SandboxRequest): Fault | null {
    let taken: Fault | null = null;
    for (const entry of this.#waiting) {
      if (matches(entry.fault.match, request)) {
        entry.seen += 1;
        if (taken === null && entry.seen >= (entry.fault.nth ?? 1)) {
          taken = entry.fault;
          entry.hits += 1;
        }
      }
    }
    const spent = this.#waiting.findIndex((entry) => entry.hits >= (entry.fault.times ?? 1));
    if (spent >= 0) {
      this.#waiting.splice(spent, 1);
    }
    return taken;
  }
}

function matches(match: FaultMatch | undefined, request: SandboxRequest): boolean {
  if (match === undefined) {
    return true;
  }
  if (typeof match === 'function') {
    return match(request);
  }
  const query = [...request.query].map(([key, value]) => `${key}=${value}`).join('&');
  const address = query === '' ? request.path : `${request.path}?${query}`;
  const pattern = typeof match.path === 'string' ? new RegExp(match.path) : match.path;
  return (match.method === undefined || match.method.toUpperCase() === request.method) && (pattern?.test(address) ?? true);
}
