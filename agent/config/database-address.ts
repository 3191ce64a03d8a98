import { isAbsolute } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import { isLoopbackHost } from './address.ts';

/** What `store.url` says. */
export interface DatabaseAddress {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** `null`: no TLS. `caFile` `null`: the certificates that the machine trusts. */
  readonly tls: { readonly caFile: string | null } | null;
}

/** What is expected in its place; `isSecret`: a password stands in it. */
export interface AddressProblem {
  readonly expected: string;
  readonly isSecret: boolean;
}

const form = 'postgres://ROLE@HOST[:PORT]/DATABASE[?sslmode=verify-full&sslrootcert=FILE]';
const known = ['sslmode', 'sslrootcert', 'host'];

/**
 * Reads `postgres://rollcall@db.example.com/rollcall?sslrootcert=/etc/ssl/db-ca.pem`. Without `sslmode` the certificate is checked,
 * but on this machine, where there is no TLS then. `@localhost/…?host=/run/postgresql` names a Unix socket.
 */
export function readDatabaseAddress(text: string): Result<DatabaseAddress, AddressProblem> {
  const url = URL.canParse(text) && !/\s/.test(text) ? new URL(text) : null;
  if (url !== null && url.password !== '')
    return err({ expected: 'an address without a password in it: store.password names it', isSecret: true });
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) return refused(`an address like ${form}`);
  const user = decoded(url.username);
  const database = decoded(url.pathname.slice(1));
  if (user === '' || database === '' || database.includes('/') || url.hash !== '') return refused(`a role and a database: ${form}`);
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) return refused('no other parameters than sslmode, sslrootcert and host');
    if (url.searchParams.getAll(name).length > 1) return refused(`"${name}" once`);
  }
  const host = hostOf(url);
  if (host === null) return refused(`a host, or localhost and the directory of its socket as "?host=/run/postgresql": ${form}`);
  const tls = tlsOf(url.searchParams, host.startsWith('/') || isLoopbackHost(host));
  return tls.ok ? ok({ host, port: url.port === '' ? 5432 : Number(url.port), user, database, tls: tls.value }) : tls;
}

function hostOf(url: URL): string | null {
  const socket = url.searchParams.get('host');
  const host = decoded(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (socket === null) return host === '' ? null : host;
  return isLoopbackHost(host) && socket.startsWith('/') ? socket : null;
}

function tlsOf(parameters: URLSearchParams, isHere: boolean): Result<DatabaseAddress['tls'], AddressProblem> {
  const mode = parameters.get('sslmode') ?? (isHere && !parameters.has('sslrootcert') ? 'disable' : 'verify-full');
  const caFile = parameters.get('sslrootcert');
  if (mode === 'disable' && isHere) return caFile === null ? ok(null) : refused('sslmode=verify-full with sslrootcert');
  if (mode !== 'verify-full') {
    const why = isHere ? 'sslmode=verify-full, or sslmode=disable on this machine' : 'sslmode=verify-full';
    return refused(`${why}: every other mode lets somebody on the way read and change what is stored`);
  }
  return caFile === null || isAbsolute(caFile) ? ok({ caFile }) : refused('an absolute path as sslrootcert');
}

function refused(expected: string): Result<never, AddressProblem> {
  return err({ expected, isSecret: false });
}

/** What cannot be decoded is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
