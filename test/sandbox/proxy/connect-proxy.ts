import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { CertificateAuthority } from './certificate-authority.ts';

/** What the proxy does instead of serving. */
export type ProxyFault =
  /** Takes the TCP connection and reads nothing (with TLS: no handshake). */
  | { readonly kind: 'silent' }
  /** Reads CONNECT and never answers, or cuts the connection. */
  | { readonly kind: 'hang-at-connect' | 'cut-at-connect' }
  /** Answers CONNECT with this status and these headers. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: readonly string[] }
  /** Answers CONNECT with something that is not HTTP. */
  | { readonly kind: 'garbage' }
  /** Says 200 and then moves nothing, or cuts. */
  | { readonly kind: 'hang-in-tunnel' | 'cut-in-tunnel' }
  /** Cuts after so many bytes came from the target, inside TLS when it inspects. */
  | { readonly kind: 'cut-in-answer'; readonly afterBytes: number };

export interface ConnectProxyOptions {
  /** Where names lead to, by `HOST:PORT`; what is not named is answered with 503. */
  readonly targets: Readonly<Record<string, number>>;
  readonly credentials?: { readonly userName: string; readonly password: string };
  /** Inspects TLS: signs anew with `authority`, and trusts `upstreamCa` for the target. */
  readonly inspect?: { readonly authority: CertificateAuthority; readonly upstreamCa: string };
  /** Is spoken to by https with this certificate. */
  readonly certificate?: { readonly key: string; readonly cert: string };
}

export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** CONNECTs in the order they came. */
  readonly seen: readonly { readonly authority: string; readonly authorization: string | null; readonly status: number | null }[];
  /** Requests that were no CONNECT. */
  readonly strays: readonly string[];
  /** From now on; `null`: serves. */
  fault: ProxyFault | null;
  /** Cuts the tunnels that are open. */
  cutAll(): void;
}

/** A stand-in for a company's HTTP proxy, on 127.0.0.1, with faults on demand. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const seen: { authority: string; authorization: string | null; status: number | null }[] = [];
  const strays: string[] = [];
  const open = new Set<Duplex>();
  const held = new Set<Socket>();
  const server = options.certificate === undefined ? createServer() : createSecureServer(options.certificate);
  const proxy: ConnectProxy = {
    get url() {
      const scheme = options.certificate === undefined ? 'http' : 'https';
      return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    seen,
    strays,
    fault: null,
    cutAll() {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of [...open, ...held]) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };

  server.on('request', (request, response) => {
    strays.push(`${request.method} ${request.url}`);
    response.writeHead(400).end();
  });
  muteOnDemand(server, proxy, held);
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => undefined);
    open.add(client);
    const entry = {
      authority: request.url ?? '',
      authorization: request.headers['proxy-authorization'] ?? null,
      status: null as number | null,
    };
    seen.push(entry);
    entry.status = answer(request, client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return proxy;

  function answer(request: IncomingMessage, client: Duplex): number | null {
    const { fault } = proxy;
    if (fault?.kind === 'hang-at-connect') return null;
    if (fault?.kind === 'cut-at-connect') return cut(client);
    if (fault?.kind === 'garbage') {
      client.end('SSH-2.0-Example\r\n\r\n');
      return null;
    }
    if (fault?.kind === 'answer') return refuse(client, fault.status, fault.headers ?? []);
    if (!isAllowed(request, options.credentials)) return refuse(client, 407, ['Proxy-Authenticate: Basic realm="example"']);
    const authority = request.url ?? '';
    const port = options.targets[authority];
    if (port === undefined) return refuse(client, 503, []);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (fault?.kind === 'cut-in-tunnel') {
      cut(client);
      return 200;
    }
    if (fault?.kind !== 'hang-in-tunnel') serve(authority, port, client);
    return 200;
  }

  function serve(authority: string, port: number, client: Duplex): void {
    const host = authority.replace(/:\d+$/u, '');
    const { inspect } = options;
    const inner = inspect === undefined ? client : new TLSSocket(client, { isServer: true, ...inspect.authority.issue(host) });
    const target =
      inspect === undefined
        ? connect(port, '127.0.0.1')
        : connectTls({ port, host: '127.0.0.1', servername: host, ca: inspect.upstreamCa, ALPNProtocols: ['http/1.1'] });
    open.add(inner).add(target);
    inner.on('error', () => undefined);
    let received = 0;
    target.on('data', (piece: Buffer) => {
      const { fault } = proxy;
      received += piece.length;
      if (fault?.kind === 'cut-in-answer' && received > fault.afterBytes) client.destroy();
    });
    pipeline(inner, target, () => inner.destroy());
    pipeline(target, inner, () => target.destroy());
  }
}

/** "Silent" is decided when the connection comes: before a byte of it is read. */
function muteOnDemand(server: Server, proxy: ConnectProxy, held: Set<Socket>): void {
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (proxy.fault?.kind === 'silent') {
      held.add(socket);
      socket.on('error', () => undefined);
      return;
    }
    for (const listener of listeners) listener.call(server, socket);
  });
}

function isAllowed(request: IncomingMessage, credentials: ConnectProxyOptions['credentials']): boolean {
  if (credentials === undefined) return true;
  const wanted = `Basic ${Buffer.from(`${credentials.userName}:${credentials.password}`).toString('base64')}`;
  return request.headers['proxy-authorization'] === wanted;
}

function refuse(client: Duplex, status: number, headers: readonly string[]): number {
  const page = '<html>example proxy</html>';
  client.end([`HTTP/1.1 ${status} Example`, ...headers, `Content-Length: ${page.length}`, '', page].join('\r\n'));
  return status;
}

function cut(client: Duplex): null {
  client.destroy();
  return null;
}
