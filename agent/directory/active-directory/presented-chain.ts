import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { RollcallError } from '../../../core/errors.ts';
import { type ActiveDirectoryConfig, type DirectoryDeadlines, defaultDeadlines, readAddress } from './config.ts';
import { openSocket } from './open-socket.ts';
import { fingerprint, systemRoots, type TlsTrust } from './tls-trust.ts';

/** A certificate that a server showed; nothing about it is proven. */
export interface PresentedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** The same for SHA-1, 40 digits: the thumbprint that Windows shows. */
  readonly sha1: string;
  readonly pem: string;
}

/** What a server shows of itself before anything is said to it. */
export interface PresentedChain {
  readonly server: string;
  readonly leaf: PresentedCertificate;
  /** The CA at the end of the chain that the server sent, whose signatures lead to the leaf; `null` when it sent none. */
  readonly ca: PresentedCertificate | null;
  /** Why this machine's own CAs do not vouch for it; `null`: they do. */
  readonly objection: RollcallError | null;
}

export interface LookOptions {
  readonly directory: string;
  readonly tls: ActiveDirectoryConfig['tls'];
  readonly deadlines?: Partial<DirectoryDeadlines>;
  readonly signal?: AbortSignal | undefined;
}

/** What may be wrong with a certificate while the connection itself stands. */
const objections: ReadonlySet<string> = new Set([
  'DIRECTORY_TLS_UNTRUSTED',
  'DIRECTORY_TLS_NAME_MISMATCH',
  'DIRECTORY_TLS_EXPIRED',
  'DIRECTORY_TLS_PIN_MISMATCH',
]);

/** Tells an objection to a certificate from a connection that failed. */
export function isObjection(error: RollcallError): boolean {
  return objections.has(error.code);
}

/** Longest chain that is walked; the servers of a sane domain send two or three certificates. */
const longestChain = 8;

/**
 * Connects by TLS, looks at the certificates and hangs up: no sign-in, no LDAP request. Throws `DIRECTORY_UNREACHABLE`,
 * `DIRECTORY_TIMEOUT`, `DIRECTORY_TLS_FAILED`, `CONFIG_INVALID`, `INTERRUPTED`.
 */
export async function readPresentedChain(server: string, options: LookOptions): Promise<PresentedChain> {
  const { serverName } = options.tls;
  const blind: TlsTrust = { ca: null, serverName, verifyChain: false, pin: null };
  const chain = await connected(server, { ...options, trust: blind }, (socket) => chainOf(socket));
  const [leaf] = chain;
  if (leaf === undefined) {
    throw new RollcallError('DIRECTORY_TLS_FAILED', `${server} (directory "${options.directory}") showed no certificate`, {
      place: { directory: options.directory, server },
    });
  }
  const last = chain.at(-1);
  const objection = await proveTrust(server, { ...options, trust: { ca: systemRoots(), serverName, verifyChain: true, pin: null } });
  return { server, leaf: described(leaf), ca: last === undefined || last === leaf || !last.ca ? null : described(last), objection };
}

/** Connects once more under this trust: what it objects to, or `null`. Throws when the connection itself fails. */
export async function proveTrust(server: string, options: LookOptions & { readonly trust: TlsTrust }): Promise<RollcallError | null> {
  try {
    await connected(server, options, () => null);
    return null;
  } catch (error) {
    if (error instanceof RollcallError && isObjection(error)) return error;
    throw error;
  }
}

/** Whether the key of `issuer` signed the certificate. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

export function described(certificate: X509Certificate): PresentedCertificate {
  return {
    subject: oneLineName(certificate.subject),
    issuer: oneLineName(certificate.issuer),
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
    sha256: fingerprint(certificate),
    sha1: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    pem: certificate.toString(),
  };
}

async function connected<Value>(
  server: string,
  options: LookOptions & { readonly trust: TlsTrust },
  look: (socket: TLSSocket) => Value,
): Promise<Value> {
  const { directory, trust, signal } = options;
  const address = readAddress(server, { name: directory, tls: options.tls });
  const ending = new AbortController();
  function interrupt(): void {
    ending.abort(new RollcallError('INTERRUPTED', 'looking at the server was stopped'));
  }
  signal?.addEventListener('abort', interrupt);
  if (signal?.aborted === true) interrupt();
  try {
    const deadlines = { ...defaultDeadlines, ...options.deadlines };
    const socket = await openSocket({ directory, address, trust, deadlines, ending: ending.signal });
    try {
      if (socket instanceof TLSSocket) return look(socket);
      throw new RollcallError('DIRECTORY_TLS_FAILED', `${server} (directory "${directory}") is not encrypted`, {
        place: { directory, server },
      });
    } finally {
      socket.destroy();
    }
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

/** The leaf and, as far as signatures prove it, those above it that the server sent. */
export function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let at = socket.getPeerX509Certificate();
  while (at !== undefined && chain.length < longestChain) {
    chain.push(at);
    const issuer: X509Certificate | undefined = at.issuerCertificate;
    if (issuer === undefined || issuer.fingerprint256 === at.fingerprint256 || !isIssuedBy(at, issuer)) break;
    at = issuer;
  }
  return chain;
}

/** Node writes one part of a name a line. */
function oneLineName(name: string): string {
  return name
    .split('\n')
    .reverse()
    .join(', ')
    .replace(/\p{Cc}+/gu, ' ');
}
