import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { callbackify } from 'node:util';
import { ExtendedRequest } from 'ldapts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { BerError, BerReader } from './ber-reader.ts';
import type { DirectoryDeadlines, HostLookup, ServerAddress } from './config.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { describeResult, resultCodes } from './ldap-error.ts';
import { answerTags, type LdapResult, readResult } from './messages.ts';
import { describeConnectError } from './socket-error.ts';
import { checkPeer, type TlsTrust, tlsError } from './tls-trust.ts';

export interface OpenOptions {
  readonly directory: string;
  readonly address: ServerAddress;
  readonly trust: TlsTrust;
  readonly deadlines: DirectoryDeadlines;
  /** Aborted with the error that ends everything. */
  readonly ending: AbortSignal;
}

const startTlsName = '1.3.6.1.4.1.1466.20037';
const startTlsId = 1;
/** Of what a server says unasked: a notice of disconnection. */
const noticeId = 0;

/**
 * Connects, and encrypts as the address asks. What it returns may be written to; on any failure the socket is destroyed and a
 * coded error thrown: StartTLS never falls back to clear text. Each step has its own deadline.
 */
export async function openSocket(options: OpenOptions): Promise<Socket> {
  const { address, deadlines } = options;
  const socket = connectTcp({
    host: address.host,
    port: address.port,
    noDelay: true,
    ...(address.lookup === undefined ? {} : { lookup: lookupBy(address.lookup) }),
  });
  // Whoever listens comes and goes; an error that meets nobody would end the process.
  socket.on('error', () => {});
  try {
    await step<void>(socket, options, {
      ms: deadlines.connectMs,
      late: () => problem(options, 'DIRECTORY_UNREACHABLE', 'cannot be reached: the connection was not accepted in time'),
      failed: (cause) => problem(options, 'DIRECTORY_UNREACHABLE', `cannot be reached: ${describeConnectError(cause)}`, cause),
      run: (resolve) => socket.once('connect', resolve),
    });
    if (address.security === 'none') return socket;
    if (address.security === 'starttls') await askForTls(socket, options);
    return await encrypt(socket, options);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The look-up in the form that sockets ask for. */
function lookupBy(lookup: HostLookup): LookupFunction {
  const find = callbackify(lookup);
  return (host, { all }, callback) =>
    find(host, (cause, addresses) => {
      const found = cause === null ? addresses.map((address) => ({ address, family: isIP(address) })) : [];
      if (all === true) callback(cause, found);
      else callback(cause, found[0]?.address ?? '', found[0]?.family);
    });
}

interface Step<Value> {
  readonly ms: number;
  readonly late: () => RollcallError;
  readonly failed: (cause: Error | null) => RollcallError;
  readonly run: (resolve: (value: Value) => void, reject: (error: Error) => void) => void;
}

/** Waits for one step of the opening: its success, the socket's failure, its deadline, or the end of everything. */
async function step<Value>(socket: Socket, { ending }: OpenOptions, { ms, late, failed, run }: Step<Value>): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  function onError(cause: Error): void {
    reject(failed(cause));
  }
  function onClose(): void {
    reject(failed(null));
  }
  function onEnding(): void {
    reject(ending.reason instanceof Error ? ending.reason : new RollcallError('INTERRUPTED', 'the read was stopped'));
  }
  const timer = setTimeout(() => reject(late()), ms);
  socket.on('error', onError).on('end', onClose).on('close', onClose);
  ending.addEventListener('abort', onEnding);
  try {
    if (ending.aborted) onEnding();
    else run(resolve, reject);
    return await promise;
  } finally {
    clearTimeout(timer);
    ending.removeEventListener('abort', onEnding);
    socket.off('error', onError).off('end', onClose).off('close', onClose);
  }
}

async function askForTls(socket: Socket, options: OpenOptions): Promise<void> {
  const splitter = new FrameSplitter();
  let received = 0;
  let onData: (chunk: Buffer) => void = () => {};
  const { result, surplus } = await step<{ readonly result: LdapResult; readonly surplus: number }>(socket, options, {
    ms: options.deadlines.handshakeMs,
    late: () => problem(options, 'DIRECTORY_TIMEOUT', 'did not answer the request for StartTLS in time'),
    failed: (cause) => problem(options, 'DIRECTORY_TLS_FAILED', 'closed the connection when it was asked for StartTLS', cause),
    run: (resolve, reject) => {
      onData = (chunk) => {
        received += chunk.length;
        try {
          splitter.push(chunk, (frame) => {
            const reader = new BerReader(frame.bytes, frame.start, frame.end);
            const id = reader.readInteger();
            if ((id !== startTlsId && id !== noticeId) || reader.peek() !== answerTags.extended) {
              throw new BerError('something else than an answer to StartTLS');
            }
            const result = readResult(reader);
            if (id === startTlsId) resolve({ result, surplus: frame.bytes.length - frame.end });
            else reject(problem(options, 'DIRECTORY_UNREACHABLE', `ended the connection: ${describeResult(result)}`));
          });
        } catch (cause) {
          reject(problem(options, 'DIRECTORY_PROTOCOL', `sent ${cause instanceof BerError ? cause.message : 'no LDAP'}`, cause));
        }
      };
      socket.on('data', onData);
      socket.write(new ExtendedRequest({ messageId: startTlsId, oid: startTlsName }).write());
    },
  }).finally(() => socket.off('data', onData));
  if (result.code !== resultCodes.success) throw problem(options, 'DIRECTORY_TLS_FAILED', `refuses StartTLS: ${describeResult(result)}`);
  // Bytes sent in clear after the answer would later pass for encrypted ones.
  if (surplus > 0)
    throw problem(options, 'DIRECTORY_TLS_FAILED', `sent ${surplus} of ${received} bytes after its answer, before TLS began`);
}

async function encrypt(socket: Socket, options: OpenOptions): Promise<TLSSocket> {
  const { address, trust, directory } = options;
  const name = trust.serverName === '' ? address.host : trust.serverName;
  const secure = connectTls({
    socket,
    // Server Name Indication carries names only; an address is compared with the certificate all the same, as `host`.
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // The issuing CA that an operator gives is trusted as it is, whether or not it is a root.
    ...(trust.ca === null ? {} : { ca: [...trust.ca], allowPartialTrustChain: true }),
    // Off only for a pin, which checkPeer compares, and for loopback with tls.verify false (config.ts).
    rejectUnauthorized: trust.verifyChain,
    ...(trust.client == null ? {} : { cert: trust.client.cert, key: trust.client.key }),
    minVersion: 'TLSv1.2',
  });
  secure.on('error', () => {});
  let certificate: X509Certificate | undefined;
  // Fires before the verdict, while the certificate can still be looked at; without it only the message is poorer.
  secure.prependListener('secure', () => {
    certificate = secure.getPeerX509Certificate();
  });
  const place = { directory, server: address.url };
  try {
    await step<void>(secure, options, {
      ms: options.deadlines.handshakeMs,
      late: () => problem(options, 'DIRECTORY_TIMEOUT', 'accepted the connection but did not finish the TLS handshake in time'),
      failed: (cause) => tlsError(cause, certificate, place),
      run: (resolve) => secure.once('secureConnect', resolve),
    });
    const objection = checkPeer(secure, trust, place);
    if (objection !== null) throw objection;
    return secure;
  } catch (error) {
    secure.destroy();
    throw error;
  }
}

function problem({ directory, address }: OpenOptions, code: ErrorCode, what: string, cause?: unknown): RollcallError {
  const place = { directory, server: address.url };
  return new RollcallError(code, `${address.url} (directory "${directory}") ${what}`, { place, cause: cause ?? undefined });
}
