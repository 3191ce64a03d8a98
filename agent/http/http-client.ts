import { type ErrorCode, RollcallError } from '../../core/errors.ts';
import { checkAddress, loggablePath } from './address.ts';
import { type Attempt, createExchanger, type HttpTimeouts } from './exchange.ts';
import { type HttpClock, systemClock } from './http-clock.ts';
import { type HttpNetwork, plainNetwork } from './network.ts';
import { createRateBudget, type RateBudget, type RateLimit } from './rate-budget.ts';
import { growingPauseMs, isRetryableStatus, type RetryPolicy, retryDefaults } from './retry.ts';
import { retryAfterMs } from './retry-after.ts';
import type { SpentBudgets } from './spent-budgets.ts';

/** One HTTP exchange as an adapter asks for it. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Absolute address. Credentials never stand in it. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A body that is no text, in place of `body`. */
  readonly bytes?: Uint8Array;
  /** Names the rate budget's bucket; requests of one bucket share it. Defaults to the origin. */
  readonly budget?: string;
  /**
   * `read`: may be repeated. `write`: sent at most once; when the answer is lost the result is `lost`.
   * A POST that only asks (a sign-in, a search) may be a `read`.
   */
  readonly intent: 'read' | 'write';
  /** How often a read may be sent, when not as often as the client's policy says (a list asks for a smaller page instead). */
  readonly attempts?: number;
  /** What the bucket may send from now on, where the service itself tells it: as many limits as the client has. */
  readonly limits?: readonly RateLimit[];
  /** For a service that refuses a request by 500: a 5xx to a read is an answer too, and the caller tells whether it may pass. */
  readonly keepsFaults?: boolean;
}

/** What came back. An adapter looks at `status` itself: any status but a retryable one to a read is an answer. */
export type HttpResult =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }
  /** The request may have reached the server, and no usable answer came (time-out, reset, oversized body). Only for writes. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Counts for bench, status and the sandbox's sums. Repeats are counted in `reads` and `writes` too. */
interface HttpCounts {
  readonly reads: number;
  readonly writes: number;
  readonly retries: number;
  readonly bytesReceived: number;
}

/** The codes to throw for this service. */
export interface HttpErrorCodes {
  /** No connection could be made, or each one broke. */
  readonly unreachable: ErrorCode;
  /** 429 beyond the time that is waited for. */
  readonly rateLimited: ErrorCode;
  /** 5xx or no answer in time, to the last attempt of a read. */
  readonly serverError: ErrorCode;
  /** A read's answer was larger than allowed, or not UTF-8. */
  readonly answerInvalid: ErrorCode;
}

/** One request as it was sent, for logs: no header, no body, no value of a query. */
export interface HttpExchange {
  readonly service: string;
  readonly method: string;
  /** Path and the names of the query's members. */
  readonly path: string;
  /** `null`: no answer. */
  readonly status: number | null;
  readonly ms: number;
  /** 1 for the first time this request was sent. */
  readonly attempt: number;
}

export interface HttpClientOptions {
  /** Name of the service in messages, for example `IT Glue`. */
  readonly service: string;
  readonly codes: HttpErrorCodes;
  /** What each bucket may send: all of these limits hold at once. A function gives each bucket its own. */
  readonly limits: readonly RateLimit[] | ((bucket: string) => readonly RateLimit[]);
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Largest answer accepted, in bytes; 32 MiB when not given. */
  readonly maxAnswerBytes?: number;
  /** The proxy and whose certificates are trusted (`networkOptions`); straight out, with Node's and the system's roots, when not given. */
  readonly network?: HttpNetwork;
  /**
   * Where the rate budgets live, so that clients made one after another keep one limit; of its own when not given. Clients that share
   * it have one clock.
   */
  readonly budgets?: Map<string, RateBudget>;
  /** What processes before and beside this one granted; not known when not given. */
  readonly spent?: Pick<SpentBudgets, 'attach' | 'note'>;
  /** Ends waiting and reads with `INTERRUPTED`. A write that was sent is let finish: its answer matters. */
  readonly signal?: AbortSignal;
  readonly retry?: Partial<RetryPolicy>;
  /** Every write may be sent when not given. */
  readonly permission?: WritePermission;
  /** Open connections per origin; 4 when not given. */
  readonly connections?: number;
  readonly clock?: HttpClock;
  /** A number from 0 to below 1, for the jitter of pauses. */
  readonly random?: () => number;
  readonly onExchange?: (exchange: HttpExchange) => void;
}

/**
 * The one way out by HTTP. Keeps the rate budget, retries reads (429 with and without Retry-After, 5xx, broken connections) with
 * growing pauses, bounds the size of an answer and the time of every step, verifies TLS, follows no redirect. A 429 to a write
 * was not carried out and is waited for and sent again within the same bound; so is a connection that could not be made.
 * Throws `RollcallError` with the codes its maker was given when nothing can be had: address unreachable (connection never made:
 * a write certainly did not happen), reads that failed to the end; `HTTP_PROXY_*` and `HTTP_CERTIFICATE_REJECTED`, which say the same
 * as unreachable with the reason; `CONFIG_INVALID` for `http:` to another machine; `INTERRUPTED`.
 * An answer with an error status that is not retryable is an `answer`; so is a 5xx to a write, of which nothing is known.
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResult>;
  readonly counts: HttpCounts;
  close(): Promise<void>;
}

const defaultAnswerBytes = 32 * 1024 * 1024;

/** Whether a write may be sent. */
export interface WritePermission {
  /** Asked before each attempt of a write; throws why it may not be sent. */
  confirm(): Promise<void>;
  /** Asked once more right before its first byte leaves, when a connection may have taken its time. Throws the same. */
  assertFresh(): void;
}

/** Builds the client of one service. All its requests share the rate budgets; close it when done. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const policy: RetryPolicy = { ...retryDefaults, ...options.retry };
  const counts = { reads: 0, writes: 0, retries: 0, bytesReceived: 0 };
  const budgets = options.budgets ?? new Map<string, RateBudget>();
  const exchanger = createExchanger({
    maxAnswerBytes: options.maxAnswerBytes ?? defaultAnswerBytes,
    timeouts: options.timeouts ?? {},
    connections: options.connections ?? 4,
    network: options.network ?? plainNetwork(),
  });

  function budgetOf(bucket: string): RateBudget {
    const key = keyOf(bucket);
    const known = budgets.get(key);
    if (known !== undefined) {
      return known;
    }
    const limits = typeof options.limits === 'function' ? options.limits(bucket) : options.limits;
    const budget = createRateBudget(limits, clock);
    budgets.set(key, budget);
    options.spent?.attach(key, budget);
    return budget;
  }

  function keyOf(bucket: string): string {
    return `${options.service}: ${bucket}`;
  }

  async function attempt(request: HttpRequest, url: URL, number: number): Promise<Attempt> {
    const startedAt = clock.elapsed();
    const isRead = request.intent === 'read';
    const { permission } = options;
    if (!isRead) await permission?.confirm();
    const result = await exchanger.exchange(request, url, {
      ...(isRead && options.signal !== undefined ? { signal: options.signal } : {}),
      ...(isRead || permission === undefined ? {} : { assertMaySend: () => permission.assertFresh() }),
    });
    if (result.kind !== 'not-sent') {
      counts[request.intent === 'read' ? 'reads' : 'writes'] += 1;
      counts.retries += number > 1 ? 1 : 0;
    }
    counts.bytesReceived += result.kind === 'answer' ? result.bytes : 0;
    options.onExchange?.({
      service: options.service,
      method: request.method,
      path: loggablePath(url),
      status: result.kind === 'answer' ? result.status : null,
      ms: Math.round(clock.elapsed() - startedAt),
      attempt: number,
    });
    return result;
  }

  function failure(code: ErrorCode, what: string, request: HttpRequest, result: Attempt): RollcallError {
    const url = new URL(request.url);
    const asked = result.kind === 'answer' ? retryAfterMs(result.headers['retry-after'], clock.now()) : null;
    return new RollcallError(code, `${options.service} (${url.origin}): ${what}`, {
      place: {
        method: request.method,
        path: url.pathname,
        ...(result.kind === 'answer' ? { status: result.status } : {}),
        ...(asked === null ? {} : { retryAfterMs: asked }),
      },
      ...(result.kind === 'answer' ? {} : { cause: result.cause }),
    });
  }

  /** The error that ends a read for which this was the last attempt, or a request that was never sent. */
  function ending(request: HttpRequest, result: Attempt, sent: number): RollcallError {
    // Whoever gives permission says best why there was none.
    if (result.kind === 'not-sent' && result.cause instanceof RollcallError) return result.cause;
    const times = sent === 1 ? '' : ` (tried ${sent} times)`;
    if (result.kind === 'answer') {
      return failure(options.codes.serverError, `the server answered ${result.status}${times}`, request, result);
    }
    if (result.kind === 'not-sent') {
      return failure(result.report ?? options.codes.unreachable, `no connection: ${result.reason}${times}`, request, result);
    }
    const codes = {
      aborted: 'INTERRUPTED',
      timeout: options.codes.serverError,
      connection: options.codes.unreachable,
      unusable: options.codes.answerInvalid,
    } as const;
    return failure(codes[result.why], `${result.reason}${times}`, request, result);
  }

  function retryPauseMs(result: Attempt, sent: number): number {
    const asked = result.kind === 'answer' ? retryAfterMs(result.headers['retry-after'], clock.now()) : null;
    const own = growingPauseMs(policy.firstPauseMs, policy.longestPauseMs, sent, random());
    return Math.max(own, Math.min(asked ?? 0, policy.rateLimitWaitMs));
  }

  async function send(request: HttpRequest): Promise<HttpResult> {
    const url = checkAddress(request.url);
    const bucket = request.budget ?? url.origin;
    const budget = budgetOf(bucket);
    if (request.limits !== undefined) budget.resize(request.limits);
    const attempts = request.attempts ?? policy.attempts;
    let refusals = 0;
    let waitedMs = 0;
    for (let sent = 1; ; sent += 1) {
      await budget.take(options.signal);
      options.spent?.note(keyOf(bucket));
      const result = await attempt(request, url, sent);
      if (result.kind === 'answer' && result.status === 429) {
        refusals += 1;
        const own = growingPauseMs(policy.rateLimitPauseMs, policy.longestRateLimitPauseMs, refusals, random());
        const askedMs = retryAfterMs(result.headers['retry-after'], clock.now());
        const pauseMs = askedMs ?? own;
        // A server that asks for no pause at all is not asked for ever.
        waitedMs += Math.max(1_000, pauseMs);
        if (waitedMs > policy.rateLimitWaitMs) {
          const words = (askedMs ?? 0) > policy.rateLimitWaitMs ? askedTooMuch(askedMs ?? 0) : 'refused again after all pauses';
          throw failure(options.codes.rateLimited, `too many requests (429); ${words}`, request, result);
        }
        // Everybody who shares the limit waits, not only this caller.
        budget.pause(pauseMs);
        continue;
      }
      const isLast = sent - refusals >= attempts;
      if (result.kind === 'answer') {
        if (request.intent === 'write' || request.keepsFaults === true || !isRetryableStatus(result.status)) {
          return { kind: 'answer', status: result.status, headers: result.headers, text: result.text };
        }
      } else if (request.intent === 'write' && result.kind === 'broken') {
        return { kind: 'lost', reason: result.reason };
      }
      if (isLast || (result.kind !== 'answer' && !result.mayPass)) {
        throw ending(request, result, sent);
      }
      await clock.wait(retryPauseMs(result, sent - refusals), options.signal);
    }
  }

  return { send, counts, close: () => exchanger.close() };
}

function askedTooMuch(askedMs: number): string {
  return `the server asks for a pause of ${Math.ceil(askedMs / 60_000)} minutes, longer than is waited for`;
}
