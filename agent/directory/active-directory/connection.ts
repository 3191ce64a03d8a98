import type { Socket } from 'node:net';
import { UnbindRequest } from 'ldapts';
import { RollcallError } from '../../../core/errors.ts';
import { BerError, BerReader } from './ber-reader.ts';
import { type Frame, FrameSplitter } from './frame-splitter.ts';
import { describeResult } from './ldap-error.ts';
import { answerTags, type LdapResult, readReference, readResult } from './messages.ts';

/** What ldapts' request messages have in common. */
interface RequestMessage {
  write(): Buffer;
}

export interface AnswerSink {
  /** Called for each entry, with the reader at its application tag. Nothing of the reader's bytes may be kept. */
  readonly onEntry?: (reader: BerReader) => void;
  readonly onReference?: (urls: readonly string[]) => void;
}

interface Exchange {
  readonly sink: AnswerSink;
  readonly resolve: (result: LdapResult) => void;
  readonly reject: (error: Error) => void;
}

export interface ConnectionOptions {
  readonly directory: string;
  readonly server: string;
  readonly requestMs: number;
  readonly idleMs: number;
  /** Aborted with the error that ends everything: an interruption, or the deadline of the whole read. */
  readonly ending: AbortSignal;
}

const closeGraceMs = 1000;
/** Notice of Disconnection (RFC 4511 section 4.4.1). */
const disconnectionNotice = '1.3.6.1.4.1.1466.20036';

/**
 * One LDAP session on a socket that already stands, TLS included. Requests may be sent before earlier ones are answered; answers are
 * told apart by their ids, and nobody may rely on the order in which the server works them off. The first failure ends it: the socket
 * is destroyed and every later request gets the same error, so nothing is ever sent on a connection that is in doubt, and
 * never on a new one. ldapts makes the messages; its `Client` is not used, because it reconnects by itself, in clear text and
 * unbound, waits for ever for a handshake, and ends a paged search at an empty page.
 */
export class LdapConnection implements AsyncDisposable {
  private readonly socket: Socket;
  private readonly options: ConnectionOptions;
  private readonly splitter = new FrameSplitter();
  private readonly exchanges = new Map<number, Exchange>();
  private failure: Error | null = null;
  private closing = false;
  private lastId = 0;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket;
    this.options = options;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.fail(this.lost(error)));
    socket.on('end', () => this.fail(this.lost()));
    socket.on('close', () => this.fail(this.lost()));
    socket.on('timeout', () => this.fail(this.error('DIRECTORY_TIMEOUT', `sent nothing for ${this.options.idleMs / 1000} seconds`)));
    options.ending.addEventListener('abort', this.end);
    if (options.ending.aborted) this.end();
  }

  /** Sends one request and resolves with its result, whatever the code; entries and references go to the sink meanwhile. */
  async request(make: (messageId: number) => RequestMessage, sink: AnswerSink = {}): Promise<LdapResult> {
    if (this.failure !== null) throw this.failure;
    this.lastId += 1;
    const id = this.lastId;
    const { requestMs, idleMs } = this.options;
    const timer = setTimeout(
      () => this.fail(this.error('DIRECTORY_TIMEOUT', `did not answer within ${requestMs / 1000} seconds`)),
      requestMs,
    );
    this.socket.setTimeout(idleMs);
    try {
      return await new Promise<LdapResult>((resolve, reject) => {
        this.exchanges.set(id, { sink, resolve, reject });
        this.socket.write(make(id).write());
      });
    } finally {
      clearTimeout(timer);
      this.exchanges.delete(id);
      if (this.exchanges.size === 0) this.socket.setTimeout(0);
    }
  }

  /** Ends the session at once with an error that pending and later requests get. */
  fail(error: Error): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.options.ending.removeEventListener('abort', this.end);
    for (const exchange of this.exchanges.values()) exchange.reject(error);
    if (!this.closing) this.socket.destroy();
  }

  /** Says good-bye and closes. Never throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.options.ending.removeEventListener('abort', this.end);
    if (this.failure === null) {
      this.closing = true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, closeGraceMs);
        this.socket.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        this.socket.end(new UnbindRequest({ messageId: this.lastId + 1 }).write());
      });
    }
    this.socket.destroy();
  }

  private readonly end = (): void => {
    const reason: unknown = this.options.ending.reason;
    this.fail(reason instanceof Error ? reason : new RollcallError('INTERRUPTED', 'the read was stopped'));
  };

  private receive(chunk: Buffer): void {
    if (this.failure !== null) return;
    try {
      this.splitter.push(chunk, (frame) => this.receiveFrame(frame));
    } catch (error) {
      const problem = error instanceof BerError ? this.error('DIRECTORY_PROTOCOL', `sent ${error.message}`, error) : error;
      this.fail(problem instanceof Error ? problem : new Error(String(problem)));
    }
  }

  private receiveFrame(frame: Frame): void {
    if (this.failure !== null) return;
    const reader = new BerReader(frame.bytes, frame.start, frame.end);
    const id = reader.readInteger();
    const tag = reader.peek();
    if (id === 0) {
      this.receiveNotice(reader);
      return;
    }
    const exchange = this.exchanges.get(id);
    if (exchange === undefined) throw new BerError('an answer to a request that was not made');
    switch (tag) {
      case answerTags.searchEntry:
        exchange.sink.onEntry?.(reader);
        break;
      case answerTags.searchReference:
        exchange.sink.onReference?.(readReference(reader));
        break;
      case answerTags.bind:
      case answerTags.searchDone:
      case answerTags.extended:
        this.exchanges.delete(id);
        exchange.resolve(readResult(reader));
        break;
      default:
        throw new BerError(`a message of the unknown kind ${tag}`);
    }
  }

  private receiveNotice(reader: BerReader): void {
    if (reader.peek() !== answerTags.extended) throw new BerError('an unsolicited message that is no notice');
    const result = readResult(reader);
    const what = result.extendedName === disconnectionNotice || result.extendedName === null ? 'ended the connection' : 'sent a notice';
    this.fail(this.error('DIRECTORY_UNREACHABLE', `${what}: ${describeResult(result)}`));
  }

  private lost(cause?: Error): RollcallError {
    return this.error('DIRECTORY_UNREACHABLE', 'closed the connection before it had answered', cause);
  }

  private error(code: 'DIRECTORY_TIMEOUT' | 'DIRECTORY_PROTOCOL' | 'DIRECTORY_UNREACHABLE', what: string, cause?: Error): RollcallError {
    const { directory, server } = this.options;
    return new RollcallError(code, `${server} (directory "${directory}") ${what}`, { place: { directory, server }, cause });
  }
}
