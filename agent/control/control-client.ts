import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { RollcallError } from '../../core/errors.ts';
import type { Question } from '../service/job-protocol.ts';
import { errorOf } from '../service/remote-error.ts';
import { helloLine, isProof, proofOf, type ReplyLine, replyLine, serviceLine, tokenFile } from './control-protocol.ts';
import { readLines } from './line-reader.ts';
import { openSocketPlace, type SocketPlace, socketPath } from './socket-path.ts';

/** Who follows a call. */
interface CallListener {
  readonly reply?: (reply: Extract<ReplyLine, { news: unknown } | { waiting: unknown }>) => void;
  readonly question?: (question: Question) => Promise<boolean>;
  /** Asks the service to stop this call. */
  readonly signal?: AbortSignal;
}

/** A running service that both sides have proven themselves to; good for one call. */
export interface ControlChannel {
  readonly version: string;
  readonly configFile: string;
  /** The mark of the configuration that is in force there. */
  readonly configuration: string;
  /** Resolves with the answer; rejects with the failure that the service tells, or `SERVICE_CHANNEL` when it goes away. */
  call(name: string, options: object, listener?: CallListener): Promise<unknown>;
  close(): void;
}

const connectWithinMs = 5_000;
const longestAnswer = 512 * 1024 * 1024;

/**
 * Connects to the service of a state directory; `null` when none listens. Throws `SERVICE_CHANNEL` when somebody listens who cannot
 * prove to be the service, or when this account may not talk to it.
 */
export async function connectToService(stateDirectory: string, platform: NodeJS.Platform): Promise<ControlChannel | null> {
  const socket = await open(stateDirectory, platform);
  if (socket === null) return null;
  try {
    return await prove(socket, await readToken(stateDirectory));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function readToken(stateDirectory: string): Promise<string> {
  try {
    return await readFile(tokenFile(stateDirectory), 'utf8');
  } catch (cause) {
    throw new RollcallError(
      'SERVICE_CHANNEL',
      `A service runs, but its token ${tokenFile(stateDirectory)} cannot be read by this account.`,
      {
        cause,
      },
    );
  }
}

/** `null`: nobody listens. */
async function open(stateDirectory: string, platform: NodeJS.Platform): Promise<Socket | null> {
  let place: SocketPlace | null = null;
  try {
    place = await openSocketPlace(stateDirectory, platform);
    return await opened(place.path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    // No file, or a file that a crash left behind.
    if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(code)) return null;
    const message = `The service's socket ${socketPath(stateDirectory, platform)} cannot be used (${code}).`;
    throw new RollcallError('SERVICE_CHANNEL', message, { cause });
  } finally {
    await place?.release();
  }
}

function opened(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', (error) => {
      socket.destroy();
      reject(error);
    });
  });
}

async function prove(socket: Socket, token: string): Promise<ControlChannel> {
  const lines = new Lines(socket);
  const hello = helloLine.parse(await lines.next());
  const nonce = randomBytes(24).toString('base64url');
  const nonces = { service: hello.nonce, client: nonce };
  socket.write(`${JSON.stringify({ nonce, proof: proofOf(token, 'client', nonces) })}\n`);
  const service = serviceLine.parse(await lines.next());
  if (!isProof(service.proof, proofOf(token, 'service', nonces))) {
    throw new RollcallError('SERVICE_CHANNEL', 'Whoever answers on the socket of the service is not the service.');
  }
  return {
    version: service.version,
    configFile: service.configFile,
    configuration: service.configuration,
    call: (name, options, listener = {}) => carryOut(socket, lines, { call: name, options }, listener),
    close: () => socket.destroy(),
  };
}

async function carryOut(socket: Socket, lines: Lines, call: object, listener: CallListener): Promise<unknown> {
  const say = (line: object): void => {
    socket.write(`${JSON.stringify(line)}\n`);
  };
  const stop = (): void => say({ stop: true });
  listener.signal?.addEventListener('abort', stop);
  lines.patient();
  try {
    say(call);
    if (listener.signal?.aborted === true) stop();
    for (;;) {
      const reply = replyLine.parse(await lines.next());
      if ('done' in reply) return reply.done;
      if ('failed' in reply) throw errorOf(reply.failed);
      if ('question' in reply) say({ answer: (await listener.question?.(reply.question as unknown as Question)) ?? false });
      else listener.reply?.(reply);
    }
  } finally {
    listener.signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** The lines of the service, one by one. */
class Lines {
  readonly #queue: unknown[] = [];
  readonly #socket: Socket;
  #waiter: ((line: unknown) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;
  #ended = false;
  #deadline: NodeJS.Timeout | null;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#deadline = setTimeout(() => socket.destroy(), connectWithinMs);
    readLines(socket, longestAnswer, (line) => this.#take(line));
    socket.on('close', () => {
      this.#ended = true;
      this.patient();
      this.#fail?.(gone());
    });
  }

  /** From now on the service may take its time. */
  patient(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  #take(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#socket.destroy();
      return;
    }
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null) this.#queue.push(value);
    else waiter(value);
  }

  next(): Promise<unknown> {
    if (this.#queue.length > 0) return Promise.resolve(this.#queue.shift());
    if (this.#ended) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      this.#waiter = resolve;
      this.#fail = reject;
    });
  }
}

function gone(): RollcallError {
  return new RollcallError(
    'SERVICE_CHANNEL',
    'The service ended the talk before it had answered. Look with "rollcall status" and "rollcall runs".',
  );
}
