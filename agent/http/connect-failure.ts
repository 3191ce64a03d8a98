import type { ErrorCode } from '../../core/errors.ts';

/** A connection that was not made: nothing of any request was sent. Only the connector throws it, so that it is the proof (A2). */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  // Of our own, for undici makes a second attempt out of some of its codes.
  readonly code = 'CONNECT_FAILED';
  /** The code to report; `null`: the service's own "unreachable". */
  readonly report: ErrorCode | null;
  /** The same again may succeed. */
  readonly mayPass: boolean;

  constructor(reason: string, options: { readonly report?: ErrorCode; readonly mayPass: boolean; readonly cause?: unknown }) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.report = options.report ?? null;
    this.mayPass = options.mayPass;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset while connecting',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers there does not speak TLS',
};

/** Why a connection failed, in words. */
export function connectReason(cause: unknown): string {
  const code = errorCode(cause);
  // Both address families tried: the first inner error says it.
  const inner = cause instanceof AggregateError ? errorCode(cause.errors[0]) : code;
  return `${reasons[inner] ?? reasons[code] ?? 'failed'} (${inner})`;
}

/** The code of whatever was thrown; `unknown` when it has none. */
export function errorCode(cause: unknown): string {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}

/** The server's certificate was the reason: trying again brings the same. */
export function isCertificateFault(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|^ERR_TLS_(?!HANDSHAKE)/u.test(code);
}

/** The chain does not end in a CA that is trusted, as when somebody on the way signs anew. */
export function isUnknownIssuer(code: string): boolean {
  return /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|CERT_UNTRUSTED/u.test(code);
}
