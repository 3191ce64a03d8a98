import { isIP } from 'node:net';
import { RollcallError } from '../../../core/errors.ts';
import type { Phone } from '../../../core/model/phone.ts';
import { usesCertificate } from './sign-in/client-certificate.ts';
import type { TlsTrust } from './tls-trust.ts';

export interface TlsConfig {
  /** For `ldap://` addresses: `starttls` encrypts before signing in. `ldaps://` addresses are encrypted from the start. */
  readonly mode: 'ldaps' | 'starttls';
  /** PEM file with the issuing CA; it replaces the trusted roots. Empty: the run time's and the system's roots. */
  readonly caFile: string;
  /** The name to find in the certificate. Empty: the host of the address. */
  readonly serverName: string;
  /** SHA-256 of the server's certificate, hexadecimal with or without colons, or base64. Alone it takes the place of the chain. */
  readonly pinSha256: string;
  /** `false` is accepted for loopback addresses only. */
  readonly verify: boolean;
  /** PEM files of a client certificate and its key, to sign in with by SASL EXTERNAL. Empty or absent: none. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Milliseconds. */
export interface DirectoryDeadlines {
  /** Until the TCP connection stands. */
  readonly connectMs: number;
  /** Until TLS stands, StartTLS included. */
  readonly handshakeMs: number;
  /** From a request to the end of its answer. Longer than the server's own limit, so that the server ends first. */
  readonly requestMs: number;
  /** Without a byte while an answer is due. */
  readonly idleMs: number;
  /** One whole read of one server, the caller's storing included. */
  readonly readMs: number;
}

/** `generic` reads people of another LDAP server that carry AD's attributes; identity is entryUUID. No operator's setting. */
export type DirectorySchema = 'active-directory' | 'generic';

/** One configured Active Directory, all secrets resolved. */
export interface ActiveDirectoryConfig {
  readonly name: string;
  readonly domain: string;
  /** `ldaps://host[:port]` or `ldap://host[:port]`, tried in turn; empty: found by DNS. */
  readonly servers: readonly string[];
  /** Name servers (`address[:port]`) that know the domain; empty or absent: the machine's own. */
  readonly dnsServers?: readonly string[];
  /** The collector's subnets (CIDR), by which its site is found; empty or absent: the machine's own addresses. */
  readonly subnets?: readonly string[];
  readonly bindDn: string;
  readonly password: string;
  /** Changes when the stored password may have changed; says nothing about it. */
  readonly passwordVersion?: string;
  /** Only what changed is read when that is possible (C9); absent: false. */
  readonly delta?: boolean;
  /** `all-dcs`: the source can ask every domain controller for the last logons (C4). Absent: `one-dc`. */
  readonly lastLogon?: 'all-dcs' | 'one-dc';
  /** Empty: the domain's root. */
  readonly searchBases: readonly string[];
  /** The operator's extra filter (RFC 4515), or empty. */
  readonly filter: string;
  readonly excludeOus: readonly string[];
  /** Groups by DN; members of nested groups count. Empty: everybody. */
  readonly includeGroups: readonly string[];
  readonly excludeGroups: readonly string[];
  /** Groups whose members the entries tell; they decide nothing about who is read. */
  readonly watchedGroups?: readonly string[];
  readonly tls: TlsConfig;
  /** Entries a page; 1 to 1000, 200 by default: small pages cost this client least. */
  readonly pageSize?: number;
  readonly deadlines?: Partial<DirectoryDeadlines>;
  readonly parsePhone: (raw: string) => Phone;
  /** The country that `parsePhone` takes numbers without one for: when it changes, all users are read again. Absent: none. */
  readonly phoneCountry?: string;
  /** Ends a read or a check at once, as `INTERRUPTED`. */
  readonly signal?: AbortSignal;
  /** In place of what `tls` says about trust, while it is still being decided (`init`). */
  readonly trust?: TlsTrust;
  readonly schema?: DirectorySchema;
}

export const defaultDeadlines: DirectoryDeadlines = {
  connectMs: 10_000,
  handshakeMs: 15_000,
  requestMs: 150_000,
  idleMs: 135_000,
  readMs: 2 * 60 * 60_000,
};

const defaultPageSize = 200;
/** MaxPageSize of Active Directory's default query policy. */
const maxPageSize = 1000;

/** One server of the list, taken apart. */
export interface ServerAddress {
  /** As it is shown: `ldaps://dc1.corp.example.com`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  /** Where the host is, when that is not left to the machine (`dnsServers`). The host stays the name that TLS looks for. */
  readonly lookup?: HostLookup;
}

/** Looks a host up: at least one IP address. Rejects with a `RollcallError`. */
export type HostLookup = (host: string) => Promise<readonly string[]>;

export function pageSizeOf(config: ActiveDirectoryConfig): number {
  return Math.min(maxPageSize, Math.max(1, Math.trunc(config.pageSize ?? defaultPageSize)));
}

/**
 * Checks what must hold before a byte is sent, and takes the configured addresses apart: none when they are to be found by DNS.
 * Throws `SECRET_EMPTY`, `CONFIG_INVALID`.
 */
export function readAddresses(config: ActiveDirectoryConfig): readonly ServerAddress[] {
  const place = { directory: config.name };
  if (usesCertificate(config.tls)) {
    if (config.bindDn !== '' || config.password !== '') {
      throw new RollcallError('CONFIG_INVALID', `directory "${config.name}": sign in by certificate, or by bindDn and password`, { place });
    }
    return config.servers.map((text) => readAddress(text, config)).map((address) => encrypted(address, config.name));
  }
  if (config.bindDn.trim() === '') throw new RollcallError('CONFIG_INVALID', `directory "${config.name}": bindDn is empty`, { place });
  // RFC 4513 section 5.1.2: a simple bind with an empty password succeeds, as nobody.
  if (config.password === '') throw new RollcallError('SECRET_EMPTY', `directory "${config.name}": the password is empty`, { place });
  return config.servers.map((text) => readAddress(text, config));
}

/** A certificate is shown in the TLS handshake alone. */
function encrypted(address: ServerAddress, name: string): ServerAddress {
  if (address.security !== 'none') return address;
  const message = `directory "${name}": server ${address.url}: a certificate signs in over TLS only: use ldaps://, or tls.mode "starttls"`;
  throw new RollcallError('CONFIG_INVALID', message, { place: { directory: name, server: address.url } });
}

/** Tells whether a host is this machine by its spelling; a name that merely resolves to it does not count. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** Takes one address apart. Throws `CONFIG_INVALID`. */
export function readAddress(text: string, config: Pick<ActiveDirectoryConfig, 'name' | 'tls'>): ServerAddress {
  const place = { directory: config.name, server: text };
  function invalid(problem: string): RollcallError {
    return new RollcallError('CONFIG_INVALID', `directory "${config.name}": server ${text}: ${problem}`, { place });
  }
  if (!URL.canParse(text))
    throw new RollcallError('CONFIG_INVALID', `directory "${config.name}": a server is no address`, { place: { directory: config.name } });
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new RollcallError('CONFIG_INVALID', `directory "${config.name}": credentials do not belong in a server's address`, {
      place: { directory: config.name },
    });
  }
  const secure = url.protocol === 'ldaps:';
  if (!secure && url.protocol !== 'ldap:') throw invalid('the address begins with neither ldaps:// nor ldap://');
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') throw invalid('only host and port may follow');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (host === '') throw invalid('the host is missing');
  const startTls = !secure && config.tls.mode === 'starttls';
  if (!secure && !startTls && !isLoopback(host)) {
    throw invalid('the password would be sent in clear: use ldaps://, or tls.mode "starttls"');
  }
  if (!config.tls.verify && !isLoopback(host)) throw invalid('tls.verify false is accepted for loopback addresses only');
  const port = url.port === '' ? defaultPort(secure) : Number(url.port);
  if (port === 3268 || port === 3269) throw invalid('this port is the global catalog, which holds only a part of each user: leave it out');
  const security = startTls ? 'starttls' : 'none';
  return { url: text.replace(/\/$/, ''), host, port, security: secure ? 'tls' : security };
}

function defaultPort(secure: boolean): number {
  return secure ? 636 : 389;
}
