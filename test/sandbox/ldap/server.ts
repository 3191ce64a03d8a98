import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { LdapConnection } from './connection.ts';
import type { LdapEntry, Scope } from './entry.ts';
import type { SearchKind } from './faults.ts';
import { type Fault, FaultPlan } from './faults.ts';

export interface LdapAccount {
  /** Every name that it may sign in with (DN, userPrincipalName, …). */
  readonly names: readonly string[];
  readonly password: string;
  /** What "who am I" answers, without the `u:`. */
  readonly identity?: string;
  /** SHA-256 of the client certificate that it is signed in by, if clients show one, hexadecimal in lower case. */
  readonly certificate?: string;
}

export interface LdapStandInOptions {
  /** `ldaps`: TLS from the first byte; `ldap`: clear text, StartTLS when there is a certificate. Default `ldap`. */
  readonly scheme?: 'ldap' | 'ldaps';
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** The root is the entry with the empty DN. */
  readonly entries: readonly LdapEntry[];
  readonly accounts?: readonly LdapAccount[];
  /** Refuses simple binds in clear text, as Active Directory does since 2025. Default false. */
  readonly requiresEncryption?: boolean;
  readonly faults?: readonly Fault[];
}

/** One request as it arrived. */
export interface Received {
  readonly connection: number;
  readonly secure: boolean;
  readonly operation: 'bind' | 'unbind' | 'abandon' | 'search' | 'starttls' | 'whoami' | 'extended' | 'other';
  readonly dn?: string;
  readonly password?: string | null;
  /** Of SASL; absent for a simple bind. */
  readonly mechanism?: string;
  readonly search?: {
    readonly kind: SearchKind;
    readonly base: string;
    readonly scope: Scope;
    readonly filter: string;
    readonly attributes: readonly string[];
    readonly pageSize: number | null;
    readonly page: number;
    readonly sizeLimit: number;
    readonly timeLimit: number;
  };
}

/** A scriptable LDAP server on 127.0.0.1. It is strict where Active Directory is, and goes wrong where it is told to. */
export interface LdapStandIn {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** The names that clients asked for in TLS (SNI); empty for one that asked for none. */
  readonly askedNames: readonly string[];
  /** Everything that came before or without TLS. */
  clearBytes(): Buffer;
  /** Connections ever accepted, and those open now. */
  readonly connections: { readonly accepted: number; readonly open: number };
  /** Resolves when the last open connection has been closed by the client. */
  idle(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the stand-in on a free port. */
export async function startLdapStandIn(options: LdapStandInOptions): Promise<LdapStandIn> {
  const scheme = options.scheme ?? 'ldap';
  const faults = new FaultPlan(options.faults ?? []);
  const received: Received[] = [];
  const askedNames: string[] = [];
  const clear: Buffer[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let accepted = 0;

  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const resolve of waiting) resolve();
    });
    new LdapConnection({
      number: accepted,
      socket,
      options: { ...options, scheme },
      faults,
      onReceived: (request) => received.push(request),
      onSecured: (name) => askedNames.push(name),
      onClear: (bytes) => clear.push(bytes),
    }).start();
  });
  const port = await listen(server);

  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    received,
    askedNames,
    clearBytes: () => Buffer.concat(clear),
    get connections() {
      return { accepted, open: sockets.size };
    },
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
