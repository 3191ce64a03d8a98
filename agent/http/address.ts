import { RollcallError } from '../../core/errors.ts';

/** Whether the host can only be this machine. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(hostname);
}

/**
 * Parses an address that requests are sent to. Throws `CONFIG_INVALID` when it is none, holds a user name or password, or would
 * send credentials in the clear to another machine.
 */
export function checkAddress(address: string): URL {
  const url = URL.parse(address);
  if (url === null) {
    throw new RollcallError('CONFIG_INVALID', 'An address of a service is not a URL.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new RollcallError('CONFIG_INVALID', `The address of ${url.host} must not hold a user name or a password.`);
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new RollcallError('CONFIG_INVALID', `The address of ${url.host} must begin with https: (http: is for loopback addresses only).`);
  }
  return url;
}

/** The path and the names of the query's members, without their values: e-mail addresses and names stand in those. */
export function loggablePath(url: URL): string {
  const names = [...new Set(url.searchParams.keys())];
  return names.length === 0 ? url.pathname : `${url.pathname}?${names.join('&')}`;
}
