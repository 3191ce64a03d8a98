import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpClient } from '../../../agent/http/http-client.ts';
import type { Delivery } from '../../../agent/notify/delivery.ts';
import { createWebhook } from '../../../agent/notify/webhook.ts';
import { type Redacted, reveal } from '../../../agent/secrets/redacted.ts';
import { makeTestCertificates, type TestCertificates } from '../../fixtures/tls.ts';
import { answer, cut, stall, startScriptedServer, truncate } from '../http/scripted-server.ts';
import { impatientHttp, message, receiverOptions, startTcp, stepMs } from './receivers.ts';

let http: HttpClient;
beforeAll(() => {
  http = impatientHttp();
});
afterAll(() => http.close());

function post(address: string, secrets: Readonly<Record<string, string>> = {}): Promise<Delivery> {
  return createWebhook(receiverOptions(http, address, secrets)).send(message());
}

describe('a webhook', () => {
  it('gets the document as JSON by one POST', async () => {
    const bodies: string[] = [];
    await using server = await startScriptedServer((request, response, body) => {
      bodies.push(`${request.headers['content-type']} ${body}`);
      response.writeHead(204).end();
    });

    expect(await post(`${server.url}/hook/token`)).toEqual({ kind: 'delivered', remark: null });
    expect(server.seen).toEqual(['POST /hook/token']);
    expect(bodies).toEqual([`application/json; charset=utf-8 ${JSON.stringify(message().document)}`]);
  });

  it.each(['/h', '/services/T0/B0/secret-part'])(
    'is made unprintable, with the path by itself when it is long enough: %s',
    async (path) => {
      await using server = await startScriptedServer(answer(200));
      const concealed: string[] = [];
      const conceal = (secret: Redacted): number => concealed.push(reveal(secret));

      await createWebhook({ ...receiverOptions(http, `${server.url}${path}`), conceal }).send(message());

      expect(concealed).toEqual([`${server.url}${path}`, ...(path.length > 15 ? [path] : [])]);
    },
  );

  it('may be a secret, with a query in it', async () => {
    await using server = await startScriptedServer(answer(200, 'ok'));

    expect((await post('env:HOOK', { 'env:HOOK': `${server.url}/flow?sig=abc` })).kind).toBe('delivered');
    expect(server.seen).toEqual(['POST /flow?sig=abc']);
  });

  it.each<[string, Parameters<typeof answer>, RegExp, { readonly retryAfterMs?: number; readonly isUncertain?: boolean }]>([
    ['500', [500, 'oops for nora@example.test'], /answered 500: oops for <address>\./, {}],
    ['503 with Retry-After', [503, '', { 'retry-after': '120' }], /answered 503\./, { retryAfterMs: 120_000 }],
    ['429 with Retry-After', [429, '', { 'retry-after': '90' }], /answered 429\./, { retryAfterMs: 90_000 }],
    ['429 that asks for no pause', [429, '', { 'retry-after': '0' }], /answered 429\./, { retryAfterMs: 0 }],
    ['404 with a page', [404, '<html>no such hook</html>'], /answered 404\.$/, {}],
    ['403 with words', [403, 'invalid_token'], /answered 403: invalid_token\.$/, {}],
    ['a huge answer', [200, 'x'.repeat(300 * 1024)], /larger than/, { isUncertain: true }],
  ])('that answers %s failed, and says what was answered', async (_name, reply, words, facts) => {
    await using server = await startScriptedServer(answer(...reply));

    const delivery = await post(`${server.url}/hook/very-secret-token`);

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain: false, retryAfterMs: null, ...facts });
    expect(delivery.kind === 'failed' ? delivery.failure.message : '').toMatch(words);
    expect(JSON.stringify(delivery)).not.toContain('very-secret-token');
    expect(server.seen).toHaveLength(1);
  });

  it('that redirects is not followed; the message tells where to', async () => {
    await using other = await startScriptedServer(answer(200));
    await using server = await startScriptedServer(answer(302, '', { location: `${other.url}/stolen?token=1` }));

    const delivery = await post(server.url);

    expect(delivery).toMatchObject({ kind: 'failed', failure: { message: expect.stringContaining(`redirects to ${other.url} (302)`) } });
    expect(JSON.stringify(delivery)).not.toContain('stolen');
    expect(other.seen).toEqual([]);
  });

  it.each([
    ['before it answers', stall, true],
    ['in the middle of its answer', truncate, true],
    ['by cutting the connection', cut, true],
  ])('that fails %s is left in time, and may have taken the message', async (_name, step, isUncertain) => {
    await using server = await startScriptedServer(step);
    const startedAt = performance.now();

    const delivery = await post(`${server.url}/hook/very-secret-token`);

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain });
    expect(JSON.stringify(delivery)).not.toContain('very-secret-token');
    expect(performance.now() - startedAt).toBeLessThan(stepMs * 4);
  });

  it('that goes on answering for ever is left in time', async () => {
    await using server = await startScriptedServer((request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), stepMs / 5);
      request.socket.once('close', () => clearInterval(drip));
    });
    const startedAt = performance.now();

    expect(await post(server.url)).toMatchObject({ kind: 'failed', isUncertain: true });
    expect(performance.now() - startedAt).toBeLessThan(stepMs * 4);
  });

  it('that takes the connection and never begins TLS is left in time, and took nothing', async () => {
    await using silent = await startTcp(() => undefined);
    const startedAt = performance.now();

    expect(await post(`https://127.0.0.1:${silent.port}/hook`)).toMatchObject({ kind: 'failed', isUncertain: false });
    expect(performance.now() - startedAt).toBeLessThan(stepMs * 6);
  });

  it('that nobody listens at took nothing', async () => {
    const gone = await startTcp(() => undefined);
    await gone[Symbol.asyncDispose]();

    const delivery = await post(`http://127.0.0.1:${gone.port}/`);

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain: false, failure: { message: expect.stringContaining('ECONNREFUSED') } });
  });

  it.each([
    'http://hooks.example.test/x',
    'https://user:pass@hooks.example.test/x',
    'https://token@hooks.example.test/',
    'no address',
    'ftp://h/',
  ])('whose secret holds no safe address is not asked: %s', async (address) => {
    const delivery = await post('env:HOOK', { 'env:HOOK': address });

    expect(delivery).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('notify.webhook does not hold an address') },
    });
    expect(JSON.stringify(delivery)).not.toContain(address);
  });
});

describe('a webhook behind TLS', () => {
  let certificates: TestCertificates;
  beforeAll(() => {
    certificates = makeTestCertificates();
  });
  afterAll(() => certificates.remove());

  it('that shows a certificate nobody trusts gets nothing', async () => {
    const seen: string[] = [];
    const server = createTlsServer({ key: certificates.good.key, cert: certificates.good.cert }, (request, response) => {
      seen.push(String(request.url));
      response.end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });

    const delivery = await post(`https://127.0.0.1:${(server.address() as AddressInfo).port}/hook/very-secret-token`);
    server.closeAllConnections();
    server.close();

    expect(delivery).toMatchObject({ kind: 'failed', isUncertain: false, failure: { message: expect.stringMatching(/certificate/u) } });
    expect(JSON.stringify(delivery)).not.toContain('very-secret-token');
    expect(seen).toEqual([]);
  });
});
