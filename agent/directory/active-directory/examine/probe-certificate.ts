import { TLSSocket } from 'node:tls';
import { RollcallError } from '../../../../core/errors.ts';
import type { CertificateFacts, LookFailure } from '../../../../core/ports/directory-examination.ts';
import type { OpenOptions } from '../open-socket.ts';
import { openSocket } from '../open-socket.ts';
import { chainOf, described, isObjection } from '../presented-chain.ts';
import { oneLine } from '../server-words.ts';
import type { TlsTrust } from '../tls-trust.ts';

/**
 * Shakes hands twice: without trusting, to see what the server shows, and under the configured trust, to hear what there is against
 * it. Nothing is said to the server. Throws when the connection itself fails.
 */
export async function probeCertificate(options: OpenOptions): Promise<CertificateFacts> {
  const { trust, address, directory } = options;
  const blind: TlsTrust = { ca: null, serverName: trust.serverName, verifyChain: false, pin: null };
  const [leaf, ...above] = await shaken({ ...options, trust: blind }, chainOf);
  if (leaf === undefined) {
    const place = { directory, server: address.url };
    throw new RollcallError('DIRECTORY_TLS_FAILED', `${address.url} (directory "${directory}") showed no certificate`, { place });
  }
  const shown = described(leaf);
  const ca = above.findLast((certificate) => certificate.ca);
  return {
    subject: shown.subject,
    issuer: shown.issuer,
    validTo: shown.validTo,
    names: oneLine(leaf.subjectAltName ?? shown.subject, 300),
    sentCa: ca === undefined ? null : described(ca).subject,
    objection: await objectionUnder(options),
  };
}

async function objectionUnder(options: OpenOptions): Promise<LookFailure | null> {
  try {
    await shaken(options, () => null);
    return null;
  } catch (error) {
    if (error instanceof RollcallError && isObjection(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

async function shaken<Value>(options: OpenOptions, look: (socket: TLSSocket) => Value): Promise<Value> {
  const socket = await openSocket(options);
  try {
    if (socket instanceof TLSSocket) return look(socket);
    throw new Error('the address is not encrypted');
  } finally {
    socket.destroy();
  }
}
