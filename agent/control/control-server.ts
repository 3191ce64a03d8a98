import { randomBytes } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { asRollcallError, errorDocument } from '../cli/failure.ts';
import { writePrivateFile } from '../files/private-file.ts';
import type { JobNews, Question } from '../service/job-protocol.ts';
import { callLine, clientLine, controlProtocol, interjection, isProof, longestLine, proofOf, tokenFile } from './control-protocol.ts';
import { readLines } from './line-reader.ts';
import { openSocketPlace } from './socket-path.ts';

/** One call of a command, as the service sees it. */
export interface Call {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  news(news: JobNews): void;
  waiting(behind: string): void;
  /** Resolves with no when the command went away. */
  ask(question: Question): Promise<boolean>;
  /** Aborted when the command asks to stop. A command that just goes away stops nothing: what was begun is brought to its end. */
  readonly signal: AbortSignal;
}

export interface ControlServerOptions {
  readonly stateDirectory: string;
  readonly platform: NodeJS.Platform;
  readonly version: string;
  readonly configFile: string;
  /** The mark of the configuration in force. */
  readonly configuration: () => string;
  /** Resolves with the JSON of the answer. */
  readonly handle: (call: Call) => Promise<string>;
  /** Cleans texts of errors of secrets. */
  readonly clean: (text: string) => string;
}

export interface ControlServer {
  /** Ends all talks and takes the socket away. */
  close(): Promise<void>;
}

const provenWithinMs = 5_000;
const mostConnections = 32;

/** Listens for commands (S4). The caller holds the store's lock, so a socket that lies there is one that a crash left behind. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const token = randomBytes(32).toString('base64url');
  await writePrivateFile(tokenFile(options.stateDirectory), token);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    talk(socket, token, options);
  });
  server.maxConnections = mostConnections;
  const place = await openSocketPlace(options.stateDirectory, options.platform);
  if (options.platform !== 'win32') await rm(place.path, { force: true });
  await listen(server, place.path);
  // A connection that cannot be taken (no handle left) costs that connection.
  server.on('error', () => undefined);
  if (options.platform !== 'win32') await chmod(place.path, 0o600);
  return {
    async close() {
      for (const socket of sockets) socket.destroySoon();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await place.release();
      await rm(tokenFile(options.stateDirectory), { force: true }).catch(() => undefined);
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  // The socket must not be open to others for a moment either.
  const before = process.platform === 'win32' ? null : process.umask(0o177);
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
    if (before !== null) process.umask(before);
  });
}

function talk(socket: Socket, token: string, options: ControlServerOptions): void {
  const nonce = randomBytes(24).toString('base64url');
  const deadline = setTimeout(() => socket.destroy(), provenWithinMs).unref();
  let step: 'proof' | 'call' | 'under way' = 'proof';
  let under: ClientCall | null = null;
  const say = (line: object | string): void => {
    if (!socket.destroyed && socket.writable) socket.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  };
  socket.on('close', () => {
    clearTimeout(deadline);
    under?.goneAway();
  });
  const reader = (line: string): void => {
    if (step === 'proof') {
      const given = parse(clientLine, line);
      if (given === null || !isProof(given.proof, proofOf(token, 'client', { service: nonce, client: given.nonce }))) {
        socket.destroy();
        return;
      }
      step = 'call';
      const proof = proofOf(token, 'service', { service: nonce, client: given.nonce });
      say({ proof, version: options.version, configFile: options.configFile, configuration: options.configuration() });
    } else if (step === 'call') {
      const call = parse(callLine, line);
      if (call === null) {
        socket.destroy();
        return;
      }
      step = 'under way';
      clearTimeout(deadline);
      under = new ClientCall(call.call, call.options, say);
      void carryOut(under, options, say).finally(() => socket.end());
    } else {
      const said = parse(interjection, line);
      if (said !== null) under?.hear(said);
    }
  };
  readLines(socket, longestLine, reader);
  say({ protocol: controlProtocol, nonce });
}

async function carryOut(call: Call, options: ControlServerOptions, say: (line: object | string) => void): Promise<void> {
  try {
    // The answer is JSON already, and may be long.
    say(`{"done":${await options.handle(call)}}`);
  } catch (thrown) {
    say({ failed: errorDocument(asRollcallError(thrown), options.clean) });
  }
}

function parse<Output>(
  schema: { safeParse(value: unknown): { success: true; data: Output } | { success: false } },
  line: string,
): Output | null {
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

class ClientCall implements Call {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly #say: (line: object) => void;
  readonly #stop = new AbortController();
  #answer: ((yes: boolean) => void) | null = null;
  #isGone = false;

  constructor(name: string, options: Readonly<Record<string, unknown>>, say: (line: object) => void) {
    this.name = name;
    this.options = options;
    this.#say = say;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  news(news: JobNews): void {
    this.#say({ news });
  }

  waiting(behind: string): void {
    this.#say({ waiting: behind });
  }

  ask(question: Question): Promise<boolean> {
    if (this.#isGone) return Promise.resolve(false);
    this.#say({ question });
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  hear(said: { readonly answer: boolean } | { readonly stop: true }): void {
    if ('stop' in said) this.#stop.abort();
    else this.#answer?.(said.answer);
  }

  goneAway(): void {
    this.#isGone = true;
    this.#answer?.(false);
  }
}
