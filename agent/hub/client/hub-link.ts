import type { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import { createHttpClient, type HttpClientOptions, type HttpRequest, type HttpResult } from '../../http/http-client.ts';
import { type HttpClock, systemClock } from '../../http/http-clock.ts';
import { growingPauseMs } from '../../http/retry.ts';
import { type Redacted, reveal } from '../../secrets/redacted.ts';
import {
  type EnrolmentAnswer,
  type EnrolmentRequest,
  enrolmentAnswer,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  heartbeatAnswer,
  hubFacts,
  rotationAnswer,
} from '../protocol/messages.ts';
import { type UploadManifest, type UploadStatus, uploadStatus } from '../protocol/uploads.ts';
import { commonVersion, headers, protocolVersions } from '../protocol/versions.ts';
import { refusedAs } from './refused.ts';

export interface HubLinkOptions {
  /** Address of the hub, as the configuration or the invitation gives it. */
  readonly url: string;
  readonly network: NonNullable<HttpClientOptions['network']>;
  /** The keys to try, the one in use first; a hub that was restored may know only the one before it. Empty before joining. */
  readonly keys: () => readonly Redacted[];
  readonly version: string;
  /** How often a request that may pass is sent; a heartbeat comes again by itself. */
  readonly attempts?: number;
  readonly clock?: HttpClock;
  readonly signal?: AbortSignal;
  readonly onExchange?: HttpClientOptions['onExchange'];
}

/**
 * What a collector says to its hub, and what the hub answers, checked. Every failure is a `RollcallError` `HUB_*`; its place tells how long
 * the hub asks to wait (`retryAfterMs`) where it does. What may be said twice is sent again a few times when no answer comes.
 */
export interface HubLink {
  /** Throws `HUB_PROTOCOL_UNKNOWN` when hub and collector have no version of the protocol in common. */
  facts(): Promise<z.output<typeof hubFacts>>;
  /** Sent once: the invitation may be used up when the answer is lost. */
  enrol(request: EnrolmentRequest): Promise<EnrolmentAnswer>;
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatAnswer>;
  newKey(): Promise<string>;
  beginUpload(id: string, manifest: UploadManifest): Promise<UploadStatus>;
  sendPage(id: string, page: { readonly number: number; readonly sha256: string; readonly gzip: Uint8Array }): Promise<UploadStatus>;
  completeUpload(id: string): Promise<UploadStatus>;
  /** `null`: the hub does not know it. */
  uploadStatus(id: string): Promise<UploadStatus | null>;
  close(): Promise<void>;
}

const answerBytes = 1024 * 1024;
const usualAttempts = 4;
const longestWaitMs = 30_000;
const codes = {
  unreachable: 'HUB_UNREACHABLE',
  rateLimited: 'HUB_BUSY',
  serverError: 'HUB_UNREACHABLE',
  answerInvalid: 'HUB_MESSAGE_INVALID',
} as const;

type Ask = Pick<HttpRequest, 'method' | 'headers' | 'body' | 'bytes'> & {
  readonly path: string;
  readonly once?: boolean;
  readonly open?: boolean;
};

/** Builds the link; close it when done. */
export function createHubLink(options: HubLinkOptions): HubLink {
  const { version, signal } = options;
  const clock = options.clock ?? systemClock;
  const attempts = options.attempts ?? usualAttempts;
  const base = options.url.replace(/\/+$/u, '');
  const http = createHttpClient({
    service: 'The hub',
    codes,
    limits: [{ requests: 50, windowMs: 1_000 }],
    maxAnswerBytes: answerBytes,
    // What a hub answers is never worked out at length; a page may take its time to get there.
    timeouts: { headers: 30_000 },
    network: options.network,
    clock,
    // What is asked here is asked one after the other, and a hub has so many connections for all its collectors.
    connections: 1,
    retry: { attempts, firstPauseMs: 500, longestPauseMs: 8_000, rateLimitWaitMs: attempts > 1 ? longestWaitMs : 0 },
    ...(signal === undefined ? {} : { signal }),
    ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
  });

  async function ask<Schema extends z.ZodType>(schema: Schema, request: Ask): Promise<z.output<Schema>> {
    const keys = request.open === true ? [null] : options.keys();
    if (keys.length === 0)
      throw new RollcallError('HUB_NOT_JOINED', `This machine has no key of the hub ${base}.`, { place: { hub: base } });
    for (const [index, key] of keys.entries()) {
      try {
        return await askWith(key, schema, request);
      } catch (error) {
        const mayTryNext = error instanceof RollcallError && error.code === 'HUB_KEY_REJECTED' && index < keys.length - 1;
        if (!mayTryNext) throw error;
      }
    }
    throw new RollcallError('INTERNAL', 'A request to the hub was sent with no key.');
  }

  async function askWith<Schema extends z.ZodType>(key: Redacted | null, schema: Schema, request: Ask): Promise<z.output<Schema>> {
    for (let sent = 1; ; sent += 1) {
      const answer = await send(key, request);
      if (answer.kind === 'lost') throw lost(base, answer.reason);
      if (answer.status >= 200 && answer.status < 300) return parsed(schema, answer.text, base);
      const error = refusedAs(answer, base, clock.now());
      const pauseMs = Math.max(waitOf(error) ?? 0, growingPauseMs(500, 8_000, sent, Math.random()));
      const mayPass = error.code === 'HUB_UNREACHABLE' || (answer.status === 503 && error.code !== 'HUB_COLLECTOR_REVOKED');
      if (!mayPass || request.once === true || sent >= attempts || pauseMs > longestWaitMs) throw error;
      await clock.wait(pauseMs, signal);
    }
  }

  async function send(key: Redacted | null, { path, once, open: _open, ...request }: Ask): Promise<HttpResult> {
    try {
      return await http.send({
        ...request,
        url: `${base}${path}`,
        intent: once === true ? 'write' : 'read',
        keepsFaults: true,
        headers: {
          accept: 'application/json',
          [headers.version]: version,
          [headers.protocol]: String(protocolVersions.newest),
          ...(request.body !== undefined ? { 'content-type': 'application/json' } : {}),
          ...request.headers,
          ...(key === null ? {} : { authorization: `Bearer ${reveal(key)}` }),
        },
      });
    } catch (error) {
      throw asHubError(error, base);
    }
  }

  const json = (body: unknown): string => JSON.stringify(body);
  const uploadPath = (id: string): string => `/v1/uploads/${id}`;

  return {
    async facts() {
      const found = await ask(hubFacts, { method: 'GET', path: '/v1/hub', open: true });
      if (commonVersion(found.protocol) !== null) return found;
      const older = found.protocol.newest < protocolVersions.oldest ? `the hub (${found.version})` : `this collector (${version})`;
      throw new RollcallError(
        'HUB_PROTOCOL_UNKNOWN',
        `The hub ${base} and this collector have no version of their protocol in common; ${older} is the older one.`,
        {
          place: { hub: base },
        },
      );
    },
    enrol: (body) => ask(enrolmentAnswer, { method: 'POST', path: '/v1/enrolment', body: json(body), once: true, open: true }),
    heartbeat: (body) => ask(heartbeatAnswer, { method: 'POST', path: '/v1/heartbeat', body: json(body) }),
    async newKey() {
      return (await ask(rotationAnswer, { method: 'POST', path: '/v1/key', body: '{}' })).key;
    },
    beginUpload: (id, manifest) => ask(uploadStatus, { method: 'PUT', path: uploadPath(id), body: json(manifest) }),
    sendPage: (id, { number, sha256, gzip }) =>
      ask(uploadStatus, {
        method: 'PUT',
        path: `${uploadPath(id)}/pages/${number}`,
        bytes: gzip,
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', [headers.pageHash]: sha256 },
      }),
    completeUpload: (id) => ask(uploadStatus, { method: 'POST', path: `${uploadPath(id)}/complete`, body: '{}' }),
    async uploadStatus(id) {
      try {
        return await ask(uploadStatus, { method: 'GET', path: uploadPath(id) });
      } catch (error) {
        if (error instanceof RollcallError && error.code === 'HUB_UPLOAD_UNKNOWN') return null;
        throw error;
      }
    },
    close: () => http.close(),
  };
}

/** How long a failure asks to wait, in milliseconds; `null`: it does not say. */
export function waitOf(error: unknown): number | null {
  const asked = error instanceof RollcallError ? error.place['retryAfterMs'] : null;
  return typeof asked === 'number' ? asked : null;
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string, hub: string): z.output<Schema> {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // What is no JSON is none of the hub's messages either.
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new RollcallError('HUB_MESSAGE_INVALID', `What answers at ${hub} does not answer as a hub does.`, { place: { hub } });
}

function lost(hub: string, reason: string): RollcallError {
  return new RollcallError('HUB_UNREACHABLE', `The hub ${hub} was asked, and its answer never came (${reason}).`, { place: { hub } });
}

/** A certificate that is not accepted is told in the hub's own words: there are two ways to trust it. */
function asHubError(error: unknown, hub: string): unknown {
  if (!(error instanceof RollcallError) || error.code !== 'HTTP_CERTIFICATE_REJECTED') return error;
  return new RollcallError('HUB_CERTIFICATE_REJECTED', error.message, { place: { hub }, cause: error });
}
