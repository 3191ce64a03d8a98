import { BlockList, isIP } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** `127.0.0.1:7420` or `[::1]:7420`; the configuration has proven the form. */
export function readListenAddress(text: string): ListenAddress {
  const cut = text.lastIndexOf(':');
  return { host: text.slice(0, cut).replace(/^\[|\]$/g, ''), port: Number(text.slice(cut + 1)) };
}

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether a request's `Host` names this machine itself. A page of some web site can let its own name point to 127.0.0.1, and a browser
 * on this machine would then read for it what only loopback may see; the name gives it away.
 */
export function namesLoopback(host: string | undefined): boolean {
  const name = /^(\[[0-9A-Fa-f:.]+\]|[^:]+)(?::\d{1,5})?$/.exec(host ?? '')?.[1];
  return name !== undefined && isLoopback(name.replace(/^\[|\]$/g, ''));
}
