import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { type Redacted, reveal } from '../secrets/redacted.ts';
import { ConnectFailure, connectReason, errorCode, isCertificateFault } from './connect-failure.ts';
import type { Trust } from './trust.ts';

/** The HTTP proxy on the way out. */
export interface HttpProxy {
  /** `http://HOST:PORT` or `https://HOST:PORT`: how the proxy itself is spoken to. */
  readonly url: string;
  /** Sent to the proxy by Basic, never to a target. `null`: it asks for none. */
  readonly credentials: { readonly userName: string; readonly password: Redacted } | null;
  /** Hosts that are reached without it, see `routeTo`. */
  readonly bypass: readonly string[];
}

export interface Tunnels {
  /**
   * Connects to the proxy and has it connect to `authority` (`HOST:PORT`). Each of the two steps has its own deadline.
   * Throws `ConnectFailure`: nothing has been sent to the target.
   */
  open(authority: string): Promise<Socket>;
}

/** A refused password is not sent again for this long: accounts lock. Milliseconds. */
const refusalHoldsMs = 60_000;

/** Makes tunnels through one proxy. `timeoutMs` bounds each step. */
export function createTunnels(proxy: HttpProxy, trust: Trust, timeoutMs: number): Tunnels {
  const url = new URL(proxy.url);
  const where = `the proxy ${url.origin}`;
  let refused: { readonly failure: ConnectFailure; readonly until: number } | null = null;

  function connectToProxy(): Promise<Socket> {
    const isSecure = url.protocol === 'https:';
    const connector = buildConnector({
      timeout: timeoutMs,
      allowH2: false,
      ...(isSecure ? { secureContext: trust.context() } : {}),
    });
    const { hostname, host, protocol, port } = url;
    return new Promise((resolve, reject) => {
      connector({ hostname: hostname.replace(/^\[(.*)\]$/u, '$1'), host, protocol, port }, (...[failure, socket]) => {
        if (failure === null) resolve(socket);
        else reject(unreachable(failure));
      });
    });
  }

  function unreachable(cause: Error): ConnectFailure {
    const code = errorCode(cause);
    const isCertificate = isCertificateFault(code);
    const reason = isCertificate ? `its certificate is not accepted (${code})` : connectReason(cause);
    return new ConnectFailure(`${where} cannot be reached: ${reason}`, {
      report: 'HTTP_PROXY_UNREACHABLE',
      mayPass: !isCertificate,
      cause,
    });
  }

  /** Writes CONNECT and waits for the answer's head; the socket is the tunnel when it says yes. */
  function ask(socket: Socket, authority: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const asked = request({
        method: 'CONNECT',
        path: authority,
        headers: { host: authority, 'proxy-connection': 'keep-alive', connection: 'keep-alive', ...authorization(proxy) },
        createConnection: () => socket,
      });
      function fail(failure: ConnectFailure): void {
        clearTimeout(timer);
        asked.destroy();
        socket.destroy();
        reject(failure);
      }
      const timer = setTimeout(() => fail(silent(`${where} did not answer in time`)), timeoutMs);
      asked.on('error', (cause) => fail(silent(`${where} closed the connection before it answered (${errorCode(cause)})`, cause)));
      asked.on('connect', (answer, tunnel: Socket, head) => {
        const status = answer.statusCode ?? 0;
        if (status < 200 || status > 299) {
          fail(refusal(answer));
          return;
        }
        clearTimeout(timer);
        if (head.length > 0) tunnel.unshift(head);
        resolve(tunnel);
      });
      asked.end();
    });
  }

  function silent(reason: string, cause?: unknown): ConnectFailure {
    return new ConnectFailure(`${reason}: is it an HTTP proxy?`, { report: 'HTTP_PROXY_UNREACHABLE', mayPass: true, cause });
  }

  function refusal(answer: IncomingMessage): ConnectFailure {
    const status = answer.statusCode ?? 0;
    if (status === 407) {
      const failure = new ConnectFailure(`${where} ${credentialsReason(answer.headers, proxy.credentials !== null)}`, {
        report: 'HTTP_PROXY_CREDENTIALS_REJECTED',
        mayPass: false,
      });
      refused = { failure, until: performance.now() + refusalHoldsMs };
      return failure;
    }
    const gateway = status >= 500 ? ': the proxy itself does not reach the host, by name or by way' : '';
    return new ConnectFailure(`${where} answered ${status} instead of connecting${gateway}`, {
      report: 'HTTP_PROXY_REFUSED',
      mayPass: status >= 500,
    });
  }

  return {
    async open(authority) {
      if (refused !== null && performance.now() < refused.until) throw refused.failure;
      return ask(await connectToProxy(), authority);
    },
  };
}

function authorization({ credentials }: HttpProxy): Record<string, string> {
  if (credentials === null) return {};
  const pair = Buffer.from(`${credentials.userName}:${reveal(credentials.password)}`, 'utf8').toString('base64');
  return { 'proxy-authorization': `Basic ${pair}` };
}

/** What a 407 wants. Only the names of the schemes are repeated. */
function credentialsReason(headers: IncomingHttpHeaders, given: boolean): string {
  const schemes = schemesOf(headers['proxy-authenticate'] ?? []);
  if (schemes.length > 0 && !schemes.some((scheme) => scheme.toLowerCase() === 'basic')) {
    return (
      `takes only ${schemes.join(' and ')} (407), and rollcall has Basic only: have it take Basic for an account of rollcall's own, ` +
      'or let this machine through to these hosts without a sign-in'
    );
  }
  return given ? 'refused proxy.userName and proxy.password (407)' : 'asks for a sign-in (407): set proxy.userName and proxy.password';
}

/** Node joins several headers with a comma, so a scheme is a word without `=` that begins a challenge. */
function schemesOf(header: string | readonly string[]): readonly string[] {
  const challenges = (typeof header === 'string' ? header : header.join(', ')).split(/,\s*/u);
  const names = challenges.flatMap((challenge) => /^\s*([A-Za-z][A-Za-z0-9-]{0,30})(?=\s|$)/u.exec(challenge)?.[1] ?? []);
  return [...new Set(names)];
}
