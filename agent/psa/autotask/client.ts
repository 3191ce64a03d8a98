import type { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import type { HttpClient, HttpResult } from '../../http/http-client.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import { type Redacted, reveal } from '../../secrets/redacted.ts';
import { parseAnswer } from '../parse-answer.ts';
import { redactText, textsOf } from '../redaction.ts';
import { createHourlyBudget } from './budget.ts';
import { type AutotaskReply, type AutotaskResult, readAnswer, readError, writeOutcome } from './errors.ts';
import type { TenantMemory, ToldUsage } from './memory.ts';
import { productName } from './products.ts';
import { thresholdSchema } from './schema.ts';
import { goGently, inTurn } from './slots.ts';
import { createZones, type Zone } from './zone.ts';

export interface AutotaskCredentials {
  /** The API-only user's whole user name. */
  readonly userName: string;
  readonly secret: Redacted;
  /** The tracking identifier. */
  readonly integrationCode: string;
}

interface AutotaskRead {
  /** Below the zone's API: `/Contacts/query`. */
  readonly path: string;
  /** With a body it is a POST that only asks. */
  readonly body?: unknown;
  /** The server's address of a further page; taken as it is, if it is the zone's own. */
  readonly next?: string;
}

interface AutotaskWrite {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: unknown;
}

/** The API's calls: in the tenant's zone, within the limits, answers read into replies. */
export interface AutotaskClient {
  /** Any answer, failures too. What concerns the whole run (credentials, a missing right, limits) is an answer as well. */
  ask(read: AutotaskRead): Promise<AutotaskReply>;
  /** The answer, or the error that it means. `what` says in words what is read. */
  get(what: string, read: AutotaskRead): Promise<AutotaskResult>;
  /** A further page; `null`: the tenant was moved meanwhile, so that the list has to be read from its beginning. */
  getNext(what: string, read: AutotaskRead & { readonly next: string }): Promise<AutotaskResult | null>;
  /** Sent once; again only after an answer that proves that it was not carried out. */
  write(write: AutotaskWrite): Promise<AutotaskReply>;
  /** Parses a result; throws `PSA_ANSWER_INVALID` with the place of the first misfit. */
  parse<Schema extends z.ZodType>(what: string, schema: Schema, value: unknown): z.output<Schema>;
  readError(what: string, reply: Exclude<AutotaskReply, AutotaskResult>): RollcallError;
  /** The outcome that a failed write means; throws what concerns the whole run. */
  writeOutcome(what: string, reply: Exclude<AutotaskReply, AutotaskResult>): Exclude<WriteOutcome<never>, { kind: 'done' }>;
  zone(): Promise<Zone>;
}

export interface ClientOptions {
  /** The host of the zone look-up. */
  readonly address: string;
  readonly credentials: AutotaskCredentials;
  readonly http: HttpClient;
  readonly clock: Pick<HttpClock, 'now' | 'wait'>;
  /** Ends waiting with `INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  readonly memory: TenantMemory;
  /** rollcall's part of the tenant's hourly requests. */
  readonly share: number;
}

// The HTTP client repeats what broke and waits after 429. These are for what this API tells inside an answer; milliseconds.
const faultPausesMs = [1_000, 4_000];
const limitPausesMs = [30_000, 120_000, 450_000];
const threadPausesMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** A tenant that was moved while one of its pages was asked for. */
const moved = Symbol('moved');

type Sent = AutotaskRead & Partial<AutotaskWrite> & { readonly intent: 'read' | 'write' };

/** Makes the client; nothing is sent yet. */
export function createAutotaskClient(options: ClientOptions): AutotaskClient {
  const { address, credentials, http, clock, signal, memory } = options;
  const zones = createZones({ address, userName: credentials.userName, http, clock, signal, memory, redact });
  const budget = createHourlyBudget({ memory, share: options.share, clock, signal, readUsage: tellUsage });

  function redact(text: string): string {
    return redactText(text, [reveal(credentials.secret), credentials.integrationCode, credentials.userName]);
  }

  function failed(what: string, reply: Exclude<AutotaskReply, AutotaskResult>): RollcallError {
    return readError({ what, redact }, reply);
  }

  async function send(call: Sent): Promise<AutotaskReply | typeof moved> {
    const pauses = { fault: [...faultPausesMs], limited: [...limitPausesMs], threads: [...threadPausesMs] };
    let zone = await zones.current();
    let hasLookedAgain = false;
    for (;;) {
      await budget.admit();
      const reply = await sendOnce(zone, call).catch(noConnection);
      const isElsewhere = reply instanceof RollcallError || (reply.kind === 'failure' && reply.class === 'unauthorized');
      if (isElsewhere && !hasLookedAgain) {
        hasLookedAgain = true;
        const now = await whereNow(zone, reply);
        if (now !== null && call.next !== undefined) return moved;
        if (now !== null) {
          zone = now;
          continue;
        }
      }
      if (reply instanceof RollcallError) throw reply;
      if (isElsewhere) return reply;
      const kind = pauseFor(reply, call.intent);
      if (kind === 'limited') budget.wasRefused();
      if (kind === 'threads') goGently(memory);
      const pauseMs = kind === null ? undefined : pauses[kind].shift();
      if (pauseMs === undefined) return reply;
      await clock.wait(pauseMs, signal);
    }
  }

  /** `null`: the zone is the same, or the look-up has no connection either. */
  async function whereNow(zone: Zone, reply: AutotaskReply | RollcallError): Promise<Zone | null> {
    const now = await zones.moved(zone).catch(noConnection);
    if (now instanceof RollcallError && !(reply instanceof RollcallError)) throw now;
    return now instanceof RollcallError ? null : now;
  }

  /** The only place that credentials go out from. */
  async function sendOnce(zone: Zone, call: Sent): Promise<AutotaskReply> {
    const url = call.next ?? `${zone.address}${call.path}`;
    if (!isWithin(zone, url)) throw foreignAddress(url);
    const method = call.method ?? (call.body === undefined ? 'GET' : 'POST');
    const request = {
      method,
      url,
      headers: {
        UserName: credentials.userName,
        Secret: reveal(credentials.secret),
        ApiIntegrationCode: credentials.integrationCode,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      // The vendor counts all requests of a tenant together.
      budget: 'hour',
      intent: call.intent,
      keepsFaults: true,
    } as const;
    const result = await inTurn(memory, clock, () => http.send({ ...request, limits: budget.limits }));
    return toReply(result, textsOf(call.body));
  }

  async function ask(read: AutotaskRead): Promise<AutotaskReply> {
    const reply = await send({ ...read, intent: 'read' });
    return reply === moved ? { kind: 'garbled', status: 401, message: 'the tenant was moved to another zone' } : reply;
  }

  async function get(what: string, read: AutotaskRead): Promise<AutotaskResult> {
    const reply = await ask(read);
    if (reply.kind !== 'result') throw failed(what, reply);
    return reply;
  }

  async function getNext(what: string, read: AutotaskRead): Promise<AutotaskResult | null> {
    const reply = await send({ ...read, intent: 'read' });
    if (reply === moved) return null;
    if (reply.kind !== 'result') throw failed(what, reply);
    return reply;
  }

  async function write(call: AutotaskWrite): Promise<AutotaskReply> {
    const reply = await send({ ...call, intent: 'write' });
    return reply === moved ? { kind: 'lost', message: 'the tenant was moved to another zone' } : reply;
  }

  /** Not admitted by the budget: it is what the budget is known by. What it fails by is left to the request that comes after it. */
  async function tellUsage(): Promise<Omit<ToldUsage, 'toldAt'> | null> {
    const reply = await sendOnce(await zones.current(), { path: '/ThresholdInformation', intent: 'read' }).catch(passOver);
    const told = reply?.kind === 'result' ? thresholdSchema.safeParse(reply.value).data : undefined;
    if (told === undefined) return null;
    return {
      limit: told.externalRequestThreshold,
      windowMs: told.requestThresholdTimeframe * 60_000,
      used: told.currentTimeframeRequestCount,
    };
  }

  function parse<Schema extends z.ZodType>(what: string, schema: Schema, value: unknown): z.output<Schema> {
    return parseAnswer(productName, what, schema, value);
  }

  return {
    ask,
    get,
    getNext,
    write,
    parse,
    readError: failed,
    writeOutcome: (what, reply) => writeOutcome({ what, redact }, reply),
    zone: () => zones.current(),
  };
}

/** How long to wait before the same is sent again; `null`: not at all. */
function pauseFor(reply: AutotaskReply, intent: 'read' | 'write'): 'fault' | 'limited' | 'threads' | null {
  if (reply.kind === 'failure' && (reply.class === 'limited' || reply.class === 'threads')) return reply.class;
  if (intent === 'write') return null;
  const isRedirect = reply.kind === 'garbled' && reply.status >= 300;
  return (reply.kind === 'garbled' && !isRedirect) || (reply.kind === 'failure' && reply.class === 'fault') ? 'fault' : null;
}

/** A zone that takes no connection, so that nothing was carried out: tenants are moved away from zones that are given up. */
function noConnection(error: unknown): RollcallError {
  if (error instanceof RollcallError && error.code === 'PSA_UNREACHABLE') return error;
  throw error;
}

function passOver(error: unknown): null {
  const passes = ['PSA_UNREACHABLE', 'PSA_SERVER_ERROR', 'PSA_ANSWER_INVALID'];
  if (error instanceof RollcallError && passes.includes(error.code)) return null;
  throw error;
}

/** Whether credentials may go there: pages of a list come with addresses that the server wrote. */
function isWithin(zone: Zone, address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.origin === zone.origin && url.username === '' && url.password === '';
}

function foreignAddress(address: string): RollcallError {
  const host = URL.parse(address)?.host ?? 'no address at all';
  return new RollcallError(
    'PSA_ANSWER_INVALID',
    `${productName} names ${host} as the place of a further page, which is not the tenant's own zone: nothing was sent there.`,
    {
      place: { system: productName, host },
    },
  );
}

function toReply(result: HttpResult, sent: readonly string[]): AutotaskReply {
  return result.kind === 'lost' ? { kind: 'lost', message: result.reason } : readAnswer(result.status, result.text, sent);
}
