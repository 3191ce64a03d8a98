import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { DnsMessageError, readSrvReply, type SrvReply, writeSrvQuestion } from './srv-message.ts';

/** A look-up that failed, with a code in the words of `node:dns` (`ETIMEOUT`, `ESERVFAIL`, …). */
class DnsFailure extends Error {
  readonly code: string;
  constructor(code: string, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

interface SrvQuestion {
  readonly server: NameServer;
  readonly name: string;
  /** Milliseconds for an answer, by UDP and by TCP each. */
  readonly answerMs: number;
  readonly ending: AbortSignal;
}

interface NameServer {
  readonly address: string;
  readonly port: number;
}

const failureCodes: ReadonlyMap<number, string> = new Map([
  [1, 'EFORMERR'],
  [2, 'ESERVFAIL'],
  [3, 'ENOTFOUND'],
  [4, 'ENOTIMP'],
  [5, 'EREFUSED'],
]);

/** Reads `10.0.0.1`, `10.0.0.1:5353`, `fd00::1`, `[fd00::1]:5353`. */
export function readNameServer(text: string): NameServer {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  return { address: match?.[1] ?? match?.[2] ?? text, port: Number(match?.[3] ?? 53) };
}

/** Asks one name server once for SRV records, by TCP when they do not fit into a packet. Throws `DnsFailure`, when there are none too. */
export async function querySrv(question: SrvQuestion): Promise<SrvReply['records']> {
  const message = writeSrvQuestion(randomInt(65_536), question.name);
  if (message === null) throw new DnsFailure('EBADNAME');
  const first = await exchange(question, message, askByUdp);
  const { code, records } = first.isTruncated ? await exchange(question, message, askByTcp) : first;
  if (code !== 0) throw new DnsFailure(failureCodes.get(code) ?? `RCODE ${code}`);
  if (records.length === 0) throw new DnsFailure('ENODATA');
  return records;
}

interface Exchange {
  readonly server: NameServer;
  readonly message: Buffer;
  /** Takes a message that came; what answers something else is passed over. */
  readonly onMessage: (bytes: Buffer) => void;
  readonly onError: (cause: unknown) => void;
}

/** Waits for the answer, its deadline or the end of everything; closes what was opened. */
async function exchange({ server, answerMs, ending }: SrvQuestion, message: Buffer, ask: (way: Exchange) => () => void): Promise<SrvReply> {
  const { promise, resolve, reject } = Promise.withResolvers<SrvReply>();
  function onEnding(): void {
    reject(new DnsFailure('ECANCELLED'));
  }
  function onError(cause: unknown): void {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EBADRESP';
    reject(new DnsFailure(cause instanceof DnsMessageError ? 'EBADRESP' : code, cause));
  }
  function onMessage(bytes: Buffer): void {
    try {
      const reply = readSrvReply(bytes, message);
      if (reply !== null) resolve(reply);
    } catch (cause) {
      onError(cause);
    }
  }
  const timer = setTimeout(() => reject(new DnsFailure('ETIMEOUT')), answerMs);
  ending.addEventListener('abort', onEnding);
  if (ending.aborted) onEnding();
  const close = ask({ server, message, onMessage, onError });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    ending.removeEventListener('abort', onEnding);
    close();
  }
}

/** A connected socket takes packets of this server only, at a port that the system chose by lot. */
function askByUdp({ server, message, onMessage, onError }: Exchange): () => void {
  const socket = createSocket(isIP(server.address) === 6 ? 'udp6' : 'udp4');
  let isClosed = false;
  socket.on('error', onError);
  socket.on('message', onMessage);
  socket.connect(server.port, server.address, () => {
    if (!isClosed) socket.send(message);
  });
  return () => {
    isClosed = true;
    socket.close();
  };
}

function askByTcp({ server, message, onMessage, onError }: Exchange): () => void {
  const socket = connect({ host: server.address, port: server.port });
  let received: Buffer = Buffer.alloc(0);
  socket.on('error', onError);
  socket.on('close', () => onError(new DnsMessageError('the connection was closed')));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    // What comes behind the answer is nothing that was asked for.
    if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0))
      onMessage(received.subarray(2, 2 + received.readUInt16BE(0)));
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  socket.write(Buffer.concat([length, message]));
  return () => socket.destroy();
}
