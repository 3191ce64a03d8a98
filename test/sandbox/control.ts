import type { Answer, SandboxRequest } from './exchange.ts';
import type { Fault } from './faults.ts';
import { faultKinds } from './faults.ts';
import { isRecord, parseJson, plain } from './json.ts';
import type { ServerParts } from './sandbox-server.ts';
import type { Hold } from './write-watch.ts';

/** What a sandbox lets the control API do. */
export interface ControlActions {
  /** All records, as JSON. */
  state(): unknown;
  /** Names of data changes that may be called from outside, with their function. */
  readonly changes: Readonly<Record<string, (...parameters: never[]) => unknown>>;
  readonly switches: object;
  /** Moves the sandbox's clock. */
  advance(ms: number): void;
  /** The hold that was asked for last. */
  hold: Hold | null;
}

/**
 * The control API of a sandbox that runs as its own process; all bodies are JSON.
 * GET state, counts, requests, switches, faults, hold (`?wait=MS`: answers when parked or after that time) ·
 * POST faults {kind, match: {method, path}, nth, times, …} · POST data {do, with: [...]} · POST switches {name: value} ·
 * POST hold-at-write {nth, when} · POST release {how} · POST clock {advanceMs} · POST reset (log, counts, faults).
 */
export async function answerControl(parts: ServerParts, request: SandboxRequest, gone: Promise<void>): Promise<Answer> {
  const name = request.path.slice('/_sandbox/'.length);
  try {
    if (request.method === 'GET') {
      return await answerQuestion(parts, name, request, gone);
    }
    const text = request.body.toString('utf8');
    const body = text === '' ? {} : parseJson(text);
    return request.method === 'POST' && isRecord(body) ? order(parts, name, body) : bad('send a JSON object by POST');
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
}

async function answerQuestion(parts: ServerParts, name: string, request: SandboxRequest, gone: Promise<void>): Promise<Answer> {
  switch (name) {
    case 'state':
      return good(parts.control.state());
    case 'counts':
      return good(parts.log.counts);
    case 'requests':
      return good(parts.log.requests);
    case 'switches':
      return good(parts.control.switches);
    case 'faults':
      return good(parts.faults.pending);
    case 'hold':
      return good(await holdState(parts.control.hold, Number(request.query.get('wait') ?? 0), gone));
    default:
      return unknownName(name);
  }
}

function order(parts: ServerParts, name: string, body: Record<string, unknown>): Answer {
  const { control } = parts;
  switch (name) {
    case 'faults':
      parts.faults.add(readFault(body));
      return good({ pending: parts.faults.pending.length });
    case 'data':
      return changeData(control, body);
    case 'switches':
      return changeSwitches(control, body);
    case 'hold-at-write': {
      const when = body['when'] === 'after' ? 'after' : 'before';
      control.hold = parts.watch.holdAtWrite(Number(body['nth'] ?? 1), when);
      return good({ nth: body['nth'] ?? 1, when });
    }
    case 'release':
      control.hold?.release(body['how'] === 'drop' ? 'drop' : 'continue');
      return good({ released: control.hold !== null });
    case 'clock':
      control.advance(Number(body['advanceMs'] ?? 0));
      return good({});
    case 'reset':
      parts.log.reset();
      parts.faults.clear();
      return good({});
    default:
      return unknownName(name);
  }
}

async function holdState(hold: Hold | null, waitMs: number, gone: Promise<void>): Promise<unknown> {
  if (hold === null) {
    return { state: 'none' };
  }
  if (hold.state === 'waiting' && waitMs > 0) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([hold.parked, late, gone]);
    clearTimeout(timer);
  }
  return { state: hold.state };
}

function readFault(body: Record<string, unknown>): Fault {
  const { kind, match } = body;
  if (!faultKinds.some((known) => known === kind)) {
    throw new Error(`no such fault; there are ${faultKinds.join(', ')}`);
  }
  return { ...body, ...(isRecord(match) ? { match } : {}) } as unknown as Fault;
}

function changeData(control: ControlActions, body: Record<string, unknown>): Answer {
  const change = Object.hasOwn(control.changes, String(body['do'])) ? control.changes[String(body['do'])] : undefined;
  if (change === undefined) {
    throw new Error(`no such change; there are ${Object.keys(control.changes).join(', ')}`);
  }
  const parameters = Array.isArray(body['with']) ? body['with'] : [];
  return good({ result: change(...(parameters as never[])) ?? null });
}

function changeSwitches(control: ControlActions, body: Record<string, unknown>): Answer {
  for (const name of Object.keys(body)) {
    if (!Object.hasOwn(control.switches, name)) {
      throw new Error(`no such switch; there are ${Object.keys(control.switches).join(', ')}`);
    }
  }
  Object.assign(control.switches, body);
  return good(control.switches);
}

function good(body: unknown): Answer {
  return { status: 200, body: plain(body) };
}

function bad(message: string): Answer {
  return { status: 400, body: { error: message } };
}

function unknownName(name: string): Answer {
  return { status: 404, body: { error: `no such part of the control API: ${name}` } };
}
