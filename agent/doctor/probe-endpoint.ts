import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { DetailedPeerCertificate } from 'node:tls';
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls';
import { type Route, routeTo } from '../http/bypass.ts';
import { ConnectFailure, connectReason } from '../http/connect-failure.ts';
import { connectionFailure } from '../http/connector.ts';
import type { HttpNetwork } from '../http/network.ts';
import { createTunnels } from '../http/proxy-tunnel.ts';
import type { ClockSample } from './judge.ts';

type ProbeStage = 'name' | 'proxy' | 'connection' | 'tls' | 'answer';

/** What one connection to an API showed, step by step. Times are milliseconds. */
export interface EndpointProbe {
  readonly route: Route;
  /** The proxy that the way leads through. */
  readonly proxy: string | null;
  readonly steps: readonly { readonly stage: ProbeStage; readonly ms: number; readonly seen: string }[];
  readonly certificate: ProbedCertificate | null;
  readonly clock: ClockSample | null;
  /** A header that tells how many requests are left, as it was. */
  readonly rateLeft: string | null;
  readonly failure: { readonly stage: ProbeStage; readonly reason: string; readonly error: string | null } | null;
}

interface ProbedCertificate {
  readonly issuer: string;
  readonly validTo: number;
  /** The CA at the chain's end; `null` when the chain is not trusted. */
  readonly root: string | null;
  /** That CA is one that browsers trust; else it is a company's own. */
  readonly isPublic: boolean;
}

const stepMs = 10_000;

/** Goes the way of a request to `url` and stops before one that needs a sign-in. Never throws. */
export async function probeEndpoint(url: URL, name: string, network: HttpNetwork): Promise<EndpointProbe> {
  const route = routeTo(url.hostname, url.protocol === 'https:' ? network.proxy : null);
  const probe = {
    route,
    proxy: route === 'proxy' ? (network.proxy?.url ?? null) : null,
    steps: [] as { stage: ProbeStage; ms: number; seen: string }[],
    certificate: null as ProbedCertificate | null,
    clock: null as ClockSample | null,
    rateLeft: null as string | null,
  };
  let stage: ProbeStage = 'name';
  let socket: Socket | null = null;
  async function step<Value>(next: ProbeStage, work: () => Promise<Value>, seen: (value: Value) => string): Promise<Value> {
    stage = next;
    const began = performance.now();
    const value = await work();
    probe.steps.push({ stage: next, ms: Math.round(performance.now() - began), seen: seen(value) });
    return value;
  }
  try {
    const usual = url.protocol === 'https:' ? 443 : 80;
    const port = url.port === '' ? usual : Number(url.port);
    const hostname = url.hostname.replace(/^\[(.*)\]$/u, '$1');
    if (route === 'proxy' && network.proxy !== null) {
      const tunnels = createTunnels(network.proxy, network.trust, stepMs);
      socket = await step(
        'proxy',
        () => tunnels.open(`${url.hostname}:${port}`),
        () => `tunnel through ${network.proxy?.url ?? ''}`,
      );
    } else {
      if (isIP(hostname) === 0) {
        await step(
          'name',
          () => within(lookup(hostname, { all: true }), 'the name server does not answer in time'),
          (found) => found.map(({ address }) => address).join(', '),
        );
      }
      socket = await step(
        'connection',
        () => openTcp(hostname, port),
        () => `port ${port}`,
      );
    }
    if (url.protocol === 'https:') {
      const open = socket;
      const secure = await step(
        'tls',
        () => openTls(open, hostname, network, probe),
        (made) => made.getProtocol() ?? 'TLS',
      );
      socket = secure;
    }
    const speaking = socket;
    const answer = await step(
      'answer',
      () => askForHead(speaking, url),
      ({ status }) => `status ${status}`,
    );
    probe.rateLeft = answer.rateLeft;
    if (answer.date !== null) {
      // The header is cut to whole seconds: on average half of one is gone.
      const uncertainMs = answer.roundTripMs / 2 + 1000;
      probe.clock = { source: name, theirs: answer.date + 500, ours: answer.at - answer.roundTripMs / 2, uncertainMs };
    }
    return { ...probe, failure: null };
  } catch (error) {
    const failure = error instanceof ConnectFailure ? error : null;
    return { ...probe, failure: { stage, reason: failure?.message ?? connectReason(error), error: failure?.report ?? null } };
  } finally {
    socket?.destroy();
  }
}

function openTcp(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true });
    const timer = setTimeout(() => socket.destroy(timedOut('no connection in time')), stepMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (cause) => {
      clearTimeout(timer);
      reject(cause);
    });
  });
}

function openTls(
  socket: Socket,
  host: string,
  network: HttpNetwork,
  probe: { readonly proxy: string | null; certificate: ProbedCertificate | null },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext: network.trust.context(),
      ALPNProtocols: ['http/1.1'],
    });
    let shown: X509Certificate | undefined;
    const timer = setTimeout(() => secure.destroy(timedOut('TLS was not finished in time')), stepMs);
    // Fires before the verdict, while the certificate can still be looked at.
    secure.prependListener('secure', () => {
      shown = secure.getPeerX509Certificate();
    });
    secure.once('secureConnect', () => {
      clearTimeout(timer);
      probe.certificate = described(shown, rootOf(secure));
      resolve(secure);
    });
    secure.on('error', (cause) => {
      clearTimeout(timer);
      probe.certificate = described(shown, null);
      reject(cause instanceof ConnectFailure ? cause : connectionFailure(cause, shown, probe.proxy));
    });
  });
}

function described(certificate: X509Certificate | undefined, root: DetailedPeerCertificate | null): ProbedCertificate | null {
  if (certificate === undefined) return null;
  return {
    issuer: nameOf(certificate.issuer),
    validTo: certificate.validToDate.getTime(),
    root: root === null ? null : nameOf(new X509Certificate(root.raw).subject),
    isPublic: root !== null && publicRoots().has(root.raw.toString('base64')),
  };
}

/** The last certificate of the verified chain. */
function rootOf(secure: TLSSocket): DetailedPeerCertificate | null {
  let at = secure.getPeerCertificate(true);
  for (let depth = 0; depth < 16; depth += 1) {
    const issuer = at.issuerCertificate as DetailedPeerCertificate | undefined;
    if (issuer === undefined || issuer.raw.equals(at.raw)) return at;
    at = issuer;
  }
  return at;
}

function publicRoots(): ReadonlySet<string> {
  return new Set(rootCertificates.map((pem) => pem.replaceAll(/-----[A-Z ]+-----|\s/gu, '')));
}

/** The common name, else the organization, of a distinguished name as Node writes it. */
function nameOf(distinguishedName: string): string {
  const parts = new Map(distinguishedName.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return (parts.get('CN') ?? parts.get('O') ?? distinguishedName.replaceAll('\n', ', ')).slice(0, 100);
}

interface Head {
  readonly status: string;
  readonly date: number | null;
  readonly rateLeft: string | null;
  /** When the answer came. */
  readonly at: number;
  readonly roundTripMs: number;
}

/** Asks for the head of the address, without any key; every status is an answer. */
function askForHead(socket: Socket, url: URL): Promise<Head> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let text = '';
    const timer = setTimeout(() => reject(timedOut('no answer in time')), stepMs);
    function end(failure: Error): void {
      clearTimeout(timer);
      reject(failure);
    }
    socket.on('error', end).once('close', () => end(timedOut('the connection was closed without an answer')));
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
      const head = /^HTTP\/1\.\d (\d{3})[^]*?\r?\n\r?\n/u.exec(text);
      if (head === null && text.length < 65_536) return;
      if (head === null) {
        end(timedOut('what answers is not HTTP'));
        return;
      }
      clearTimeout(timer);
      const date = Date.parse(header(head[0], 'date') ?? '');
      resolve({
        status: head[1] ?? '',
        date: Number.isNaN(date) ? null : date,
        rateLeft: header(head[0], '(?:x-)?ratelimit-remaining'),
        at: Date.now(),
        roundTripMs: performance.now() - began,
      });
    });
    socket.write(`HEAD ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: rollcall\r\nAccept: */*\r\nConnection: close\r\n\r\n`);
  });
}

function header(head: string, name: string): string | null {
  return new RegExp(`^${name}:[ \\t]*([^\\r\\n]{1,100})`, 'imu').exec(head)?.[1]?.trim() ?? null;
}

async function within<Value>(work: Promise<Value>, words: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(words)), stepMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(words: string): ConnectFailure {
  return new ConnectFailure(words, { mayPass: true });
}
