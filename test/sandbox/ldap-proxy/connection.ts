import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { type BerElement, element, elementAt, integer, readElement, readElements, sequence } from '../ldap/ber.ts';
import { extendedMessage, type LdapRequest, parseRequest, startTlsOid } from '../ldap/message.ts';
import { type Answer, isLast, parseAnswer } from './answer.ts';
import type { FaultKind, Strike } from './fault-kind.ts';
import { type Place, placeOf } from './place.ts';
import type { LdapProxyOptions } from './proxy.ts';

export interface ProxyConnectionParts extends LdapProxyOptions {
  readonly scheme: 'ldap' | 'ldaps';
  readonly socket: Socket;
  /** The fault that strikes here and now, if one does. */
  readonly strike: (place: Place) => FaultKind | null;
  readonly onClear: (bytes: Buffer) => void;
  readonly onMistake: (error: unknown) => void;
}

interface Question {
  readonly answers: Answer[];
  readonly resolve: (answers: readonly Answer[]) => void;
}

/** One client's connection, with one of its own to the real server. */
export class ProxyConnection {
  readonly #parts: ProxyConnectionParts;
  readonly #upstream: Socket;
  /** Requests whose answers a fault wants to see first, by message id. */
  readonly #questions = new Map<number, Question>();
  /** Operation and controls of requests that a made-up cookie leads to. */
  readonly #again = new Map<string, readonly BerElement[]>();
  #stream: Socket;
  #secure = false;
  #isHeld = false;
  /** What waits behind bytes that are sent slowly or not at all; `null`: nothing is in the way. */
  #waiting: Uint8Array[] | null = null;

  constructor(parts: ProxyConnectionParts) {
    this.#parts = parts;
    this.#stream = parts.socket;
    this.#upstream = connect({ ...parts.upstream, noDelay: true });
  }

  start(): void {
    const { socket } = this.#parts;
    this.#upstream.on('error', () => undefined);
    // A client that a fault keeps waiting is not to be told by a closed connection.
    this.#upstream.on('close', () => {
      if (!this.#isHeld) this.#stream.end();
    });
    socket.on('close', () => this.#upstream.destroy());
    onMessages(this.#upstream, (message, bytes) => this.#answered(message, bytes), this.#parts.onMistake);
    const kind = this.#parts.strike('connect');
    if (kind !== null) {
      socket.resume();
      this.#carryOut(kind, null, null);
    } else if (this.#parts.scheme === 'ldaps') this.#startTls();
    else this.#listen();
  }

  #listen(): void {
    onMessages(
      this.#stream,
      (message, bytes) => this.#asked(message, bytes),
      this.#parts.onMistake,
      (chunk) => {
        if (!this.#secure) this.#parts.onClear(chunk);
      },
    );
  }

  #startTls(): void {
    const { socket, certificate } = this.#parts;
    socket.removeAllListeners('data');
    const kind = this.#parts.strike('handshake');
    if (kind !== null) {
      socket.on('data', this.#parts.onClear);
      socket.once('data', () => this.#carryOut(kind, null, null));
      socket.resume();
      return;
    }
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext({ key: certificate?.key, cert: certificate?.cert }),
    });
    secured.on('error', () => socket.destroy());
    secured.on('close', () => socket.destroy());
    this.#stream = secured;
    this.#secure = true;
    this.#listen();
  }

  #asked(message: BerElement, bytes: Buffer): void {
    const request = parseRequest(message);
    if (request.operation === 'unbind') {
      this.#upstream.end(bytes);
      this.#stream.end();
      return;
    }
    const kind = this.#parts.strike(placeOf(request));
    if (kind !== null) {
      if (request.operation === 'extended' && request.oid === startTlsOid) this.#ignoreWhatFollows();
      this.#carryOut(kind, request, this.#resolved(request, bytes));
    } else if (request.operation === 'extended' && request.oid === startTlsOid && this.#parts.certificate !== undefined) {
      // The client's first words of TLS may be here before the answer is known to be sent.
      this.#stream.removeAllListeners('data');
      this.#stream.pause();
      this.#stream.write(extendedMessage(request.id, { code: 0 }, { oid: startTlsOid }), () => this.#startTls());
    } else {
      this.#upstream.write(this.#resolved(request, bytes));
    }
  }

  /** After a false answer to StartTLS the client may begin with TLS, or not. */
  #ignoreWhatFollows(): void {
    this.#stream.removeAllListeners('data');
    this.#stream.on('data', this.#parts.onClear);
  }

  /** The request as the real server may see it: a made-up cookie is replaced by what it stands for. */
  #resolved(request: LdapRequest, bytes: Buffer): Buffer {
    const meant = this.#again.get(request.paging?.cookie ?? '');
    if (meant === undefined) return bytes;
    return sequence(integer(request.id), ...meant.map(({ tag, contents }) => element(tag, contents)));
  }

  #answered(message: BerElement, bytes: Buffer): void {
    const answer = parseAnswer(message.contents);
    const question = this.#questions.get(answer.id);
    if (question === undefined) {
      this.#send(bytes);
      return;
    }
    question.answers.push(answer);
    if (!isLast(answer)) return;
    this.#questions.delete(answer.id);
    question.resolve(question.answers);
  }

  #send(bytes: Uint8Array): void {
    if (this.#waiting !== null) this.#waiting.push(bytes);
    else if (this.#stream.writable) this.#stream.write(bytes);
  }

  async #sendSlowly(bytes: Uint8Array, everyMs: number): Promise<void> {
    const behind = (this.#waiting ??= []);
    for (let place = 0; place < bytes.length && this.#stream.writable; place += 1) {
      this.#stream.write(bytes.subarray(place, place + 1));
      await (everyMs === 0 ? nextTurn() : pause(everyMs, undefined, { ref: false }));
    }
    this.#waiting = null;
    for (const late of behind) this.#send(late);
  }

  #carryOut(kind: FaultKind, request: LdapRequest | null, bytes: Buffer | null): void {
    this.#isHeld = true;
    const { socket } = this.#parts;
    const strike: Strike = {
      request,
      ask: () =>
        new Promise((resolve) => {
          if (request === null || bytes === null) throw new Error('there is no request here');
          this.#questions.set(request.id, { answers: [], resolve });
          this.#upstream.write(bytes);
        }),
      send: (message) => this.#send(message),
      sendSlowly: (message, everyMs) => this.#sendSlowly(message, everyMs),
      fallSilent: () => {
        this.#waiting ??= [];
      },
      end: () => this.#stream.end(),
      // What was written a moment ago is to arrive first.
      reset: () => setImmediate(() => socket.resetAndDestroy()),
      again: () => {
        if (bytes === null) throw new Error('there is no request here');
        const cookie = randomUUID();
        const [, ...parts] = readElements(elementAt(readElements(bytes), 0, 'message').contents);
        this.#again.set(cookie, parts);
        return cookie;
      },
    };
    void Promise.resolve()
      .then(() => kind(strike))
      .catch(this.#parts.onMistake);
  }
}

/** Cuts what arrives into LDAP messages. */
function onMessages(
  stream: Socket,
  onMessage: (message: BerElement, bytes: Buffer) => void,
  onMistake: (error: unknown) => void,
  onChunk?: (chunk: Buffer) => void,
): void {
  let pending: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    onChunk?.(chunk);
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    try {
      for (let read = readElement(pending); read !== null; read = readElement(pending)) {
        const bytes = pending.subarray(0, read.next);
        pending = pending.subarray(read.next);
        onMessage(read.element, bytes);
      }
    } catch (error) {
      onMistake(error);
      stream.destroy();
    }
  });
}
