import type { z } from 'zod';
import type { RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import type { HttpClient, HttpResult } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { parseAnswer } from '../parse-answer.ts';
import { textsOf, wordy } from '../redaction.ts';
import { type BmsReply, type BmsResult, isRedirect, readAnswer, readError, writeOutcome } from './errors.ts';
import type { BmsSession } from './session.ts';

/** Names and values of a query; several values of one name are given several times. */
export type QueryPairs = readonly (readonly [name: string, value: string])[];

interface BmsRead {
  /** The route's template: it names the rate budget, because the vendor counts by endpoint. */
  readonly route: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: QueryPairs;
  /** How often it may be sent, when not as often as reads usually are. */
  readonly attempts?: number;
}

interface BmsWrite {
  readonly method: 'POST' | 'PATCH';
  readonly route: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly contentType?: string;
}

/** The API's calls: signed in, in the route's budget, answers read into replies. */
export interface BmsClient {
  readonly productName: string;
  readonly address: string;
  /** Any answer, failures too. A second 401 in a row is thrown as `PSA_CREDENTIALS_REJECTED`. */
  ask(read: BmsRead): Promise<BmsReply>;
  /** The answer, or the error that it means. `what` says in words what is read. */
  get(what: string, read: BmsRead): Promise<BmsResult>;
  /** Sent once; again only after a 401 or too many requests, which prove that it was not carried out. */
  write(write: BmsWrite): Promise<BmsReply>;
  /** Parses a result; throws `PSA_ANSWER_INVALID` with the place of the first misfit. */
  parse<Schema extends z.ZodType>(what: string, schema: Schema, value: unknown): z.output<Schema>;
  /** The error that a failed read means. */
  readError(what: string, reply: Exclude<BmsReply, BmsResult>): RollcallError;
  /** The outcome that a failed write means; throws what concerns the whole run. */
  writeOutcome(what: string, reply: Exclude<BmsReply, BmsResult>): Exclude<WriteOutcome<never>, { kind: 'done' }>;
}

export interface ClientOptions {
  readonly productName: string;
  readonly address: string;
  readonly http: HttpClient;
  readonly session: BmsSession;
  readonly clock: Pick<HttpClock, 'wait'>;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
}

// The HTTP client repeats what the status tells. These are for what this API tells inside 200; milliseconds.
const faultPausesMs = [1_000, 4_000];
const limitPausesMs = [30_000, 120_000, 450_000];

/** Makes the client; nothing is sent yet. */
export function createBmsClient(options: ClientOptions): BmsClient {
  const { productName, address, http, session, clock, signal } = options;

  function redact(text: string): string {
    return session.redact(text);
  }

  function failed(what: string, reply: Exclude<BmsReply, BmsResult>): RollcallError {
    return readError({ productName, what, redact }, reply);
  }

  async function send(method: 'GET' | 'POST' | 'PATCH', call: BmsRead & Partial<BmsWrite>): Promise<BmsReply> {
    const faultPauses = method === 'GET' && call.attempts !== 1 ? [...faultPausesMs] : [];
    const limitPauses = [...limitPausesMs];
    let hasSignedInAgain = false;
    for (;;) {
      const token = await session.token();
      const reply = toReply(await sendOnce(method, call, token), sentBy(call));
      if (reply.kind === 'failure' && reply.class === 'unauthorized') {
        if (hasSignedInAgain) throw failed(`${method} ${call.route}`, reply);
        hasSignedInAgain = true;
        session.reject(token);
        continue;
      }
      const pauses = isPassing(reply) ? faultPauses : [];
      const pauseMs = (isLimited(reply) ? limitPauses : pauses).shift();
      if (pauseMs === undefined) return reply;
      await clock.wait(pauseMs, signal);
    }
  }

  async function sendOnce(method: 'GET' | 'POST' | 'PATCH', call: BmsRead & Partial<BmsWrite>, token: string): Promise<HttpResult> {
    const path = call.route.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(call.path?.[name] ?? ''));
    const query = (call.query ?? [])
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
      .join('&');
    return http.send({
      method,
      url: `${address}${path}${query === '' ? '' : `?${query}`}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(method === 'GET' ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(call.body) }),
      budget: `${method} ${call.route}`,
      intent: method === 'GET' ? 'read' : 'write',
      ...(call.attempts === undefined ? {} : { attempts: call.attempts }),
    });
  }

  async function get(what: string, read: BmsRead): Promise<BmsResult> {
    const reply = await send('GET', read);
    if (reply.kind !== 'result') throw failed(what, reply);
    return reply;
  }

  function parse<Schema extends z.ZodType>(what: string, schema: Schema, value: unknown): z.output<Schema> {
    return parseAnswer(productName, what, schema, value);
  }

  return {
    productName,
    address,
    ask: (read) => send('GET', read),
    get,
    write: ({ method, ...call }) => send(method, call),
    parse,
    readError: failed,
    writeOutcome: (what, reply) => writeOutcome({ productName, what, redact }, reply),
  };
}

/** Too many requests: not carried out, so a write may be sent again too. */
function isLimited(reply: BmsReply): boolean {
  return reply.kind === 'failure' && reply.class === 'limited';
}

/** A read that failed in a way that may pass. */
function isPassing(reply: BmsReply): boolean {
  return reply.kind === 'garbled' || (reply.kind === 'failure' && reply.class === 'fault' && !isRedirect(reply));
}

/** The texts that a request carries, in its body and its filters. */
function sentBy(call: BmsRead & Partial<BmsWrite>): readonly string[] {
  const filters = (call.query ?? []).map(([, value]) => value).filter((value) => value !== 'true' && value !== 'false');
  return [...textsOf(call.body), ...wordy(filters)];
}

function toReply(result: HttpResult, sent: readonly string[]): BmsReply {
  return result.kind === 'lost' ? { kind: 'lost', message: result.reason } : readAnswer(result.status, result.text, sent);
}
