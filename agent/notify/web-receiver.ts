import { RollcallError } from '../../core/errors.ts';
import { readAddress } from '../config/address.ts';
import { isSecretReference } from '../config/value-types.ts';
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResult } from '../http/http-client.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { Redacted, reveal } from '../secrets/redacted.ts';
import { type Delivery, failed } from './delivery.ts';
import type { ResolveSecret } from './notify-settings.ts';
import { cleanText } from './outgoing.ts';

const stepMs = 10_000;
const largestAnswerBytes = 256 * 1024;

/**
 * How the client of webhook and heartbeat is made: each request is sent once, within ten seconds for all its steps; trying
 * again is the channel's business. Give it no `onExchange` that logs: the path of these addresses is a secret.
 */
export const notifyHttpOptions: Pick<
  HttpClientOptions,
  'service' | 'codes' | 'limits' | 'timeouts' | 'retry' | 'maxAnswerBytes' | 'connections'
> = {
  service: 'receiver',
  codes: {
    unreachable: 'NOTIFY_FAILED',
    rateLimited: 'NOTIFY_FAILED',
    serverError: 'NOTIFY_FAILED',
    answerInvalid: 'NOTIFY_FAILED',
  },
  limits: [{ requests: 30, windowMs: 60_000 }],
  timeouts: { connect: stepMs, headers: stepMs, body: stepMs, whole: stepMs },
  retry: { attempts: 1, rateLimitWaitMs: 0 },
  maxAnswerBytes: largestAnswerBytes,
  connections: 2,
};

export interface WebReceiverOptions {
  /** `notify.webhook` or `notify.heartbeatUrl`, for messages. */
  readonly setting: string;
  /** A plain address, or a reference to one. */
  readonly address: string;
  readonly http: HttpClient;
  readonly resolveSecret: ResolveSecret;
  /** Makes the address, which may carry a token, unprintable. */
  readonly conceal: (secret: Redacted) => void;
  readonly redact: (text: string) => string;
}

/** Sends one request to an address that may be a secret, and says what became of it. Never throws. */
export async function sendToWeb(options: WebReceiverOptions, request: Pick<HttpRequest, 'method' | 'headers' | 'body'>): Promise<Delivery> {
  const { setting } = options;
  try {
    const url = await resolveAddress(options);
    if (typeof url !== 'string') return url;
    const intent = request.method === 'GET' ? 'read' : 'write';
    return judge(options, await options.http.send({ ...request, url, intent }));
  } catch (error) {
    if (!(error instanceof RollcallError)) return failed(`${setting}: something unforeseen happened.`, unreachableHint);
    const reason = cleanText(error.message, options.redact);
    if (error.code !== 'NOTIFY_FAILED') return failed(reason.startsWith(setting) ? reason : `${setting}: ${reason}`, error.hint);
    const status = error.place['status'];
    if (typeof status === 'number') return refused(options, { status, text: '', retryAfterMs: numberOf(error.place['retryAfterMs']) });
    return failed(`${setting}: ${reason}.`, unreachableHint);
  }
}

const unreachableHint = 'Check that this machine may reach the address (name resolution, firewall, proxy).';

async function resolveAddress(options: WebReceiverOptions): Promise<string | Delivery> {
  const { address, setting } = options;
  const secret = isSecretReference(address) ? await options.resolveSecret(address, setting) : new Redacted(address);
  const url = reveal(secret);
  const read = readAddress(url);
  const isSafe = read?.scheme === 'https' || (read?.scheme === 'http' && read.isLoopback);
  if (read === null || !isSafe || read.hasUser || read.hasPassword) {
    return failed(
      `${setting} does not hold an address that starts with https://, without user name and password in it.`,
      `Put the whole address of the receiver where ${setting} says.`,
    );
  }
  options.conceal(secret);
  const { pathname, search } = new URL(url);
  if (pathname.length + search.length >= 16) options.conceal(new Redacted(`${pathname}${search}`));
  return url;
}

function judge(options: WebReceiverOptions, result: HttpResult): Delivery {
  const { setting } = options;
  if (result.kind === 'lost') {
    return failed(`${setting}: the receiver took the message, but its answer is missing: ${result.reason}.`, unreachableHint, {
      isUncertain: true,
    });
  }
  const { status, headers, text } = result;
  if (status >= 200 && status < 300) return { kind: 'delivered', remark: null };
  if (status >= 300 && status < 400) {
    const target = URL.parse(headers['location'] ?? '')?.origin;
    const where = target === undefined || target === 'null' ? '' : ` to ${target}`;
    return failed(
      `${setting}: the receiver redirects${where} (${status}); redirects are not followed.`,
      `Put the address that it redirects to where ${setting} says.`,
    );
  }
  return refused(options, { status, text, retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()) });
}

function refused(
  options: WebReceiverOptions,
  answer: { readonly status: number; readonly text: string; readonly retryAfterMs: number | null },
): Delivery {
  const { setting } = options;
  const said = answer.text.trimStart().startsWith('<') ? '' : cleanText(answer.text.slice(0, 150), options.redact);
  const words = `${setting}: the receiver answered ${answer.status}${said === '' ? '' : `: ${said}`}.`;
  return failed(words, hintOfStatus(answer.status, setting), { retryAfterMs: answer.retryAfterMs });
}

function hintOfStatus(status: number, setting: string): string {
  if (status === 429) return 'The receiver refuses for too many requests: it is tried again later.';
  if (status >= 500) return 'The receiver has a fault: it is tried again later.';
  return `The receiver does not take messages at this address: make a new one there and put it where ${setting} says.`;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
