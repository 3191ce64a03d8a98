import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { getCACertificates, type TLSSocket } from 'node:tls';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import type { TlsConfig } from './config.ts';
import { oneLine } from './server-words.ts';
import { type ClientCertificate, readClientCertificate } from './sign-in/client-certificate.ts';
import { codeOf } from './socket-error.ts';

/** How a server's certificate is judged, and what is shown of ourselves. */
export interface TlsTrust {
  /** The roots to trust; `null` leaves them to the run time. */
  readonly ca: readonly string[] | null;
  /** The name to find in the certificate; empty: the address's host. */
  readonly serverName: string;
  /** The chain, the name and the dates are checked. */
  readonly verifyChain: boolean;
  /** SHA-256 of the certificate, 64 hexadecimal digits in lower case; `null`: not pinned. */
  readonly pin: string | null;
  /** Absent or `null`: none. */
  readonly client?: ClientCertificate | null;
}

interface Place {
  readonly directory: string;
  readonly server: string;
}

const nameErrors: ReadonlySet<string> = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']);
const dateErrors: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
/** OpenSSL's verdicts on the chain (X509_V_ERR_*) as Node names them. */
const trustErrors: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

/**
 * Reads what the configuration says about trust. A pin without a CA file takes the place of the chain: the certificate is
 * known, whoever issued it. Throws `CONFIG_INVALID`, `DIRECTORY_CLIENT_CERTIFICATE`.
 */
export async function readTlsTrust(tls: TlsConfig, directory: string): Promise<TlsTrust> {
  const pin = tls.pinSha256.trim() === '' ? null : readPin(tls.pinSha256);
  if (pin === undefined) throw invalid(directory, 'tls.pinSha256 is no SHA-256 (64 hexadecimal digits, or base64)');
  const ca = tls.caFile === '' ? systemRoots() : [await readCaFile(tls.caFile, directory)];
  const client = await readClientCertificate(tls, directory);
  return { ca, serverName: tls.serverName, pin, verifyChain: tls.verify && (pin === null || tls.caFile !== ''), client };
}

/** Checks what Node does not: the pin. Also that nothing let an unverified chain through. */
export function checkPeer(socket: TLSSocket, trust: TlsTrust, place: Place): RollcallError | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return problem('DIRECTORY_TLS_FAILED', 'showed no certificate', place);
  if (trust.verifyChain && !socket.authorized) {
    return problem('DIRECTORY_TLS_UNTRUSTED', `has a certificate that is not trusted (${describeCertificate(certificate)})`, place);
  }
  if (trust.pin !== null && fingerprint(certificate) !== trust.pin) {
    return problem(
      'DIRECTORY_TLS_PIN_MISMATCH',
      `has another certificate than the pinned one (${describeCertificate(certificate)})`,
      place,
    );
  }
  return null;
}

/** Makes the error of a failed handshake; `certificate` is what the server showed, if it came that far. */
export function tlsError(cause: Error | null, certificate: X509Certificate | undefined, place: Place): RollcallError {
  const code = codeOf(cause) ?? '';
  const shown = certificate === undefined ? '' : ` (${describeCertificate(certificate)})`;
  if (nameErrors.has(code)) {
    const names = certificate?.subjectAltName ?? certificate?.subject ?? 'no name';
    return problem('DIRECTORY_TLS_NAME_MISMATCH', `has a certificate for other names: ${oneLine(names, 300)}`, place, cause);
  }
  if (dateErrors.has(code)) {
    const date = code === 'CERT_HAS_EXPIRED' ? `expired on ${certificate?.validTo}` : `is not valid before ${certificate?.validFrom}`;
    return problem('DIRECTORY_TLS_EXPIRED', `has a certificate that ${certificate === undefined ? 'is out of date' : date}`, place, cause);
  }
  if (trustErrors.has(code)) {
    return problem('DIRECTORY_TLS_UNTRUSTED', `has a certificate whose issuer is not trusted${shown}`, place, cause);
  }
  if (cause === null || code === 'ECONNRESET' || code === 'EPIPE') {
    return problem(
      'DIRECTORY_TLS_FAILED',
      'accepted the connection and closed it during the TLS handshake: it may have no certificate',
      place,
      cause,
    );
  }
  return problem(
    'DIRECTORY_TLS_FAILED',
    `does not speak TLS here, or none that is accepted: ${code === '' ? 'unknown cause' : code}`,
    place,
    cause,
  );
}

/** Whole days until a certificate ends; negative after. */
export function daysLeft(certificate: X509Certificate, now: number): number {
  return Math.floor((certificate.validToDate.getTime() - now) / 86_400_000);
}

function describeCertificate(certificate: X509Certificate): string {
  return `issued by ${oneLine(certificate.issuer, 200)}, SHA-256 ${fingerprint(certificate)}`;
}

/** SHA-256 of the certificate, 64 hexadecimal digits in lower case. */
export function fingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

function readPin(text: string): string | undefined {
  const hex = text.replace(/[:\s]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  const bytes = /^[A-Za-z0-9+/_-]{43}=?$/.test(text.trim()) ? Buffer.from(text.trim(), 'base64') : null;
  return bytes?.length === 32 ? bytes.toString('hex') : undefined;
}

/** A machine that is joined to the domain often trusts the domain's CA already. */
export function systemRoots(): readonly string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

async function readCaFile(path: string, directory: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw invalid(directory, `tls.caFile ${path} cannot be read (${codeOf(cause) ?? 'unknown cause'})`);
  }
  const first = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  try {
    if (first === undefined) throw new Error('no certificate');
    // Node ignores what it cannot read, and then trusts nobody: tell it here, where the file is known.
    void new X509Certificate(first);
  } catch {
    throw invalid(directory, `tls.caFile ${path} holds no certificate in PEM form`);
  }
  return text;
}

function invalid(directory: string, what: string): RollcallError {
  return new RollcallError('CONFIG_INVALID', `directory "${directory}": ${what}`, { place: { directory } });
}

function problem(code: ErrorCode, what: string, place: Place, cause?: Error | null): RollcallError {
  return new RollcallError(code, `${place.server} (directory "${place.directory}") ${what}`, {
    place: { ...place },
    cause: cause ?? undefined,
  });
}
