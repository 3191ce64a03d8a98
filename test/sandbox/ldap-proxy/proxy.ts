import { type AddressInfo, createServer, type Socket } from 'node:net';
import { ProxyConnection } from './connection.ts';
import type { FaultKind } from './fault-kind.ts';
import type { Place } from './place.ts';

/** What goes wrong, and where. */
export interface ProxyFault {
  readonly place: Place;
  /** Only at the n-th request for that place since the fault was set, counted from 1; absent: at each. */
  readonly nth?: number;
  readonly kind: FaultKind;
}

export interface LdapProxyOptions {
  /** The server behind it, which is spoken to in clear. */
  readonly upstream: { readonly host: string; readonly port: number };
  /** `ldaps`: TLS from the first byte; `ldap`: clear text, StartTLS when there is a certificate. Default `ldap`. */
  readonly scheme?: 'ldap' | 'ldaps';
  readonly certificate?: { readonly key: string; readonly cert: string };
}

/** A proxy on 127.0.0.1 between a client and a real LDAP server that does harm where it is told to. */
export interface LdapProxy {
  readonly url: string;
  /** Sets the faults and begins to count anew; none: it passes everything on. */
  set(faults: readonly ProxyFault[]): void;
  /** How often a fault struck since faults were set. */
  readonly struck: number;
  /** What came from clients, by place, since faults were set. */
  readonly seen: ReadonlyMap<Place, number>;
  /** Everything that clients sent before or without TLS. */
  clearBytes(): Buffer;
  /** Errors of the proxy's own: a fault that could not be carried out. */
  readonly mistakes: readonly string[];
  readonly open: number;
  /** Resolves when clients have closed all connections. */
  idle(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the proxy on a free port. */
export async function startLdapProxy(options: LdapProxyOptions): Promise<LdapProxy> {
  const scheme = options.scheme ?? 'ldap';
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const clear: Buffer[] = [];
  const mistakes: string[] = [];
  const seen = new Map<Place, number>();
  let faults: readonly ProxyFault[] = [];
  let struck = 0;

  function strike(place: Place): FaultKind | null {
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    const fault = faults.find((candidate) => candidate.place === place && (candidate.nth ?? count) === count);
    if (fault === undefined) return null;
    struck += 1;
    return fault.kind;
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const resolve of waiting) resolve();
    });
    new ProxyConnection({
      ...options,
      scheme,
      socket,
      strike,
      onClear: (bytes) => clear.push(bytes),
      onMistake: (error) => mistakes.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    }).start();
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    set(next) {
      faults = next;
      struck = 0;
      seen.clear();
    },
    get struck() {
      return struck;
    },
    seen,
    clearBytes: () => Buffer.concat(clear),
    mistakes,
    get open() {
      return sockets.size;
    },
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
