import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, connect as connectPlain, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { publicKeyPin } from '../../../agent/hub/server/hub-certificate.ts';
import { usualHubLimits } from '../../../agent/hub/server/hub-limits.ts';
import { type RunningHub, type StartHubOptions, startHub } from '../../../agent/hub/server/start-hub.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { makeTestCertificates, type TestCertificate, type TestCertificates } from '../../fixtures/tls.ts';
import { sampleUpload } from '../../fixtures/uploads.ts';
import { as, openTestHub, type TestHub } from './hub-fixture.ts';

let certificates: TestCertificates;
let parts: TestHub;
let folder = '';
let files: { certFile: string; keyFile: string };
const running: RunningHub[] = [];

beforeAll(() => {
  certificates = makeTestCertificates();
});
afterAll(() => certificates.remove());
beforeEach(async () => {
  parts = await openTestHub();
  folder = mkdtempSync(join(tmpdir(), 'rollcall-hub-tls-'));
  files = { certFile: join(folder, 'hub.pem'), keyFile: join(folder, 'hub.key') };
  put(certificates.good);
});
afterEach(async () => {
  for (const hub of running.splice(0)) await hub.close();
  await parts.close();
  rmSync(folder, { recursive: true, force: true });
});

function put({ certFile, keyFile }: TestCertificate): void {
  copyFileSync(certFile, files.certFile);
  copyFileSync(keyFile, files.keyFile);
}

function start(change: Partial<StartHubOptions> = {}): RunningHub {
  const { registry, inbox } = parts;
  const hub = startHub({
    listen: '127.0.0.1:0',
    ...files,
    name: 'hub',
    version: '0.1.0',
    registry,
    inbox,
    logger: silentLogger(),
    now: Date.now,
    retryMs: 20,
    watchTimes: { settle: 5, pollEvery: 20 },
    ...change,
  });
  running.push(hub);
  return hub;
}

async function portOf(hub: RunningHub): Promise<number> {
  await vi.waitFor(() => expect(hub.address()).not.toBeNull());
  return Number(new URL(hub.address() ?? '').port);
}

async function handshake(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: certificates.ca, servername: 'localhost', ...options });
  await once(socket, 'secureConnect');
  return socket;
}

async function shownBy(port: number): Promise<string> {
  const socket = await handshake(port, { rejectUnauthorized: false });
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

function ask(
  port: number,
  options: { readonly method?: string; readonly path?: string; readonly headers?: object; readonly body?: Buffer },
) {
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const { method = 'GET', path = '/v1/hub', headers = {}, body } = options;
    const sent = request(
      { host: '127.0.0.1', port, ca: certificates.ca, servername: 'localhost', method, path, headers: { ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('the listener of the hub', () => {
  it('H1 answers by TLS, and not by what is older than 1.2', async () => {
    const hub = start();
    const port = await portOf(hub);

    expect(hub.address()).toBe(`https://127.0.0.1:${port}`);
    expect(JSON.parse((await ask(port, {})).text)).toMatchObject({ product: 'rollcall hub' });
    await expect(handshake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow(
      /protocol|alert|version/i,
    );
    expect(hub.problems()).toEqual([]);
  });

  it('H1 answers without TLS on a loopback address alone', async () => {
    const hub = start({ certFile: '', keyFile: '' });
    expect(await portOf(hub)).toBeGreaterThan(0);
    expect(hub.address()).toMatch(/^http:/);

    const open = start({ certFile: '', keyFile: '', listen: '0.0.0.0:0' });
    await vi.waitFor(() => expect(open.problems()).toMatchObject([{ code: 'HUB_UNAVAILABLE', severity: 'degraded' }]));
    expect(open.address()).toBeNull();
  });

  it('H1 takes a page over the wire, and refuses one without breaking the connection', async () => {
    const port = await portOf(start());
    const { key } = await parts.join('acme-hq');
    const upload = sampleUpload();
    const body = Buffer.from(JSON.stringify(upload.manifest));
    const headers = as(key, { 'content-type': 'application/json', 'content-length': String(body.length) });
    expect((await ask(port, { method: 'PUT', path: `/v1/uploads/${upload.id}`, headers, body })).status).toBe(200);
    const page = (bytes: Buffer) =>
      ask(port, {
        method: 'PUT',
        path: `/v1/uploads/${upload.id}/pages/1`,
        headers: as(key, {
          'content-encoding': 'gzip',
          'rollcall-page-sha256': upload.pages[0]?.sha256 ?? '',
          'content-length': String(bytes.length),
        }),
        body: bytes,
      });

    expect(await page(Buffer.alloc(1024 * 1024, 'x'))).toMatchObject({
      status: 400,
      text: expect.stringContaining('HUB_UPLOAD_INVALID') as string,
    });
    expect(await page(upload.pages[0]?.body ?? Buffer.alloc(0))).toMatchObject({
      status: 200,
      text: '{"state":"receiving","missing":[2]}',
    });
  });

  it('H2 keeps nothing of a page whose connection breaks', async () => {
    const port = await portOf(start());
    const { key, id } = await parts.join('acme-hq');
    const upload = sampleUpload({ users: 400, pageUsers: 200 });
    await parts.inbox.begin({ organization: '4711', collector: 'acme-hq', collectorId: id }, upload.id, upload.manifest, Date.now());
    const before = await parts.files();
    const body = upload.pages[0]?.body ?? Buffer.alloc(0);
    const socket = await handshake(port);
    const headers = as(key, {
      'content-encoding': 'gzip',
      'rollcall-page-sha256': upload.pages[0]?.sha256 ?? '',
      'content-length': String(body.length),
    });
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`PUT /v1/uploads/${upload.id}/pages/1 HTTP/1.1\r\nhost: hub\r\n${head.join('')}\r\n`);
    socket.write(body.subarray(0, body.length / 2));
    await vi.waitFor(async () => expect((await parts.files()).length).toBeGreaterThan(before.length));
    socket.destroy();

    await vi.waitFor(async () => expect(await parts.files()).toEqual(before));
    expect(await parts.inbox.status(id, upload.id)).toEqual({ state: 'receiving', missing: [1, 2] });
  });

  it('ends connections that are too slow, or send headers that are too large', async () => {
    const port = await portOf(start({ limits: { ...usualHubLimits, headersMs: 200, requestMs: 400, idleMs: 200 } }));
    const slow = await handshake(port);
    slow.on('error', () => undefined);
    slow.write('POST /v1/enrolment HTTP/1.1\r\nhost: hub\r\n');
    await once(slow, 'close');

    const large = await handshake(port);
    large.on('error', () => undefined);
    let answer = '';
    large.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    large.write(`GET /v1/hub HTTP/1.1\r\nhost: hub\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`);
    await once(large, 'close');
    expect(answer).toContain('HTTP/1.1 431');
    expect((await ask(port, {})).status).toBe(200);
  });

  it.each([
    ['of all', { connections: 2 }],
    ['of one address', { addressConnections: 2 }],
  ])('bounds the connections %s', async (_words, change) => {
    const port = await portOf(start({ limits: { ...usualHubLimits, ...change } }));
    const first = [await handshake(port), await handshake(port)];
    const third = connectPlain(port, '127.0.0.1');
    third.on('error', () => undefined);
    await once(third, 'close');
    for (const socket of first) socket.destroy();

    await vi.waitFor(async () => expect((await ask(port, {})).status).toBe(200));
  });

  it('S3 shows a renewed certificate without a restart, and keeps the one before while the new one is no pair', async () => {
    const hub = start();
    const port = await portOf(hub);
    expect(await shownBy(port)).toBe(certificates.good.sha256);
    const next = certificates.issue('next', ['DNS:localhost', 'IP:127.0.0.1']);

    copyFileSync(next.certFile, files.certFile);
    await vi.waitFor(() =>
      expect(hub.problems()).toMatchObject([{ code: 'HUB_UNAVAILABLE', message: expect.stringContaining('does not belong') as string }]),
    );
    expect(await shownBy(port)).toBe(certificates.good.sha256);
    copyFileSync(next.keyFile, files.keyFile);

    await vi.waitFor(async () => expect(await shownBy(port)).toBe(next.sha256));
    await vi.waitFor(() => expect(hub.problems()).toEqual([]));
  });

  it('tells of a certificate that ends soon', async () => {
    put(certificates.issue('short', ['DNS:localhost'], 5));
    const hub = start();
    await portOf(hub);

    expect(hub.problems()).toMatchObject([{ code: 'HUB_UNAVAILABLE', message: expect.stringContaining('ends on') as string }]);
  });

  it.each([
    ['the certificate is missing', () => rmSync(files.certFile), 'cannot be read'],
    ['the certificate is none', () => writeFileSync(files.certFile, 'secret words'), 'is not a certificate'],
    ['the key is none', () => writeFileSync(files.keyFile, 'secret words'), 'is not a private key'],
    ['the key is another one', () => copyFileSync(certificates.selfSigned.keyFile, files.keyFile), 'does not belong'],
  ] as const)('says that %s, and listens once it is right', async (_words, spoil, said) => {
    spoil();
    const hub = start();
    await vi.waitFor(() =>
      expect(hub.problems()).toMatchObject([{ code: 'HUB_UNAVAILABLE', message: expect.stringContaining(said) as string }]),
    );
    expect(JSON.stringify(hub.problems())).not.toContain('secret');
    expect(hub.address()).toBeNull();

    put(certificates.good);
    expect((await ask(await portOf(hub), {})).status).toBe(200);
    expect(hub.problems()).toEqual([]);
  });

  it('says that another program has the port, and listens once it is free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const hub = start({ listen: `127.0.0.1:${port}` });
    await vi.waitFor(() => expect(hub.problems()).toMatchObject([{ code: 'HUB_UNAVAILABLE', place: { listen: `127.0.0.1:${port}` } }]));

    other.close();
    expect(await portOf(hub)).toBe(port);
  });

  it('knows its public key by a hash that a renewal with the same key keeps', async () => {
    const pin = await publicKeyPin(files.certFile);
    expect(pin).toMatch(/^[0-9a-f]{64}$/);
    expect(await publicKeyPin(certificates.expired.certFile)).not.toBe(pin);
    await expect(publicKeyPin(join(folder, 'none.pem'))).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
  });
});
