import type { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import type { HttpClient, HttpResult } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { type Redacted, reveal } from '../../secrets/redacted.ts';
import { parseAnswer } from '../parse-answer.ts';
import { redactText, textsOf, wordy } from '../redaction.ts';
import { type ConnectWiseFault, type ConnectWiseReply, type ConnectWiseResult, readAnswer, readError, writeOutcome } from './errors.ts';
import { connectWiseName, connectWiseVersion } from './product.ts';
import { type CompanyInfo, createCodebase, type TenantMemory } from './tenant.ts';

export interface ConnectWiseCredentials {
  /** The company at sign-in: the MSP's own. */
  readonly company: string;
  readonly publicKey: string;
  readonly privateKey: Redacted;
  /** The id of the integration, a GUID. */
  readonly clientId: string;
}

/** Names and values of a query; empty values are left out. */
export type Query = Readonly<Record<string, string>>;

interface ConnectWiseRead {
  /** Below `apis/3.0`, with ids that are digits. */
  readonly path: string;
  readonly query?: Query;
}

interface ConnectWiseWrite {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: unknown;
}

/** The API's calls: signed in, at the tenant's codebase, answers read into replies. */
export interface ConnectWiseClient {
  readonly address: string;
  /** What `companyinfo` tells. */
  info(): Promise<CompanyInfo>;
  /** Any answer, failures too. Refused keys are thrown as `PSA_CREDENTIALS_REJECTED`. */
  ask(what: string, read: ConnectWiseRead): Promise<ConnectWiseReply>;
  /** The answer, or the error that it means. `what` says in words what is read. */
  get(what: string, read: ConnectWiseRead): Promise<ConnectWiseResult>;
  /** Sent once; again only when the codebase had moved, which proves that it was not carried out. Refused keys are thrown. */
  write(what: string, write: ConnectWiseWrite): Promise<ConnectWiseReply>;
  /** Parses a result; throws `PSA_ANSWER_INVALID` with the place of the first misfit. */
  parse<Schema extends z.ZodType>(what: string, schema: Schema, value: unknown): z.output<Schema>;
  /** The error that a failed read means. */
  readError(what: string, reply: ConnectWiseFault): RollcallError;
  /** The outcome that a failed write means; throws what concerns the whole run. */
  writeOutcome(what: string, reply: ConnectWiseFault): Exclude<WriteOutcome<never>, { kind: 'done' }>;
}

export interface ClientOptions {
  readonly address: string;
  readonly credentials: ConnectWiseCredentials;
  readonly http: HttpClient;
  readonly clock: Pick<HttpClock, 'wait'>;
  readonly memory: TenantMemory;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
}

type Call = ConnectWiseRead & Partial<ConnectWiseWrite>;

const infoRoute = '/system/info';
/** What signing in may be answered with when it is refused. */
const notSignedIn: ReadonlySet<string> = new Set(['unauthorized', 'elsewhere', 'missing']);
/** Before a read is repeated whose answer was none of the API's; milliseconds. The HTTP client repeats what the status tells. */
const garbledPausesMs = [1_000, 4_000];

/** Makes the client; nothing is sent yet. */
export function createConnectWiseClient(options: ClientOptions): ConnectWiseClient {
  const { address, credentials, http, clock, memory, signal } = options;
  const { company, publicKey, clientId } = credentials;
  const privateKey = reveal(credentials.privateKey);
  const basic = Buffer.from(`${company}+${publicKey}:${privateKey}`).toString('base64');
  const codebase = createCodebase({ address, company, http, memory, redact });

  function redact(text: string): string {
    return redactText(text, [privateKey, basic, publicKey, clientId]);
  }

  async function sendOnce(call: Call, { codebase: base }: CompanyInfo): Promise<ConnectWiseReply> {
    const query = Object.entries(call.query ?? {})
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    const method = call.method ?? 'GET';
    return toReply(
      await http.send({
        method,
        url: `${address}/${base}/apis/3.0${call.path}${query === '' ? '' : `?${query}`}`,
        headers: {
          authorization: `Basic ${basic}`,
          clientid: clientId,
          accept: `application/vnd.connectwise.com+json; version=${connectWiseVersion}`,
          ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        },
        ...(method === 'GET' ? {} : { body: JSON.stringify(call.body) }),
        intent: method === 'GET' ? 'read' : 'write',
      }),
      sentBy(call),
    );
  }

  /** An upgrade moves the codebase: after a miss it is looked up again and the request sent once more, a write only if it moved. */
  async function sendWhereItIs(call: Call): Promise<ConnectWiseReply> {
    const used = await codebase.current();
    const reply = await sendOnce(call, used);
    if (!isMiss(reply)) return reply;
    const info = await codebase.afterMiss(used);
    const mayRepeat = call.method === undefined || info.codebase !== used.codebase;
    return mayRepeat ? sendOnce(call, info) : reply;
  }

  async function send(what: string, call: Call): Promise<ConnectWiseReply> {
    const pauses = call.method === undefined ? [...garbledPausesMs] : [];
    for (;;) {
      const reply = await sendWhereItIs(call);
      if (reply.kind === 'failure' && reply.class === 'unauthorized') throw readError(what, reply, redact);
      if (isMiss(reply) || isMissingUnnamed(reply, call)) await demandSignIn(call);
      const pauseMs = reply.kind === 'garbled' ? pauses.shift() : undefined;
      if (pauseMs === undefined) return reply;
      await clock.wait(pauseMs, signal);
    }
  }

  /** The vendor's cloud may answer wrong keys with 404, so a 404 that names no record is believed only to those who are signed in. */
  async function demandSignIn(call: Call): Promise<void> {
    const own = call.path === infoRoute ? null : await sendWhereItIs({ path: infoRoute });
    if (own !== null && !(own.kind === 'failure' && notSignedIn.has(own.class))) return;
    const words = `answered the sign-in with 404, which is what it may say to wrong company, keys or client id`;
    throw new RollcallError('PSA_CREDENTIALS_REJECTED', `${connectWiseName} ${words}.`, {
      place: { system: connectWiseName, address, status: 404 },
    });
  }

  async function get(what: string, read: ConnectWiseRead): Promise<ConnectWiseResult> {
    const reply = await send(what, read);
    if (reply.kind !== 'result') throw readError(what, reply, redact);
    return reply;
  }

  function parse<Schema extends z.ZodType>(what: string, schema: Schema, value: unknown): z.output<Schema> {
    return parseAnswer(connectWiseName, what, schema, value);
  }

  return {
    address,
    info: () => codebase.current(),
    ask: send,
    get,
    write: send,
    parse,
    readError: (what, reply) => readError(what, reply, redact),
    writeOutcome: (what, reply) => writeOutcome(what, reply, redact),
  };
}

function isMiss(reply: ConnectWiseReply): boolean {
  return reply.kind === 'failure' && reply.class === 'elsewhere';
}

/** "Not found" that does not name the record that was asked for. */
function isMissingUnnamed(reply: ConnectWiseReply, call: Call): boolean {
  if (reply.kind !== 'failure' || reply.class !== 'missing') return false;
  const ids = call.path.match(/\d+/g) ?? [];
  return !ids.some((id) => reply.message.split(/\D+/).includes(id));
}

/** The texts that a request carries: those of its body, and what stands in quotes in its conditions. */
function sentBy(call: Call): readonly string[] {
  const quoted = Object.values(call.query ?? {}).flatMap((value) => value.match(/(["'])(?:(?!\1).)*\1/gu) ?? []);
  return [...textsOf(call.body), ...wordy(quoted.map((text) => text.slice(1, -1)))];
}

function toReply(result: HttpResult, sent: readonly string[]): ConnectWiseReply {
  return result.kind === 'lost' ? { kind: 'lost', message: result.reason } : readAnswer(result.status, result.text, result.headers, sent);
}
