import { getCACertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { HttpRequest } from './http-client.ts';

/** Bounds of one attempt, in milliseconds. */
export interface HttpTimeouts {
  /** Name resolution, TCP and TLS. */
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
  /** No connection was made, so certainly nothing was sent. */
  | { readonly kind: 'not-sent'; readonly reason: string; readonly mayPass: boolean; readonly cause: unknown }
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
  readonly caPem?: string;
}

export interface Exchanger {
  /** Sends once, follows no redirect. The signal ends it as `aborted`. */
  exchange(request: HttpRequest, url: URL, signal?: AbortSignal): Promise<Attempt>;
  close(): Promise<void>;
}

/** Sends single requests over undici's pool and says what became of each, without repeating any. */
export function createExchanger(options: ExchangerOptions): Exchanger {
  const timeouts = { ...timeoutDefaults, ...options.timeouts };
  // Only an error that the connector itself gave proves that nothing was sent; error codes alone occur after sending as well.
  const connectFailures = new WeakSet<object>();
  const agent = createAgent(options, timeouts, connectFailures);

  async function exchange(request: HttpRequest, url: URL, signal?: AbortSignal): Promise<Attempt> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new AttemptTimeout()), timeouts.whole);
    try {
      const response = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { ...request.headers },
        body: request.body ?? null,
        signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
      });
      return await readAnswer(response, options.maxAnswerBytes);
    } catch (cause) {
      return classify(cause, connectFailures, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  // Idle kept-alive connections would hold a process open; nothing is under way when an owner closes its client.
  return { exchange, close: () => agent.destroy() };
}

class AttemptTimeout extends Error {
  readonly code = 'ATTEMPT_TIMEOUT';
}

function createAgent(options: ExchangerOptions, timeouts: HttpTimeouts, connectFailures: WeakSet<object>): Agent {
  const connector = buildConnector({
    timeout: timeouts.connect,
    allowH2: false,
    ...(options.caPem === undefined ? {} : { ca: [...getCACertificates('default'), options.caPem] }),
  });
  return new Agent({
    connections: options.connections,
    pipelining: 1,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    connect(target, done) {
      connector(target, (...[failure, socket]) => {
        if (failure === null) {
          done(null, socket);
          return;
        }
        connectFailures.add(failure);
        done(failure, null);
      });
    },
  });
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
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
};

function classify(cause: unknown, connectFailures: WeakSet<object>, signal: AbortSignal | undefined): Attempt {
  const code = errorCode(cause);
  if (typeof cause === 'object' && cause !== null && connectFailures.has(cause)) {
    return { kind: 'not-sent', reason: connectReason(code, cause), mayPass: !isCertificateFault(code), cause };
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    // undici refuses what it will not send: a line break in a header, say. Its message names the header, not the value.
    return { kind: 'not-sent', reason: 'the request has an invalid header or address', mayPass: false, cause };
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

function errorCode(cause: unknown): string {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}

function isCertificateFault(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|^ERR_TLS_(?!HANDSHAKE)|^ERR_SSL_WRONG_VERSION/u.test(code);
}

const connectReasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset while connecting',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

function connectReason(code: string, cause: object): string {
  if (isCertificateFault(code)) {
    return `the certificate is not accepted (${code})`;
  }
  // Both address families tried: the first inner error says it.
  const inner = cause instanceof AggregateError ? errorCode(cause.errors[0]) : code;
  return `${connectReasons[inner] ?? connectReasons[code] ?? 'failed'} (${inner})`;
}
