import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions, type HttpExchange } from '../../../agent/http/http-client.ts';
import { type HttpClock, systemClock } from '../../../agent/http/http-clock.ts';
import { createFakeClock, createManualClock } from './fake-clock.ts';
import { answer, cut, stall, startScriptedServer, truncate } from './scripted-server.ts';

function options(clock: HttpClock, more: Partial<HttpClientOptions> = {}): HttpClientOptions {
  return {
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
    ...more,
  };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('reads', () => {
  it('repeats broken connections, cut answers and 5xx, with growing pauses', async () => {
    await using server = await startScriptedServer(cut, truncate, answer(502, '<html>'), answer(200, 'yes'));
    const clock = createFakeClock();
    const http = createHttpClient(options(clock));

    const result = await http.send({ method: 'GET', url: `${server.url}/a`, intent: 'read' });

    expect(result).toMatchObject({ kind: 'answer', status: 200, text: 'yes' });
    expect(clock.waits).toEqual([250, 500, 1000]);
    expect(http.counts).toEqual({ reads: 4, writes: 0, retries: 3, bytesReceived: 6 + 3 });
    await http.close();
  });

  it.each([
    ['5xx', answer(503), 'ITGLUE_SERVER_ERROR'],
    ['a cut connection', cut, 'ITGLUE_UNREACHABLE'],
  ])('ends after the last attempt at %s', async (_, step, code) => {
    await using server = await startScriptedServer(step);
    const http = createHttpClient(options(createFakeClock()));

    await expect(http.send({ method: 'GET', url: `${server.url}/a?q=person`, intent: 'read' })).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('person'),
    });
    expect(server.seen).toHaveLength(4);
    await http.close();
  });

  it('sends a read less often when the request says so', async () => {
    await using server = await startScriptedServer(answer(504));
    const http = createHttpClient(options(createFakeClock()));

    await expect(http.send({ method: 'GET', url: server.url, intent: 'read', attempts: 1 })).rejects.toMatchObject({
      code: 'ITGLUE_SERVER_ERROR',
    });
    expect(server.seen).toHaveLength(1);
    await http.close();
  });

  it('hands a 5xx over where a service refuses by it, and still repeats what broke', async () => {
    await using server = await startScriptedServer(cut, answer(500, '{"errors":["no"]}'), answer(200));
    const http = createHttpClient(options(createFakeClock()));

    const result = await http.send({ method: 'POST', url: server.url, body: '{}', intent: 'read', keepsFaults: true });

    expect(result).toMatchObject({ kind: 'answer', status: 500, text: '{"errors":["no"]}' });
    expect(server.seen).toHaveLength(2);
    await http.close();
  });

  it('keeps to the limits that a request brings, for those after it too', async () => {
    await using server = await startScriptedServer(answer(200));
    const clock = createFakeClock();
    const http = createHttpClient(options(clock, { limits: [{ requests: 100, windowMs: 1_000 }] }));
    const read = { method: 'GET', url: server.url, intent: 'read' } as const;

    await http.send({ ...read, limits: [{ requests: 2, windowMs: 60_000 }] });
    await http.send(read);
    expect(clock.waits).toEqual([]);
    await http.send(read);

    expect(clock.elapsed()).toBe(60_000);
    await http.close();
  });

  it('refuses an answer that is too large, and one that is not UTF-8, without asking again', async () => {
    await using server = await startScriptedServer(answer(200, 'x'.repeat(2000)), answer(200, Buffer.from([0x7b, 0xe9, 0x7d])));
    const http = createHttpClient(options(createFakeClock(), { maxAnswerBytes: 1000 }));
    const read = { method: 'GET', url: server.url, intent: 'read' } as const;

    await expect(http.send(read)).rejects.toMatchObject({ code: 'ITGLUE_ANSWER_INVALID', message: expect.stringContaining('1000 bytes') });
    await expect(http.send(read)).rejects.toMatchObject({ code: 'ITGLUE_ANSWER_INVALID', message: expect.stringContaining('UTF-8') });
    expect(server.seen).toHaveLength(2);
    await http.close();
  });

  it('takes an error page in any encoding, and a redirect, as the answer they are', async () => {
    await using server = await startScriptedServer(
      answer(404, Buffer.from([0xe9])),
      answer(302, '', { location: 'https://elsewhere.example.test/' }),
    );
    const http = createHttpClient(options(createFakeClock()));
    const read = { method: 'GET', url: server.url, intent: 'read' } as const;

    expect(await http.send(read)).toMatchObject({ status: 404 });
    expect(await http.send(read)).toMatchObject({ status: 302 });
    expect(server.seen).toHaveLength(2);
    await http.close();
  });

  it('ends when a server never answers', async () => {
    await using server = await startScriptedServer(stall);
    const http = createHttpClient(options(createFakeClock(), { timeouts: { whole: 60 }, retry: { attempts: 2 } }));

    await expect(http.send({ method: 'GET', url: server.url, intent: 'read' })).rejects.toMatchObject({ code: 'ITGLUE_SERVER_ERROR' });
    expect(server.seen).toHaveLength(2);
    await http.close();
  });

  it('is stopped by the signal while it reads', async () => {
    const stop = new AbortController();
    await using server = await startScriptedServer(() => stop.abort());
    const http = createHttpClient(options(createFakeClock(), { signal: stop.signal }));

    await expect(http.send({ method: 'GET', url: server.url, intent: 'read' })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(server.seen).toHaveLength(1);
    await http.close();
  });

  it('is stopped by the signal while it waits for its turn', async () => {
    const stop = new AbortController();
    await using server = await startScriptedServer(answer(200));
    const http = createHttpClient(options(systemClock, { limits: [{ requests: 1, windowMs: 3_600_000 }], signal: stop.signal }));
    const read = { method: 'GET', url: server.url, intent: 'read' } as const;
    await http.send(read);

    const held = http.send(read);
    stop.abort();

    await expect(held).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(server.seen).toHaveLength(1);
    await http.close();
  });
});

describe('writes', () => {
  it.each([
    ['a cut connection', cut],
    ['a cut answer', truncate],
    ['silence', stall],
    ['an oversized answer', answer(201, 'x'.repeat(2000))],
  ])('A2 sends once, and %s is lost', async (_, step) => {
    await using server = await startScriptedServer(step);
    const http = createHttpClient(options(createFakeClock(), { timeouts: { whole: 200 }, maxAnswerBytes: 1000 }));

    const result = await http.send({ method: 'POST', url: server.url, body: '{}', intent: 'write' });

    expect(result.kind).toBe('lost');
    expect(server.seen).toHaveLength(1);
    await http.close();
  });

  it('A2 hands a 5xx over and does not repeat it', async () => {
    await using server = await startScriptedServer(answer(500, 'oops'));
    const http = createHttpClient(options(createFakeClock()));

    expect(await http.send({ method: 'PATCH', url: server.url, body: '{}', intent: 'write' })).toMatchObject({
      kind: 'answer',
      status: 500,
    });
    expect(server.seen).toHaveLength(1);
    await http.close();
  });

  it('throws when no connection was made: certainly nothing was written', async () => {
    const port = await closedPort();
    const clock = createFakeClock();
    const http = createHttpClient(options(clock));

    await expect(http.send({ method: 'POST', url: `http://127.0.0.1:${port}/a`, body: '{}', intent: 'write' })).rejects.toMatchObject({
      code: 'ITGLUE_UNREACHABLE',
      message: expect.stringContaining('refused'),
    });
    expect(http.counts).toMatchObject({ writes: 0 });
    expect(clock.waits).toHaveLength(3);
    await http.close();
  });

  it('throws when the name does not resolve', async () => {
    const http = createHttpClient(options(createFakeClock(), { retry: { attempts: 1 } }));

    await expect(http.send({ method: 'POST', url: 'https://no-such-host.invalid/', body: '{}', intent: 'write' })).rejects.toMatchObject({
      code: 'ITGLUE_UNREACHABLE',
    });
    await http.close();
  });

  it('is not cut off by the signal once sent', async () => {
    const stop = new AbortController();
    await using server = await startScriptedServer((_request, response) => {
      stop.abort();
      response.end('done');
    });
    const http = createHttpClient(options(createFakeClock(), { signal: stop.signal }));

    expect(await http.send({ method: 'POST', url: server.url, body: '{}', intent: 'write' })).toMatchObject({
      kind: 'answer',
      text: 'done',
    });
    await expect(http.send({ method: 'POST', url: server.url, body: '{}', intent: 'write' })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(server.seen).toHaveLength(1);
    await http.close();
  });
});

describe('429', () => {
  it('waits as long as the server says, reads and writes alike', async () => {
    await using server = await startScriptedServer(
      answer(429, '', { 'retry-after': '30' }),
      answer(201),
      answer(429, '', { 'retry-after': '5' }),
      answer(200),
    );
    const clock = createFakeClock();
    const http = createHttpClient(options(clock));

    expect(await http.send({ method: 'POST', url: server.url, body: '{}', intent: 'write' })).toMatchObject({ status: 201 });
    expect(await http.send({ method: 'GET', url: server.url, intent: 'read' })).toMatchObject({ status: 200 });
    expect(clock.waits).toEqual([30_000, 5000]);
    await http.close();
  });

  it('waits ever longer when the server names no time, and gives up within its bound', async () => {
    await using server = await startScriptedServer(answer(429));
    const clock = createFakeClock();
    const http = createHttpClient(options(clock, { retry: { rateLimitWaitMs: 100_000 } }));

    await expect(http.send({ method: 'POST', url: server.url, body: '{}', intent: 'write' })).rejects.toMatchObject({
      code: 'ITGLUE_RATE_LIMITED',
    });
    expect(clock.waits).toEqual([5000, 10_000, 20_000, 40_000]);
    await http.close();
  });

  it('does not wait at all for a time beyond its bound', async () => {
    await using server = await startScriptedServer(answer(429, '', { 'retry-after': '86400' }));
    const clock = createFakeClock();
    const http = createHttpClient(options(clock));

    await expect(http.send({ method: 'GET', url: server.url, intent: 'read' })).rejects.toMatchObject({
      code: 'ITGLUE_RATE_LIMITED',
      message: expect.stringContaining('too many requests (429); the server asks for a pause of 1440 minutes, longer than is waited for'),
    });
    expect(clock.waits).toEqual([]);
    await http.close();
  });

  it('holds back all callers of the bucket, not those of another', async () => {
    await using server = await startScriptedServer(answer(429, '', { 'retry-after': '60' }), answer(200));
    const clock = createManualClock();
    const http = createHttpClient(options(clock));
    const read = (path: string, budget: string) => http.send({ method: 'GET', url: `${server.url}${path}`, budget, intent: 'read' });

    const refused = read('/a', 'shared');
    await expect.poll(() => clock.waiting()).toBe(1);
    const sharing = read('/b', 'shared');
    await read('/c', 'other');
    expect(server.seen).toEqual(['GET /a', 'GET /c']);
    clock.advance(60_000);
    await Promise.all([refused, sharing]);

    expect(server.seen.toSorted()).toEqual(['GET /a', 'GET /a', 'GET /b', 'GET /c']);
    await http.close();
  });
});

describe('secrets', () => {
  it('never shows a header or a query in errors and logs', async () => {
    await using server = await startScriptedServer(answer(500));
    const exchanges: HttpExchange[] = [];
    const http = createHttpClient(options(createFakeClock(), { onExchange: (exchange) => exchanges.push(exchange) }));
    const request = { method: 'GET', url: `${server.url}/contacts?name=Ada`, intent: 'read' } as const;
    const failures: unknown[] = [];

    for (const key of ['hush-hush', 'hush\nhush']) {
      await http.send({ ...request, headers: { 'x-api-key': key } }).catch((error: unknown) => failures.push(error));
    }

    expect(failures).toHaveLength(2);
    const shown = JSON.stringify([
      exchanges,
      failures.map((error) => [String(error), error, String((error as Error).cause), (error as Error).cause]),
    ]);
    expect(shown).not.toMatch(/hush|Ada/u);
    expect(exchanges[0]).toMatchObject({ service: 'Example', method: 'GET', path: '/contacts?name', status: 500, attempt: 1 });
    await http.close();
  });
});
