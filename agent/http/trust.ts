import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** Whose certificates are accepted for HTTPS: Node's own roots, those of the system, and a CA that the operator gave. */
export interface Trust {
  /** Read at the first call and kept: it takes some 50 ms. */
  context(): SecureContext;
}

export interface TrustOptions {
  /** Certificates (PEM) to trust besides; empty: none. */
  readonly caPem: string;
  /** Told, once, when the system's certificate store cannot be read; the others are trusted all the same. */
  readonly onSystemStoreFailure: (reason: string) => void;
  /** The system's certificates (PEM); tests put a failing store in its place. */
  readonly readSystemStore?: () => readonly string[];
}

/** Makes the trust of one process; nothing is read yet. */
export function createTrust(options: TrustOptions): Trust {
  let context: SecureContext | null = null;
  return {
    context() {
      context ??= load(options);
      return context;
    },
  };
}

/** How many certificates the PEM text holds. Throws when one of them cannot be read: Node would pass over it in silence. */
export function countCertificates(pem: string): number {
  const blocks = pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/gu) ?? [];
  for (const block of blocks) void new X509Certificate(block);
  return blocks.length;
}

function load(options: TrustOptions): SecureContext {
  const { caPem } = options;
  const roots = new Set([...getCACertificates('default'), ...systemStore(options), ...(caPem === '' ? [] : [caPem])]);
  return createSecureContext({
    ca: [...roots],
    minVersion: 'TLSv1.2',
    // The CA that an operator gives is trusted as it is, whether or not it is a root.
    allowPartialTrustChain: caPem !== '',
  });
}

function systemStore(options: TrustOptions): readonly string[] {
  try {
    return (options.readSystemStore ?? (() => getCACertificates('system')))();
  } catch (error) {
    options.onSystemStoreFailure(error instanceof Error ? error.message : String(error));
    return [];
  }
}
