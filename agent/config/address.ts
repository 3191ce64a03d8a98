import { BlockList, isIP } from 'node:net';

/** What the checks need to know of an address. The address itself is not repeated: it may carry a password. */
export interface Address {
  /** Without the colon, lower case. */
  readonly scheme: string;
  readonly host: string;
  readonly isLoopback: boolean;
  readonly hasUser: boolean;
  readonly hasPassword: boolean;
  readonly hasPath: boolean;
  readonly hasQuery: boolean;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reads `scheme://host…`; `null` when it is no such address. */
export function readAddress(text: string): Address | null {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) || /\s/.test(text)) {
    return null;
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') {
    return null;
  }
  return {
    scheme: url.protocol.slice(0, -1),
    host,
    isLoopback: isLoopbackHost(host),
    hasUser: url.username !== '',
    hasPassword: url.password !== '',
    hasPath: url.pathname !== '' && url.pathname !== '/',
    hasQuery: url.search !== '' || url.hash !== '',
  };
}

/** 127.0.0.0/8, ::1 and `localhost`. */
export function isLoopbackHost(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
