import { readFileSync } from 'node:fs';
import { RollcallError } from '../../core/errors.ts';
import type { Redacted } from '../secrets/redacted.ts';
import type { HttpProxy } from './proxy-tunnel.ts';
import { countCertificates, createTrust, type Trust } from './trust.ts';

/** The ways out of this machine that all HTTP clients of a process share. LDAP does not take part: it always connects straight. */
export interface HttpNetwork {
  /** `null`: straight to each target. */
  readonly proxy: HttpProxy | null;
  readonly trust: Trust;
  /**
   * SHA-256 of the target's public key (SubjectPublicKeyInfo, DER) in hexadecimal: then exactly that key is accepted, whoever signed
   * it and for whatever name. It says nothing of a proxy. Absent: a certificate is proven by `trust`.
   */
  readonly pinnedKeySha256?: string;
}

/** The section `proxy` of the configuration; paths are absolute. */
export interface ProxySettings {
  readonly url: string;
  readonly userName: string;
  readonly caFile: string;
  readonly bypass: readonly string[];
}

/**
 * What the configuration says of the way out, as an option of `createHttpClient`. `password` is the resolved `proxy.password`, `null`
 * without one. HTTPS_PROXY and NO_PROXY of the environment are not looked at: a service has another environment than the shell in
 * which it was tried. Throws `CONFIG_INVALID` when `proxy.caFile` cannot be used. `warn` is told when the system's certificates cannot
 * be read.
 */
export function networkOptions(
  settings: ProxySettings,
  password: Redacted | null,
  warn: (message: string, facts: { readonly reason: string }) => void,
): { readonly network: HttpNetwork } {
  const proxy: HttpProxy | null =
    settings.url === ''
      ? null
      : {
          url: new URL(settings.url).origin,
          credentials: password === null ? null : { userName: settings.userName, password },
          bypass: settings.bypass,
        };
  const trust = createTrust({
    caPem: settings.caFile === '' ? '' : readCaFile(settings.caFile),
    onSystemStoreFailure: (reason) =>
      warn("The system's certificate store cannot be read; Node's own roots and proxy.caFile are trusted.", { reason }),
  });
  return { network: { proxy, trust } };
}

/** Straight out, with Node's and the system's roots. */
export function plainNetwork(): HttpNetwork {
  return { proxy: null, trust: createTrust({ caPem: '', onSystemStoreFailure: () => undefined }) };
}

function readCaFile(file: string): string {
  const place = { setting: 'proxy.caFile', file };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new RollcallError('CONFIG_INVALID', `proxy.caFile ${file} cannot be read (${code}).`, { place, cause });
  }
  try {
    if (countCertificates(text) > 0) return text;
  } catch (cause) {
    throw new RollcallError('CONFIG_INVALID', `proxy.caFile ${file} holds a certificate that cannot be read.`, { place, cause });
  }
  throw new RollcallError('CONFIG_INVALID', `proxy.caFile ${file} holds no certificate in PEM form (BEGIN CERTIFICATE).`, { place });
}
