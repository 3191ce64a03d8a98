import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { enrolmentRequest, type HeartbeatRequest, heartbeatRequest } from '../../../agent/hub/protocol/messages.ts';
import { type UploadManifest, type UploadPage, uploadManifest, uploadPage } from '../../../agent/hub/protocol/uploads.ts';
import { HubSide } from './hub-side.ts';

/** What goes wrong with a call: before the hub acts (`answer`, `reset`, `hang`) or after it did (`lose`, `cut`). */
export type HubFault =
  | {
      readonly how: 'answer';
      readonly status: number;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text?: string;
    }
  | { readonly how: 'reset' | 'hang' | 'lose' | 'cut' };

interface Upload {
  readonly manifest: UploadManifest;
  readonly text: string;
  readonly pages: Map<number, UploadPage>;
  state: 'receiving' | 'waiting' | 'landed' | 'refused';
  code: string;
  looks: number;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const testKey = (letter: string): string => `rck1.${'0'.repeat(31)}1.${letter.repeat(43)}`;
export const testCollector = 'c0ffee'.padEnd(32, '0');

/** A hub over HTTP that holds every request against the protocol, keeps uploads, and has what a hub would have of each directory. */
export class TestHub implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #faults: { readonly on: RegExp; readonly fault: HubFault; left: number }[] = [];
  readonly #uploads = new Map<string, Upload>();
  /** By directory. */
  readonly sides = new Map<string, HubSide>();
  /** `PUT /v1/uploads/…/pages/1`, in their order. */
  readonly calls: string[] = [];
  readonly heartbeats: HeartbeatRequest[] = [];
  /** Requests that did not keep to the protocol. */
  readonly complaints: string[] = [];
  readonly enrolled: string[] = [];
  readonly invitations = new Set<string>();
  keys = new Set([testKey('a')]);
  nextKey = testKey('b');
  rotateKey = false;
  sparedFullReads: readonly string[] = [];
  protocol = { oldest: 1, newest: 1 };
  clock = 1_800_000_000_000;
  /** How often it is asked after an upload before that has landed. */
  looksToLand = 1;
  isRevoked = false;
  /** Opened so far. */
  connections = 0;
  organization = '4711';

  static async start(): Promise<TestHub> {
    const hub = new TestHub();
    hub.#server.on('connection', () => {
      hub.connections += 1;
    });
    await new Promise<void>((resolve) => {
      hub.#server.listen(0, '127.0.0.1', resolve);
    });
    return hub;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The next calls that match, `METHOD path`, go wrong. */
  fail(on: RegExp, fault: HubFault, times = 1): void {
    this.#faults.push({ on, fault, left: times });
  }

  stopFailing(): void {
    this.#faults.length = 0;
  }

  side(directory: string): HubSide {
    const side = this.sides.get(directory) ?? new HubSide();
    this.sides.set(directory, side);
    return side;
  }

  /** As after a restart that lost its inbox. */
  forgetUploads(): void {
    this.#uploads.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = `${request.method} ${request.url}`;
    this.calls.push(call);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const fault = this.#takeFault(call);
    if (fault?.how === 'hang') return;
    if (fault?.how === 'reset') {
      request.socket.destroy();
      return;
    }
    const reply = fault?.how === 'answer' ? faultReply(fault) : this.#act(call, request, Buffer.concat(chunks));
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    if (fault?.how === 'lose') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...reply.headers });
    if (fault?.how !== 'cut') {
      response.end(text);
      return;
    }
    response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
  }

  #takeFault(call: string): HubFault | null {
    const found = this.#faults.find(({ on, left }) => left > 0 && on.test(call));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  }

  #act(call: string, request: IncomingMessage, body: Buffer): Reply {
    for (const name of ['rollcall-version', 'rollcall-protocol']) {
      if (request.headers[name] === undefined) this.complaints.push(`${call}: no header ${name}`);
    }
    if (call === 'GET /v1/hub') return ok({ product: 'rollcall hub', version: '0.3.0', protocol: this.protocol });
    if (call === 'POST /v1/enrolment') return this.#enrol(body);
    const key = request.headers.authorization?.replace(/^Bearer /u, '') ?? '';
    if (!this.keys.has(key)) return refuse(401, 'HUB_KEY_REJECTED');
    if (this.isRevoked) return refuse(401, 'HUB_COLLECTOR_REVOKED');
    if (key === this.nextKey) this.keys = new Set([key]);
    if (call === 'POST /v1/heartbeat') return this.#heartbeat(body);
    if (call === 'POST /v1/key') {
      this.keys.add(this.nextKey);
      return ok({ key: this.nextKey });
    }
    const path = /^(PUT|POST|GET) \/v1\/uploads\/([0-9a-f]{32})(?:\/(complete)|\/pages\/(\d+))?$/u.exec(call);
    if (path === null) return this.#complain(call, 'unknown route');
    const [, method, id = '', complete, page] = path;
    if (method === 'PUT' && page === undefined) return this.#begin(id, body);
    const upload = this.#uploads.get(id);
    if (upload === undefined) return refuse(404, 'HUB_UPLOAD_UNKNOWN');
    if (method === 'PUT') return this.#page(upload, Number(page), { body, request });
    return complete === undefined ? this.#look(upload) : this.#complete(upload);
  }

  #enrol(body: Buffer): Reply {
    const parsed = enrolmentRequest.safeParse(JSON.parse(body.toString('utf8')));
    if (!parsed.success) return this.#complain('enrolment', parsed.error.message);
    if (!this.invitations.delete(parsed.data.secret)) return refuse(403, 'HUB_INVITATION_INVALID');
    this.enrolled.push(parsed.data.name);
    return {
      status: 201,
      body: {
        collector: { id: testCollector, name: parsed.data.name, organization: this.organization },
        key: testKey('a'),
        hub: { name: 'the test hub' },
      },
    };
  }

  #heartbeat(body: Buffer): Reply {
    const parsed = heartbeatRequest.safeParse(JSON.parse(body.toString('utf8')));
    if (!parsed.success) return this.#complain('heartbeat', parsed.error.message);
    this.heartbeats.push(parsed.data);
    const { clock, sparedFullReads, rotateKey, organization } = this;
    return ok({ clock, organization, name: 'branch', sparedFullReads, rotateKey });
  }

  #begin(id: string, body: Buffer): Reply {
    const text = body.toString('utf8');
    const parsed = uploadManifest.safeParse(JSON.parse(text));
    if (!parsed.success) return this.#complain('manifest', parsed.error.message);
    const known = this.#uploads.get(id);
    if (known !== undefined) return known.text === text ? ok(statusOf(known)) : refuse(409, 'HUB_UPLOAD_CONFLICT');
    const manifest = parsed.data;
    if (manifest.base !== null && this.side(manifest.directory).read !== manifest.base) return refuse(409, 'HUB_BASE_UNKNOWN');
    const upload: Upload = { manifest, text, pages: new Map(), state: 'receiving', code: '', looks: 0 };
    this.#uploads.set(id, upload);
    return ok(statusOf(upload));
  }

  #page(upload: Upload, number: number, { body, request }: { readonly body: Buffer; readonly request: IncomingMessage }): Reply {
    const text = gunzipSync(body).toString('utf8');
    const hash = createHash('sha256').update(text).digest('hex');
    const isRight = hash === upload.manifest.pages[number - 1] && hash === request.headers['rollcall-page-sha256'];
    if (!isRight || request.headers['content-encoding'] !== 'gzip') return this.#complain('page', 'not the page that was announced');
    const parsed = uploadPage.safeParse(JSON.parse(text));
    if (!parsed.success) return this.#complain('page', parsed.error.message);
    upload.pages.set(number, parsed.data);
    return ok(statusOf(upload));
  }

  #complete(upload: Upload): Reply {
    if (upload.state === 'receiving' && missingOf(upload).length === 0) {
      const counted = { entries: 0, absences: 0, logons: 0 };
      for (const page of upload.pages.values()) {
        counted.entries += page.entries.length;
        counted.absences += page.absences.length;
        counted.logons += page.logons.length;
      }
      if (JSON.stringify(counted) !== JSON.stringify(upload.manifest.counts)) return this.#complain('complete', 'other counts');
      upload.state = 'waiting';
    }
    return ok(statusOf(upload));
  }

  #look(upload: Upload): Reply {
    upload.looks += 1;
    if (upload.state === 'waiting' && upload.looks >= this.looksToLand) {
      const { base, read, proof, directory } = upload.manifest;
      const pages = [...upload.pages].sort(([a], [b]) => a - b).map(([, page]) => page);
      const landed = this.side(directory).land({ base, read, family: proof.family }, pages);
      upload.state = landed ? 'landed' : 'refused';
      upload.code = landed ? '' : 'HUB_BASE_UNKNOWN';
    }
    return ok(statusOf(upload));
  }

  #complain(where: string, what: string): Reply {
    this.complaints.push(`${where}: ${what}`);
    return refuse(400, 'HUB_MESSAGE_INVALID');
  }
}

function missingOf({ manifest, pages }: Upload): readonly number[] {
  return manifest.pages.map((_, index) => index + 1).filter((number) => !pages.has(number));
}

function statusOf(upload: Upload): unknown {
  if (upload.state === 'receiving') return { state: 'receiving', missing: missingOf(upload) };
  if (upload.state === 'refused') return { state: 'refused', code: upload.code, message: 'It is not taken.' };
  return { state: upload.state };
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function refuse(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'It is not taken.' } } };
}

function faultReply({ status, code, headers, text }: Extract<HubFault, { how: 'answer' }>): Reply {
  const body = text ?? (code === undefined ? '<html>gateway</html>' : { error: { code, message: 'It is not taken.' } });
  return { status, body, ...(headers === undefined ? {} : { headers }) };
}
