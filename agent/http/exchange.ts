import { Agent, DecoratorHandler, type Dispatcher } from 'undici';
import type { ErrorCode } from '../../core/errors.ts';
import { ConnectFailure, errorCode } from './connect-failure.ts';
import { createConnector } from './connector.ts';
import type { HttpRequest } from './http-client.ts';
import type { HttpNetwork } from './network.ts';

/** Bounds of one attempt, in milliseconds. */
export interface HttpTimeouts {
  /** Each step of connecting: name resolution and TCP, the proxy's answer, TLS. */
  readonly connect: number;
  /** From the request's end to the answer's headers. */
  readonly headers: number;
  /** Between two pieces of the answer's body. */
  readonly body: number;
  /** The attempt as a whole. */
  readonly whole: number;
}

const timeoutDefaults: HttpTimeouts = { connect: 10_000, headers: 60_000, body: 30_000, whole: 120_000 };

/** What became of sending a request once. `mayPass`: the same again may succeed. */
export type Attempt =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      readonly bytes: number;
    }
  /** No connection was made, so certainly nothing was sent. `report`: the code that says it better than the service's own. */
  | {
      readonly kind: 'not-sent';
      readonly reason: string;
      readonly mayPass: boolean;
      readonly report: ErrorCode | null;
      readonly cause: unknown;
    }
  /** It may have been sent, and there is no usable answer. */
  | {
      readonly kind: 'broken';
      readonly why: 'timeout' | 'connection' | 'unusable' | 'aborted';
      readonly reason: string;
      readonly mayPass: boolean;
      readonly cause: unknown;
    };

export interface ExchangerOptions {
  readonly timeouts: Partial<HttpTimeouts>;
  readonly maxAnswerBytes: number;
  readonly connections: number;
  readonly network: HttpNetwork;
}

export interface Exchanger {
  /**
   * Sends once, follows no redirect. `signal` ends it as `aborted`. What `assertMaySend` throws, right before the first byte would leave,
   * is `not-sent`; what it throws while no answer has come gives the request up, before it reaches anybody that it has not reached yet.
   */
  exchange(request: HttpRequest, url: URL, how: { readonly signal?: AbortSignal; readonly assertMaySend?: () => void }): Promise<Attempt>;
  close(): Promise<void>;
}

/** How often it is asked whether a write that is under way may still come. */
const lookEveryMs = 1_000;

/** Sends single requests over undici's pool and says what became of each, without repeating any. */
export function createExchanger(options: ExchangerOptions): Exchanger {
  const timeouts = { ...timeoutDefaults, ...options.timeouts };
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    connect: createConnector(options.network, timeouts.connect),
  });

  async function exchange(
    request: HttpRequest,
    url: URL,
    { signal, assertMaySend }: Parameters<Exchanger['exchange']>[2],
  ): Promise<Attempt> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new AttemptTimeout()), timeouts.whole);
    let isUnderWay = false;
    const mayStillCome = (): void => {
      try {
        if (isUnderWay) assertMaySend?.();
      } catch {
        stop.abort(new GivenUp());
      }
    };
    const watch = assertMaySend === undefined ? undefined : setInterval(mayStillCome, lookEveryMs);
    const begin = (): void => {
      assertMaySend?.();
      isUnderWay = true;
    };
    try {
      const dispatcher = assertMaySend === undefined ? agent : agent.compose(askedFirst(begin));
      const response = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { ...request.headers },
        body: request.bytes ?? request.body ?? null,
        signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
      });
      return await readAnswer(response, options.maxAnswerBytes);
    } catch (cause) {
      return classify(cause, signal);
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
    }
  }

  // Idle kept-alive connections would hold a process open; nothing is under way when an owner closes its client.
  return { exchange, close: () => agent.destroy() };
}

/** What was sent, and may be on its way still, may not come any more. */
class GivenUp extends Error {
  readonly code = 'GIVEN_UP';
}

class NotToBeSent extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super('it may not be sent any more');
    this.cause = cause;
  }
}

/** Asks once more when the connection is there: that takes its time, and a paused process does not notice how much. */
class AskedFirst extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #assertMaySend: () => void;

  constructor(handler: Dispatcher.DispatchHandler, assertMaySend: () => void) {
    super(handler);
    this.#handler = handler;
    this.#assertMaySend = assertMaySend;
  }

  /** undici writes the request when this has returned; what is thrown here ends it before. */
  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    try {
      this.#assertMaySend();
    } catch (cause) {
      throw new NotToBeSent(cause);
    }
    this.#handler.onRequestStart?.(controller, context);
  }
}

function askedFirst(assertMaySend: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch(options, new AskedFirst(handler, assertMaySend));
}

class AttemptTimeout extends Error {
  readonly code = 'ATTEMPT_TIMEOUT';
}

async function readAnswer(response: Dispatcher.ResponseData, maxAnswerBytes: number): Promise<Attempt> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) {
      // Leaving the loop destroys the body, and with it the connection.
      return unusable(`the answer is larger than ${maxAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  const isSuccess = response.statusCode >= 200 && response.statusCode < 300;
  const whole = Buffer.concat(chunks);
  try {
    // Replacement characters in a record would be written back with it; in an error page they do no harm.
    const text = new TextDecoder('utf-8', { fatal: isSuccess }).decode(whole);
    return { kind: 'answer', status: response.statusCode, headers: plainHeaders(response.headers), text, bytes };
  } catch (cause) {
    return unusable('the answer is not UTF-8', cause);
  }
}

function unusable(reason: string, cause?: unknown): Attempt {
  return { kind: 'broken', why: 'unusable', reason, mayPass: false, cause };
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      plain[name] = typeof value === 'string' ? value : value.join(', ');
    }
  }
  return plain;
}

const timeoutReasons: Readonly<Record<string, string>> = {
  ATTEMPT_TIMEOUT: 'the request took too long as a whole',
  GIVEN_UP: 'no answer came while it was certain that it might be sent',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
};

function classify(cause: unknown, signal: AbortSignal | undefined): Attempt {
  const code = errorCode(cause);
  // Only an error that the connector itself gave proves that nothing was sent; error codes alone occur after sending as well.
  if (cause instanceof ConnectFailure) {
    return { kind: 'not-sent', reason: cause.message, mayPass: cause.mayPass, report: cause.report, cause: cause.cause ?? cause };
  }
  if (cause instanceof NotToBeSent) {
    return { kind: 'not-sent', reason: cause.message, mayPass: true, report: null, cause: cause.cause };
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    // undici refuses what it will not send: a line break in a header, say. Its message names the header, not the value.
    return { kind: 'not-sent', reason: 'the request has an invalid header or address', mayPass: false, report: null, cause };
  }
  if (signal?.aborted === true) {
    return { kind: 'broken', why: 'aborted', reason: 'stopped', mayPass: false, cause };
  }
  const timeout = timeoutReasons[code];
  if (timeout !== undefined) {
    return { kind: 'broken', why: 'timeout', reason: timeout, mayPass: true, cause };
  }
  return {
    kind: 'broken',
    why: 'connection',
    reason: `the connection broke before the answer was complete (${code})`,
    mayPass: true,
    cause,
  };
}
