import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** By which way a host is reached, and why when the proxy is not used. */
export type Route = 'proxy' | 'direct: loopback' | 'direct: proxy.bypass' | 'direct';

/**
 * The way to a host. Loopback never goes through a proxy: the proxy's "this machine" is another one. `bypass` holds host names and
 * addresses (`nas.example.com`, `10.0.0.5`) and, with a dot or `*.` in front, all names below (`.example.com`); case is not minded.
 */
export function routeTo(hostname: string, proxy: { readonly bypass: readonly string[] } | null): Route {
  const host = plain(hostname);
  if (proxy === null) return 'direct';
  if (isLoopback(host)) return 'direct: loopback';
  return proxy.bypass.some((entry) => covers(plain(entry), host)) ? 'direct: proxy.bypass' : 'proxy';
}

function covers(entry: string, host: string): boolean {
  const suffix = entry.startsWith('*.') ? entry.slice(1) : entry;
  return suffix.startsWith('.') ? isIP(host) === 0 && host.endsWith(suffix) && host.length > suffix.length : host === suffix;
}

function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' || host.endsWith('.localhost') : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Lower case, without brackets and without the root's dot. */
function plain(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/u, '$1')
    .replace(/(?<=.)\.$/u, '');
}
