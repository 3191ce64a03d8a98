import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../agent/http/http-client.ts';
import { networkOptions } from '../../../agent/http/network.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../sandbox/proxy/certificate-authority.ts';
import { type ConnectProxyOptions, type ProxyFault, startConnectProxy } from '../../sandbox/proxy/connect-proxy.ts';
import { startTlsFront } from '../../sandbox/proxy/tls-front.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { answer, type ScriptedServer, type Step, startScriptedServer } from './scripted-server.ts';

/** A name that nobody but the proxy can resolve. */
const host = 'api.itglue.example.test';
const secret = { userName: 'rollcall', password: 'Sample:Proxy-Päss-1' };

let serverCa: CertificateAuthority;
let proxyCa: CertificateAuthority;

beforeAll(() => {
  serverCa = createCertificateAuthority('Example Server CA');
  proxyCa = createCertificateAuthority('Example Inspection CA');
});

afterAll(() => {
  serverCa.remove();
  proxyCa.remove();
});

interface Way extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly proxy: Awaited<ReturnType<typeof startConnectProxy>>;
  readonly http: HttpClient;
  readonly clock: FakeClock;
  readonly url: string;
}

/** A server that is reached by https, a proxy that leads there, and a client that uses it. */
async function openWay(
  options: {
    readonly steps?: readonly Step[];
    readonly proxy?: Partial<ConnectProxyOptions> & { readonly inspects?: boolean };
    readonly credentials?: { readonly userName: string; readonly password: string };
    readonly caFile?: string;
    readonly attempts?: number;
    readonly timeouts?: { readonly connect?: number; readonly whole?: number };
    readonly proxyUrl?: string;
  } = {},
): Promise<Way> {
  const open = new AsyncDisposableStack();
  const server = open.use(await startScriptedServer(...(options.steps ?? [answer(200, 'hello')])));
  const front = open.use(await startTlsFront(Number(new URL(server.url).port), serverCa.issue(host)));
  const { inspects, ...proxyOptions } = options.proxy ?? {};
  const proxy = open.use(
    await startConnectProxy({
      targets: { [`${host}:443`]: front.port },
      ...(inspects === true ? { inspect: { authority: proxyCa, upstreamCa: serverCa.ca } } : {}),
      ...proxyOptions,
    }),
  );
  const clock = createFakeClock();
  const credentials = options.credentials ?? null;
  const http = createHttpClient({
    service: 'Example',
    codes: {
      unreachable: 'ITGLUE_UNREACHABLE',
      rateLimited: 'ITGLUE_RATE_LIMITED',
      serverError: 'ITGLUE_SERVER_ERROR',
      answerInvalid: 'ITGLUE_ANSWER_INVALID',
    },
    limits: [],
    clock,
    random: () => 0,
    timeouts: { connect: 300, whole: 3000, ...options.timeouts },
    retry: { attempts: options.attempts ?? 2 },
    ...networkOptions(
      {
        url: options.proxyUrl ?? proxy.url,
        userName: credentials?.userName ?? '',
        caFile: options.caFile ?? serverCa.caFile,
        bypass: [],
      },
      credentials === null ? null : new Redacted(credentials.password),
      () => undefined,
    ),
  });
  open.defer(() => http.close());
  return { server, proxy, http, clock, url: `https://${host}/contacts`, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function read({ http, url }: Way): Promise<unknown> {
  return http.send({ method: 'GET', url, headers: { 'x-api-key': 'ITG.sample' }, intent: 'read' });
}

function write({ http, url }: Way): Promise<unknown> {
  return http.send({ method: 'POST', url, headers: { 'x-api-key': 'ITG.sample' }, body: '{}', intent: 'write' });
}

describe('through a proxy', () => {
  it('reaches by CONNECT a host whose name only the proxy knows, and keeps its tunnels', async () => {
    await using way = await openWay();

    for (let time = 1; time <= 8; time += 1) expect(await read(way)).toMatchObject({ kind: 'answer', status: 200, text: 'hello' });
    expect(await write(way)).toMatchObject({ kind: 'answer', status: 200 });
    expect(way.server.seen).toHaveLength(9);
    expect(way.proxy.seen[0]).toEqual({ authority: `${host}:443`, authorization: null, status: 200 });
    // As many as the client has connections.
    expect(way.proxy.seen.length).toBeLessThanOrEqual(4);
  });

  it('signs in to the proxy by Basic, and shows the target nothing of it', async () => {
    const headers: Record<string, unknown>[] = [];
    await using way = await openWay({
      steps: [
        (request, response) => {
          headers.push({ ...request.headers });
          response.end('hello');
        },
      ],
      proxy: { credentials: secret },
      credentials: secret,
    });

    expect(await read(way)).toMatchObject({ kind: 'answer', status: 200 });
    const sent = Buffer.from(way.proxy.seen[0]?.authorization?.slice('Basic '.length) ?? '', 'base64').toString('utf8');
    expect(sent).toBe(`${secret.userName}:${secret.password}`);
    expect(headers[0]).toMatchObject({ 'x-api-key': 'ITG.sample' });
    expect(JSON.stringify(headers)).not.toMatch(/proxy-auth|Basic/iu);
  });

  it('speaks to the proxy itself by TLS when its address says so', async () => {
    await using way = await openWay({ proxy: { certificate: serverCa.issue('127.0.0.1'), credentials: secret }, credentials: secret });

    expect(way.proxy.url).toMatch(/^https:/u);
    expect(await read(way)).toMatchObject({ kind: 'answer', text: 'hello' });
  });

  it('never goes through it to this machine', async () => {
    await using way = await openWay();

    expect(await way.http.send({ method: 'GET', url: way.server.url, intent: 'read' })).toMatchObject({ kind: 'answer', text: 'hello' });
    expect(way.proxy.seen).toEqual([]);
    expect(way.proxy.strays).toEqual([]);
  });

  it('takes the certificates of a proxy that inspects TLS when its CA is given', async () => {
    await using way = await openWay({
      proxy: { inspects: true, credentials: secret },
      credentials: secret,
      caFile: proxyCa.caFile,
    });

    expect(await read(way)).toMatchObject({ kind: 'answer', text: 'hello' });
  });

  it('says who signed, and what to do, when a proxy inspects TLS and its CA is not given', async () => {
    await using way = await openWay({ proxy: { inspects: true } });

    await expect(write(way)).rejects.toMatchObject({
      code: 'HTTP_CERTIFICATE_REJECTED',
      message: expect.stringMatching(/issued by "O=Example Security, CN=Example Inspection CA".*looks like TLS inspection.*proxy\.caFile/u),
    });
    expect(way.clock.waits).toEqual([]);
    expect(way.server.seen).toEqual([]);
  });
});

describe('a proxy that refuses', () => {
  it.each<[string, { readonly userName: string; readonly password: string } | undefined, RegExp]>([
    ['asks for a sign-in and gets none', undefined, /asks for a sign-in \(407\): set proxy\.userName/u],
    ['does not like the password', { ...secret, password: 'Wrong-1' }, /refused proxy\.userName and proxy\.password \(407\)/u],
  ])('%s', async (_, credentials, message) => {
    await using way = await openWay({ proxy: { credentials: secret }, ...(credentials === undefined ? {} : { credentials }) });

    await expect(write(way)).rejects.toMatchObject({
      code: 'HTTP_PROXY_CREDENTIALS_REJECTED',
      message: expect.stringMatching(message),
    });
    expect(way.clock.waits).toEqual([]);
    expect(way.http.counts).toMatchObject({ writes: 0 });
  });

  it('is not sent a refused password again at once, for accounts lock', async () => {
    await using way = await openWay({ proxy: { credentials: secret }, credentials: { ...secret, password: 'Wrong-1' } });

    for (let time = 1; time <= 3; time += 1) {
      await expect(read(way)).rejects.toMatchObject({ code: 'HTTP_PROXY_CREDENTIALS_REJECTED' });
    }
    expect(way.proxy.seen).toHaveLength(1);
  });

  it.each([
    ['Negotiate and NTLM', ['Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: NTLM'], 'takes only Negotiate and NTLM (407)'],
    ['Negotiate in one header', ['Proxy-Authenticate: Negotiate, NTLM'], 'takes only Negotiate and NTLM (407)'],
    ['Digest', ['Proxy-Authenticate: Digest realm="a, b", nonce="x", qop="auth"'], 'takes only Digest (407)'],
    ['Basic among others', ['Proxy-Authenticate: NTLM', 'Proxy-Authenticate: basic realm="x"'], 'refused proxy.userName'],
  ])('says what it wants: %s', async (_, headers, message) => {
    await using way = await openWay({ credentials: secret });
    way.proxy.fault = { kind: 'answer', status: 407, headers };

    await expect(write(way)).rejects.toMatchObject({
      code: 'HTTP_PROXY_CREDENTIALS_REJECTED',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [403, 0],
    [302, 0],
    [503, 1],
  ])('answers CONNECT with %i', async (status, waits) => {
    await using way = await openWay();
    way.proxy.fault = { kind: 'answer', status, headers: ['Location: https://login.example.test/'] };

    await expect(write(way)).rejects.toMatchObject({
      code: 'HTTP_PROXY_REFUSED',
      message: expect.stringContaining(`answered ${status} instead of connecting`),
    });
    expect(way.clock.waits).toHaveLength(waits);
    expect(way.server.seen).toEqual([]);
  });

  it('shows no password in its errors', async () => {
    await using way = await openWay({ proxy: { credentials: secret }, credentials: { ...secret, password: 'hush-hush' } });
    const failure = await write(way).catch((error: unknown) => error);
    const encoded = Buffer.from(`${secret.userName}:hush-hush`).toString('base64');

    const shown = JSON.stringify([failure, String(failure), (failure as Error).stack, String((failure as Error).cause)]);
    expect(shown).not.toContain('hush');
    expect(shown).not.toContain(encoded);
  });
});

describe('A2 a write whose tunnel failed certainly did not happen', () => {
  it('when no proxy is there', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await using way = await openWay({ proxyUrl: `http://127.0.0.1:${port}` });

    await expect(write(way)).rejects.toMatchObject({
      code: 'HTTP_PROXY_UNREACHABLE',
      message: expect.stringContaining(`http://127.0.0.1:${port} cannot be reached: refused`),
    });
    expect(way.http.counts).toMatchObject({ writes: 0 });
  });

  it('when the name of the proxy does not resolve', async () => {
    await using way = await openWay({ proxyUrl: 'http://proxy.invalid:3128' });

    await expect(write(way)).rejects.toMatchObject({ code: 'HTTP_PROXY_UNREACHABLE', message: expect.stringContaining('name') });
  });

  it('when the certificate of the proxy itself is not trusted', async () => {
    await using way = await openWay({ proxy: { certificate: proxyCa.issue('127.0.0.1') } });

    await expect(write(way)).rejects.toMatchObject({ code: 'HTTP_PROXY_UNREACHABLE', message: expect.stringContaining('certificate') });
    expect(way.clock.waits).toEqual([]);
  });

  it.each<[string, ProxyFault, string]>([
    ['the proxy takes the connection and is silent', { kind: 'silent' }, 'HTTP_PROXY_UNREACHABLE'],
    ['the proxy does not answer CONNECT', { kind: 'hang-at-connect' }, 'HTTP_PROXY_UNREACHABLE'],
    ['the proxy cuts at CONNECT', { kind: 'cut-at-connect' }, 'HTTP_PROXY_UNREACHABLE'],
    ['something else than a proxy answers', { kind: 'garbage' }, 'HTTP_PROXY_UNREACHABLE'],
    ['the tunnel is dead', { kind: 'hang-in-tunnel' }, 'ITGLUE_UNREACHABLE'],
    ['the tunnel is cut before TLS stands', { kind: 'cut-in-tunnel' }, 'ITGLUE_UNREACHABLE'],
  ])('when %s', async (_, fault, code) => {
    await using way = await openWay();
    way.proxy.fault = fault;

    await expect(write(way)).rejects.toMatchObject({ code, message: expect.stringContaining('no connection') });
    expect(way.clock.waits).toHaveLength(1);
    expect(way.http.counts).toMatchObject({ writes: 0 });
    expect(way.server.seen).toEqual([]);
  });

  it('when a proxy that is spoken to by TLS is silent', async () => {
    await using way = await openWay({ proxy: { certificate: serverCa.issue('127.0.0.1') } });
    way.proxy.fault = { kind: 'silent' };

    await expect(write(way)).rejects.toMatchObject({ code: 'HTTP_PROXY_UNREACHABLE', message: expect.stringContaining('in time') });
    expect(way.http.counts).toMatchObject({ writes: 0 });
  });

  it('and is sent again, once, when the proxy is back', async () => {
    await using way = await openWay({ attempts: 3 });
    way.proxy.fault = { kind: 'cut-at-connect' };
    const wait = way.clock.wait.bind(way.clock);
    Object.assign(way.clock, {
      wait: (ms: number) => {
        way.proxy.fault = null;
        return wait(ms);
      },
    });

    expect(await write(way)).toMatchObject({ kind: 'answer', status: 200 });
    expect(way.server.seen).toEqual(['POST /contacts']);
  });
});

describe('A2 a write that went into the tunnel', () => {
  const slow: Step = () => undefined;

  it.each<[string, boolean]>([
    ['a plain proxy', false],
    ['an inspecting proxy', true],
  ])('is lost when %s cuts in mid-answer', async (_, inspects) => {
    await using way = await openWay({
      steps: [answer(201, 'x'.repeat(200_000))],
      proxy: { inspects },
      caFile: inspects ? proxyCa.caFile : serverCa.caFile,
    });
    way.proxy.fault = { kind: 'cut-in-answer', afterBytes: 50_000 };

    expect(await write(way)).toMatchObject({ kind: 'lost' });
    expect(way.server.seen).toEqual(['POST /contacts']);
  });

  it('is lost when nothing comes back', async () => {
    await using way = await openWay({ steps: [slow], timeouts: { whole: 400 } });

    expect(await write(way)).toMatchObject({ kind: 'lost' });
    expect(way.server.seen).toEqual(['POST /contacts']);
  });
});
