import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RunningConsole, type StartConsoleOptions, startConsole } from '../../../agent/console/start-console.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { consoleSource, problem, serviceFacts, statusSummary } from './console-fixture.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

let folder = '';
const consoles: RunningConsole[] = [];
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-console-'));
});

afterEach(async () => {
  for (const running of consoles.splice(0)) await running.close();
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function start(listen: string, change: Partial<StartConsoleOptions> = {}): RunningConsole {
  const running = startConsole({ ...consoleSource(), listen, stateDirectory: folder, logger: silentLogger(), retryMs: 20, ...change });
  consoles.push(running);
  return running;
}

async function listening(change: Partial<StartConsoleOptions> = {}): Promise<{ readonly port: number; readonly token: string }> {
  const port = await freePort();
  const running = start(`127.0.0.1:${port}`, change);
  await vi.waitFor(() => expect(running.address()).toBe(`http://127.0.0.1:${port}`));
  return { port, token: readFileSync(join(folder, 'console-token'), 'utf8').trim() };
}

/** One request over a socket of its own. */
function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the console', () => {
  it.each([
    ['healthy', 'healthy', [], 200],
    ['degraded', 'degraded', [], 200],
    ['degraded by what the service found since', 'healthy', [problem], 200],
    ['failed: nothing gets better by restarting the service', 'failed', [], 503],
    ['failed by what the service found since', 'degraded', [{ ...problem, severity: 'failed' as const }], 503],
  ] as const)('is alive whatever the health: %s', async (words, health, problems, ready) => {
    const facts = serviceFacts({ problems });
    const { port } = await listening({ facts: () => facts, summary: () => statusSummary({ health }) });

    const healthz = await ask(port, '/healthz');
    const readyz = await ask(port, '/readyz');

    const word = words.split(/[ :]/)[0];
    expect([healthz.status, JSON.parse(healthz.text)]).toEqual([200, { health: word }]);
    expect([readyz.status, JSON.parse(readyz.text)]).toEqual([ready, { ready: ready === 200, health: word }]);
  });

  it('is not ready before the service is, and knows no health before the first look', async () => {
    const { port } = await listening({ ready: () => false, summary: () => null });

    expect(JSON.parse((await ask(port, '/healthz')).text)).toEqual({ health: 'unknown' });
    expect((await ask(port, '/readyz')).status).toBe(503);
  });

  it('shows everything else only to who has the token', async () => {
    const { port, token } = await listening();
    const given: readonly (readonly [string | undefined, number])[] = [
      [undefined, 401],
      ['', 401],
      ['Bearer', 401],
      ['Bearer ', 401],
      [`Basic ${token}`, 401],
      [token, 401],
      [`Bearer ${token.slice(0, -1)}`, 401],
      [`Bearer ${token}x`, 401],
      [`Bearer ${token.toLowerCase()}`, 401],
      [`Bearer ${token}`, 200],
      [`bearer  ${token}`, 200],
    ];

    for (const [authorization, status] of given) {
      const answer = await ask(port, '/metrics', authorization === undefined ? {} : { authorization });
      expect([authorization, answer.status]).toEqual([authorization, status]);
      if (status === 401) expect(answer.text).toBe(`{"error":"the console's token is needed"}`);
    }
    expect((await ask(port, `/metrics?token=${token}`)).status).toBe(401);
    expect((await ask(port, '/nowhere')).status).toBe(401);
    const nowhere = await ask(port, '/nowhere', { authorization: `Bearer ${token}` });
    expect([nowhere.status, nowhere.text]).toEqual([404, '{"error":"not found"}']);
    expect((await ask(port, '/healthz', {}, 'POST')).status).not.toBe(200);
  });

  it('makes its token once, for this account alone', async () => {
    const first = await listening();
    const second = await listening();

    expect(first.token).toMatch(/^[\w-]{43}$/);
    expect(second.token).toBe(first.token);
    expect(statSync(join(folder, 'console-token')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['localhost', 200],
    ['LOCALHOST:7420', 200],
    ['127.0.0.1', 200],
    ['127.9.9.9:80', 200],
    ['[::1]:7420', 200],
    ['rebound.example.test', 421],
    ['127.0.0.1.example.test', 421],
    ['localhost.example.test:7420', 421],
    ['10.0.0.1', 421],
    ['[::ffff:10.0.0.1]', 421],
  ])('on loopback answers the name "%s" with %i: a web site cannot borrow the browser', async (host, status) => {
    const { port } = await listening();

    expect((await ask(port, '/healthz', { host })).status).toBe(status);
  });

  it('sends strict headers, and none that tells what it is made of', async () => {
    const { port } = await listening();

    const { headers } = await ask(port, '/healthz');

    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(Object.keys(headers)).not.toContain('server');
    expect(Object.keys(headers)).not.toContain('x-powered-by');
    expect(Object.keys(headers)).not.toContain('access-control-allow-origin');
  });

  it('refuses what is too long and what is no HTTP, and goes on', async () => {
    const { port } = await listening();
    const raw = async (text: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      socket.on('error', () => undefined);
      socket.end(text);
      await once(socket, 'close');
      return answer;
    };

    expect(await raw('\u0000\u0001 nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect((await ask(port, '/healthz')).status).toBe(200);
  });

  it('says who is asked when its port is taken, does not fall, and listens as soon as the port is free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    servers.push(other);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const running = start(`127.0.0.1:${port}`, { now: () => Date.UTC(2026, 10, 22, 8) });
    await vi.waitFor(() => expect(running.problems()).toHaveLength(1));

    expect(running.problems()).toMatchObject([
      { code: 'CONSOLE_UNAVAILABLE', severity: 'degraded', since: '2026-11-22T08:00:00.000Z', place: { listen: `127.0.0.1:${port}` } },
    ]);
    expect(running.problems()[0]?.message).toContain('another program listens there');
    expect(running.address()).toBeNull();

    other.close();
    await vi.waitFor(() => expect(running.address()).not.toBeNull());
    expect(running.problems()).toEqual([]);
    expect((await ask(port, '/healthz')).status).toBe(200);
  });

  it('lets nobody in by half a token file', async () => {
    writeFileSync(join(folder, 'console-token'), 'short\n');
    const running = start(`127.0.0.1:${await freePort()}`);

    await vi.waitFor(() => expect(running.problems()[0]?.message).toContain('holds no token: delete it'));
    expect(running.address()).toBeNull();
  });

  it('is gone when it is closed, with connections that are kept open', async () => {
    const port = await freePort();
    const running = start(`127.0.0.1:${port}`);
    await vi.waitFor(() => expect(running.address()).not.toBeNull());
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n');
    await once(socket, 'data');

    const started = performance.now();
    await running.close();

    expect(performance.now() - started).toBeLessThan(1_000);
    await expect(ask(port, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('can be closed while it waits for its port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    servers.push(other);
    await once(other, 'listening');
    const address = other.address();
    const running = start(`127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, { retryMs: 60_000 });
    await vi.waitFor(() => expect(running.problems()).toHaveLength(1));

    await running.close();

    expect(running.address()).toBeNull();
  });
});
