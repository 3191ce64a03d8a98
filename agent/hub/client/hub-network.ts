import { readFileSync } from 'node:fs';
import { RollcallError } from '../../../core/errors.ts';
import type { HttpNetwork } from '../../http/network.ts';
import { countCertificates, createTrust } from '../../http/trust.ts';

export interface HubTrust {
  /** The hub's public key, as the invitation told it; empty: there is none. */
  readonly pinSha256: string;
  /** PEM file of a CA that takes the place of the pin; empty: none. */
  readonly caFile: string;
  /** PEM file of a CA that is trusted for every way out; empty: none. */
  readonly proxyCaFile: string;
}

/**
 * The way to the hub: through the proxy like everything else. By a CA of its own, so that a gateway that inspects TLS can be trusted; else
 * by the pinned key; else by the system's roots. Throws `CONFIG_INVALID` when the CA cannot be used.
 */
export function hubNetwork(network: HttpNetwork, { pinSha256, caFile, proxyCaFile }: HubTrust): HttpNetwork {
  if (caFile === '') return pinSha256 === '' ? network : { ...network, pinnedKeySha256: pinSha256 };
  const caPem = [caFile, proxyCaFile].flatMap((file) => (file === '' ? [] : [readCa(file)])).join('\n');
  return { proxy: network.proxy, trust: createTrust({ caPem, onSystemStoreFailure: () => undefined }) };
}

function readCa(file: string): string {
  const place = { setting: 'hub.caFile', file };
  try {
    const text = readFileSync(file, 'utf8');
    if (countCertificates(text) > 0) return text;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new RollcallError('CONFIG_INVALID', `hub.caFile ${file} cannot be read (${code}).`, { place, cause });
  }
  throw new RollcallError('CONFIG_INVALID', `hub.caFile ${file} holds no certificate in PEM form (BEGIN CERTIFICATE).`, { place });
}
