import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ControlActions } from './control.ts';
import { answerControl } from './control.ts';
import type { Answer, Application, Handling, ListFault, SandboxRequest } from './exchange.ts';
import { isCommit, Refusal } from './exchange.ts';
import type { Fault, Faults } from './faults.ts';
import { faultAnswer, sendAnswer, sendBroken } from './reply.ts';
import type { RequestLog } from './request-log.ts';
import type { WriteWatch } from './write-watch.ts';

const maximumBody = 32 * 1024 * 1024;

export interface ServerParts {
  readonly application: Application;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly watch: WriteWatch;
  readonly control: ControlActions;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves an application on 127.0.0.1, with faults, holds, log and the control API below `/_sandbox/`. Port 0: a free one. */
export async function startServer(parts: ServerParts, port: number): Promise<RunningServer> {
  const stopped = new AbortController();
  const server = createServer((incoming, response) => {
    serve(parts, incoming, response, stopped.signal).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  // Longer than any client keeps one, so that no request meets a connection that is being closed.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      stopped.abort();
      parts.watch.releaseAll();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(parts: ServerParts, incoming: IncomingMessage, response: ServerResponse, stopped: AbortSignal): Promise<void> {
  const request = await readRequest(incoming);
  if (request === null) {
    response.destroy();
    return;
  }
  if (request.path.startsWith('/_sandbox/')) {
    const gone = whenGone(response);
    sendAnswer(response, await answerControl(parts, request, gone), 'application/json; charset=utf-8');
    return;
  }
  await carryOut(parts, request, response, stopped);
}

async function carryOut(parts: ServerParts, request: SandboxRequest, response: ServerResponse, stopped: AbortSignal): Promise<void> {
  const { application, log } = parts;
  const visit = application.arrived?.(request);
  if (visit !== undefined) {
    void whenGone(response).then(() => visit.left());
    if (visit.delayMs > 0) {
      await pause(visit.delayMs, stopped);
    }
  }
  const fault = parts.faults.take(request);
  const exchange = { status: null as number | null, committed: false, route: '', dropped: [] as readonly string[], refused: false };
  const finish = (status: number | null): void => {
    log.add({
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      route: exchange.route,
      status,
      committed: exchange.committed,
      refused: exchange.refused,
      fault: fault?.kind ?? null,
      dropped: exchange.dropped,
      body: request.body.toString('utf8'),
    });
  };

  if (fault?.kind === 'slow') {
    await pause(fault.delayMs ?? 1000, stopped);
  }
  if (fault?.kind === 'lost-before' || fault?.kind === 'stall-before') {
    finish(null);
    if (fault.kind === 'lost-before') {
      response.destroy();
    }
    return;
  }
  const replaced = fault === null ? null : (application.faultAnswer(fault.kind, request) ?? faultAnswer(fault));
  if (replaced !== null && fault?.commit !== true) {
    finish(replaced.status);
    sendAnswer(response, replaced, application.contentType);
    return;
  }

  const outcome = await perform(parts, request, listFaultsOf(fault), whenGone(response));
  Object.assign(exchange, outcome);
  if (outcome.answer === null || fault?.kind === 'lost-after' || fault?.kind === 'stall-after') {
    finish(null);
    if (fault?.kind !== 'stall-after') {
      response.destroy();
    }
    return;
  }
  const answer = replaced ?? outcome.answer;
  finish(answer.status);
  applyDrift(application, fault, request);
  if (fault === null || !(await sendBroken(response, fault, answer, application.contentType))) {
    sendAnswer(response, answer, application.contentType);
  }
}

interface Outcome {
  /** `null`: the connection is to be broken. */
  readonly answer: Answer | null;
  readonly committed: boolean;
  readonly refused: boolean;
  readonly route: string;
  readonly dropped: readonly string[];
}

async function perform(
  parts: ServerParts,
  request: SandboxRequest,
  listFaults: ReadonlySet<ListFault>,
  gone: Promise<void>,
): Promise<Outcome> {
  const { application, watch } = parts;
  const refused = application.admit(request);
  if (refused !== null) {
    return { answer: refused === 'drop' ? null : refused, committed: false, refused: true, route: '', dropped: [] };
  }
  const first = prepare(application, request, listFaults);
  if (!isCommit(first.prepared)) {
    return {
      answer: first.prepared,
      committed: false,
      refused: first.refused,
      route: first.handling.route,
      dropped: first.handling.dropped,
    };
  }

  watch.writes += 1;
  const nth = watch.writes;
  if ((await watch.pass({ when: 'before', nth, request }, gone)) === 'drop') {
    return { answer: null, committed: false, refused: false, route: first.handling.route, dropped: [] };
  }
  // Time may have passed: what was right before may be refused now.
  const second = prepare(application, request, listFaults);
  const { route, dropped } = second.handling;
  if (!isCommit(second.prepared)) {
    return { answer: second.prepared, committed: false, refused: second.refused, route, dropped };
  }
  const answer = second.prepared.commit();
  const released = await watch.pass({ when: 'after', nth, request }, gone);
  return { answer: released === 'drop' ? null : answer, committed: true, refused: false, route, dropped };
}

function prepare(application: Application, request: SandboxRequest, listFaults: ReadonlySet<ListFault>) {
  const handling: Handling = { request, listFaults, dropped: [], route: '' };
  try {
    const prepared = application.prepare(handling);
    return { handling, prepared, refused: 'status' in prepared && prepared.status >= 400 };
  } catch (error) {
    if (error instanceof Refusal) {
      return { handling, prepared: error.answer, refused: true };
    }
    // A fault of the sandbox itself must not look like one of the vendor.
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const answer: Answer = { status: 501, text: `fault in the sandbox: ${detail}`, headers: { 'content-type': 'text/plain' } };
    return { handling, prepared: answer, refused: true };
  }
}

function listFaultsOf(fault: Fault | null): ReadonlySet<ListFault> {
  const kind = fault?.kind;
  return new Set(kind === 'wrong-total' || kind === 'duplicate-id' || kind === 'filter-ignored' ? [kind] : []);
}

function applyDrift(application: Application, fault: Fault | null, request: SandboxRequest): void {
  if (fault?.kind === 'drift-create' || fault?.kind === 'drift-delete') {
    application.drift(fault.kind === 'drift-create' ? 'create' : 'delete', request);
  } else if (fault?.kind === 'change') {
    fault.change?.();
  }
}

async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) {
      return null;
    }
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? '/', 'http://sandbox.test');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return {
    method: incoming.method ?? 'GET',
    path: decodePath(url.pathname),
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function whenGone(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed || response.destroyed) {
      resolve();
    }
    response.once('close', () => resolve());
  });
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stopped.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
