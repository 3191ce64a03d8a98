import type { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import type { HttpClient, HttpResult } from '../../http/http-client.ts';
import { type BmsReply, type BmsResult, readAnswer, readError, writeOutcome } from './errors.ts';
import type { BmsSession } from './session.ts';

/** Names and values of a query; several values of one name are given several times. */
export type QueryPairs = readonly (readonly [name: string, value: string])[];

export interface BmsRead {
  /** The route's template: it names the rate budget, because the vendor counts by endpoint. */
  readonly route: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: QueryPairs;
  /** How often it may be sent, when not as often as reads usually are. */
  readonly attempts?: number;
}

export interface BmsWrite {
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
  /** Sent once; once more only after a 401, which proves that it was not carried out. */
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
}

/** Makes the client; nothing is sent yet. */
export function createBmsClient(options: ClientOptions): BmsClient {
  const { productName, address, http, session } = options;

  function redact(text: string): string {
    return session.redact(text);
  }

  function failed(what: string, reply: Exclude<BmsReply, BmsResult>): RollcallError {
    return readError({ productName, what, redact }, reply);
  }

  async function send(method: 'GET' | 'POST' | 'PATCH', call: BmsRead & Partial<BmsWrite>): Promise<BmsReply> {
    const token = await session.token();
    const reply = toReply(await sendOnce(method, call, token));
    if (reply.kind !== 'failure' || reply.class !== 'unauthorized') return reply;

    session.reject(token);
    const again = toReply(await sendOnce(method, call, await session.token()));
    if (again.kind === 'failure' && again.class === 'unauthorized') {
      throw failed(`${method} ${call.route}`, again);
    }
    return again;
  }

  async function sendOnce(method: 'GET' | 'POST' | 'PATCH', call: BmsRead & Partial<BmsWrite>, token: string): Promise<HttpResult> {
    const path = call.route.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(call.path?.[name] ?? ''));
    const query = (call.query ?? []).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
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
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.map(String).join('.');
    throw new RollcallError('PSA_ANSWER_INVALID', `${productName} answered with something else than expected (${what}, at ${where}).`, {
      place: { system: productName, field: where },
    });
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

function toReply(result: HttpResult): BmsReply {
  return result.kind === 'lost' ? { kind: 'lost', message: result.reason } : readAnswer(result.status, result.text);
}
