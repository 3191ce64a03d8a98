import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { RollcallError } from '../../../../core/errors.ts';
import type { TlsConfig } from '../config.ts';
import { codeOf } from '../socket-error.ts';

/** What we show of ourselves in the TLS handshake, to be signed in by it; PEM texts. */
export interface ClientCertificate {
  /** Where it came from, for messages. */
  readonly file: string;
  readonly cert: string;
  readonly key: string;
}

/** Whether the configuration signs in with a certificate, not with a password. */
export function usesCertificate(tls: Pick<TlsConfig, 'certFile' | 'keyFile'>): boolean {
  return (tls.certFile ?? '') !== '' || (tls.keyFile ?? '') !== '';
}

/**
 * Reads certificate and key and proves that they can be used: readable, PEM, of one pair, in their dates. `null`: none is configured.
 * Throws `DIRECTORY_CLIENT_CERTIFICATE`.
 */
export async function readClientCertificate(
  tls: Pick<TlsConfig, 'certFile' | 'keyFile'>,
  directory: string,
  now: number = Date.now(),
): Promise<ClientCertificate | null> {
  if (!usesCertificate(tls)) return null;
  const { certFile = '', keyFile = '' } = tls;
  function refuse(what: string, cause?: unknown): RollcallError {
    return new RollcallError('DIRECTORY_CLIENT_CERTIFICATE', `directory "${directory}": ${what}`, { place: { directory }, cause });
  }
  async function read(setting: string, path: string): Promise<string> {
    if (path === '') throw refuse(`tls.certFile and tls.keyFile go together, and ${setting} is not set`);
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      throw refuse(`${setting} ${path} cannot be read (${codeOf(cause) ?? 'unknown cause'})`, cause);
    }
  }
  const cert = await read('tls.certFile', certFile);
  const key = await read('tls.keyFile', keyFile);
  const certificate = parseCertificate(cert);
  if (certificate === null) throw refuse(`tls.certFile ${certFile} holds no certificate in PEM form`);
  const privateKey = parseKey(key);
  if (typeof privateKey === 'string') throw refuse(`tls.keyFile ${keyFile} ${privateKey}`);
  if (!certificate.checkPrivateKey(privateKey)) throw refuse(`the key ${keyFile} does not belong to the certificate ${certFile}`);
  if (now > certificate.validToDate.getTime()) throw refuse(`the certificate ${certFile} expired on ${certificate.validTo}`);
  if (now < certificate.validFromDate.getTime()) throw refuse(`the certificate ${certFile} is not valid before ${certificate.validFrom}`);
  return { file: certFile, cert, key };
}

/** The first one of the file: a chain has the own certificate first. */
function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** The key, or what is wrong with it. */
function parseKey(pem: string): KeyObject | string {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    return (
      'is protected by a passphrase, which a service has nobody to ask for: store it without one ' +
      '("openssl pkey -in KEY -out KEY.plain") where only the account of rollcall can read it'
    );
  }
  try {
    return createPrivateKey(pem);
  } catch {
    return 'holds no private key in PEM form';
  }
}
