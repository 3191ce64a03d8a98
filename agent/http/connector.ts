import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { routeTo } from './bypass.ts';
import { ConnectFailure, connectReason, errorCode, isCertificateFault, isUnknownIssuer } from './connect-failure.ts';
import type { HttpNetwork } from './network.ts';
import { createTunnels, type Tunnels } from './proxy-tunnel.ts';

/**
 * Makes what undici opens its connections with: straight, or through the proxy by CONNECT, and TLS with the target itself in both
 * cases. (undici's own ProxyAgent drops the head of the proxy's answer, in which stands why it refused, and tries some failures for
 * ever.) `timeoutMs` bounds each step: name and TCP, the proxy's answer, TLS. Every failure is a `ConnectFailure`.
 */
export function createConnector(network: HttpNetwork, timeoutMs: number): buildConnector.connector {
  const plain = buildConnector({ timeout: timeoutMs, allowH2: false });
  let secure: buildConnector.connector | null = null;
  const tunnels = network.proxy === null ? null : createTunnels(network.proxy, network.trust, timeoutMs);

  async function socketFor(target: buildConnector.Options): Promise<Awaited<ReturnType<Tunnels['open']>>> {
    if (target.protocol !== 'https:') return discardingUnsent(await connect(plain, target, null));
    secure ??= secureConnector(network, timeoutMs);
    const isProxied = tunnels !== null && routeTo(target.hostname, network.proxy) === 'proxy';
    const way = isProxied ? await tunnels.open(authorityOf(target)) : await connect(plain, beneath(target), null);
    try {
      const proxyUrl = isProxied ? (network.proxy?.url ?? null) : null;
      return discardingUnsent(provenKey(await connect(secure, { ...target, httpSocket: way }, proxyUrl), proxyUrl), way);
    } catch (error) {
      way.destroy();
      throw error;
    }
  }

  /** Nothing has been sent yet: undici gets the socket only when its key is the right one. */
  function provenKey(socket: Socket, proxyUrl: string | null): Socket {
    if (network.pinnedKeySha256 === undefined) return socket;
    const failure = pinFailure((socket as TLSSocket).getPeerX509Certificate(), network.pinnedKeySha256, proxyUrl);
    if (failure === null) return socket;
    socket.destroy();
    throw failure;
  }

  async function open(target: buildConnector.Options, done: buildConnector.Callback): Promise<void> {
    let socket: Awaited<ReturnType<typeof socketFor>>;
    try {
      socket = await socketFor(target);
    } catch (error) {
      done(error instanceof ConnectFailure ? error : new ConnectFailure(connectReason(error), { mayPass: false, cause: error }), null);
      return;
    }
    done(null, socket);
  }

  return (target, done) => void open(target, done);
}

/** With a pinned key the chain and the name prove nothing, and each connection shows the certificate anew. */
function secureConnector({ trust, pinnedKeySha256 }: HttpNetwork, timeout: number): buildConnector.connector {
  const isPinned = pinnedKeySha256 !== undefined;
  return buildConnector({
    timeout,
    allowH2: false,
    ...(isPinned ? { rejectUnauthorized: false, maxCachedSessions: 0, minVersion: 'TLSv1.2' } : { secureContext: trust.context() }),
  });
}

/** `null`: it is the key that was pinned. */
function pinFailure(certificate: X509Certificate | undefined, pinned: string, proxyUrl: string | null): ConnectFailure | null {
  const key = certificate?.publicKey.export({ type: 'spki', format: 'der' });
  if (key !== undefined && createHash('sha256').update(key).digest('hex') === pinned) return null;
  const issuer = certificate === undefined ? '' : `, in a certificate issued by "${oneLine(certificate.issuer)}"`;
  const through = proxyUrl === null ? '' : `, through the proxy ${new URL(proxyUrl).origin}`;
  return new ConnectFailure(`the server shows another public key than the one that was agreed on${issuer}${through}`, {
    report: 'HTTP_CERTIFICATE_REJECTED',
    mayPass: false,
  });
}

function authorityOf({ host, hostname, port }: buildConnector.Options): string {
  return port === '' ? `${host ?? hostname}:443` : (host ?? `${hostname}:${port}`);
}

/** The TCP connection that TLS is spoken over. */
function beneath(target: buildConnector.Options): buildConnector.Options {
  return { ...target, protocol: 'http:', port: target.port === '' ? '443' : target.port };
}

/**
 * When the connection is given up, what the other side has not got is thrown away. Closed the usual way it would stay with the operating
 * system, which sends it when the network is back: a write that was given up long before would be carried out then. `way`: what TLS is
 * spoken over.
 */
function discardingUnsent(socket: Socket, way: Socket = socket): Socket {
  // TLS to a proxy: what the proxy has got is out of reach anyway.
  if (way !== socket && way instanceof TLSSocket) return socket;
  way.on('error', () => undefined);
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    if (error instanceof Error && !way.destroyed) way.resetAndDestroy();
    return destroy(error);
  };
  return socket;
}

/** Opens the connection, with TLS where the target has it; `proxyUrl` is that of the tunnel it goes through. */
function connect(
  connector: buildConnector.connector,
  target: buildConnector.Options,
  proxyUrl: string | null,
): Promise<Awaited<ReturnType<Tunnels['open']>>> {
  return new Promise((resolve, reject) => {
    let certificate: X509Certificate | undefined;
    // undici's connector returns its socket, though its types do not say so.
    const socket: unknown = connector(target, (...[failure, connected]) => {
      if (failure === null) resolve(connected);
      else reject(connectionFailure(failure, certificate, proxyUrl));
    });
    if (target.protocol !== 'https:') return;
    // Fires before the verdict, while the certificate can still be looked at; without it only the message is poorer.
    (socket as TLSSocket | undefined)?.prependListener('secure', () => {
      certificate = (socket as TLSSocket).getPeerX509Certificate();
    });
  });
}

/** What a connection to the target itself failed of; `certificate` is what it showed, if it came that far. */
export function connectionFailure(cause: Error, certificate: X509Certificate | undefined, proxyUrl: string | null): ConnectFailure {
  const code = errorCode(cause);
  const through = proxyUrl === null ? '' : `, through the proxy ${new URL(proxyUrl).origin}`;
  if (!isCertificateFault(code)) {
    const reason =
      proxyUrl !== null && code === 'UND_ERR_CONNECT_TIMEOUT' ? `TLS was not finished in time (${code})` : connectReason(cause);
    return new ConnectFailure(`${reason}${through}`, { mayPass: !code.startsWith('ERR_SSL_'), cause });
  }
  const issuer = certificate === undefined ? '' : `, issued by "${oneLine(certificate.issuer)}"`;
  return new ConnectFailure(`the certificate is not accepted (${code})${issuer}${through}${inspectionHint(code, proxyUrl !== null)}`, {
    report: 'HTTP_CERTIFICATE_REJECTED',
    mayPass: false,
    cause,
  });
}

function inspectionHint(code: string, isProxied: boolean): string {
  if (!isUnknownIssuer(code)) return '';
  return isProxied
    ? '. This looks like TLS inspection: give the CA of the proxy as proxy.caFile'
    : '. If a gateway on the way inspects TLS, give its CA as proxy.caFile';
}

function oneLine(issuer: string): string {
  return issuer
    .trim()
    .replaceAll(/\s*\n\s*/gu, ', ')
    .slice(0, 200);
}
