import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { HubTls } from './build-hub.ts';

/** A certificate with its key, both proven to be a pair. */
export interface HubCertificate extends HubTls {
  readonly endsAt: Moment;
}

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Throws `HUB_UNAVAILABLE` when a file cannot be read, is not PEM, or the two are no pair. */
export async function readHubCertificate({ certFile, keyFile }: CertificateFiles): Promise<HubCertificate> {
  const [cert, key] = [await readPem(certFile), await readPem(keyFile)];
  const certificate = parsed(certFile, 'a certificate', () => new X509Certificate(cert));
  const privateKey = parsed(keyFile, 'a private key without a passphrase', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw unusable(`The key ${keyFile} does not belong to the certificate ${certFile}.`);
  return { cert, key, endsAt: certificate.validToDate.getTime() };
}

/** SHA-256 of the public key (SubjectPublicKeyInfo, DER) in hexadecimal: it stays while a certificate is renewed with its key. */
export async function publicKeyPin(certFile: string): Promise<string> {
  const cert = await readPem(certFile);
  const { publicKey } = parsed(certFile, 'a certificate', () => new X509Certificate(cert));
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'for an unknown reason';
    throw unusable(`${path} cannot be read (${code}).`, cause);
  }
}

/** What the parser says could quote the file; what was expected says enough. */
function parsed<Value>(path: string, expected: string, parse: () => Value): Value {
  try {
    return parse();
  } catch {
    throw unusable(`${path} is not ${expected} in PEM.`);
  }
}

function unusable(message: string, cause?: unknown): RollcallError {
  return new RollcallError('HUB_UNAVAILABLE', message, { cause });
}
