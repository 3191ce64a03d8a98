import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type WritePermission } from '../../../agent/http/http-client.ts';
import { createTrust } from '../../../agent/http/trust.ts';
import { RollcallError } from '../../../core/errors.ts';
import { makeTestCertificates, type TestCertificates } from '../../fixtures/tls.ts';
import { createFakeClock } from './fake-clock.ts';

let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeTestCertificates();
});

afterAll(() => {
  certificates.remove();
});

/** A server that takes requests and never answers, and how its connections ended. */
async function startSilentServer(protocol: 'http' | 'https') {
  const ends: string[] = [];
  const listener: RequestListener = () => undefined;
  const { key, cert } = certificates.good;
  const server = protocol === 'http' ? createPlainServer(listener) : createSecureServer({ key, cert }, listener);
  server.on(protocol === 'http' ? 'connection' : 'secureConnection', (socket: Socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? 'unknown'));
    socket.on('end', () => ends.push('closed in order'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `${protocol}://localhost:${(server.address() as AddressInfo).port}/`,
    ends,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Writes once; gives up after `wholeMs`, or when it may not be carried out any more. */
async function write(url: string, { wholeMs, permission }: { readonly wholeMs: number; readonly permission?: WritePermission }) {
  const codes = {
    unreachable: 'PSA_UNREACHABLE',
    rateLimited: 'PSA_RATE_LIMITED',
    serverError: 'PSA_SERVER_ERROR',
    answerInvalid: 'PSA_ANSWER_INVALID',
  } as const;
  const http = createHttpClient({
    service: 'Example',
    codes,
    limits: [],
    clock: createFakeClock(),
    timeouts: { whole: wholeMs },
    network: { proxy: null, trust: createTrust({ caPem: certificates.ca, onSystemStoreFailure: () => undefined }) },
    ...(permission === undefined ? {} : { permission }),
  });
  const outcome = await http.send({ method: 'POST', url, body: '{}', intent: 'write' }).catch((error: unknown) => error);
  await http.close();
  return outcome;
}

describe.each(['http', 'https'] as const)('A2 a request by %s that is given up', (protocol) => {
  it('resets its connection, so that nothing of it arrives later', async () => {
    await using server = await startSilentServer(protocol);

    expect(await write(server.url, { wholeMs: 300 })).toMatchObject({ kind: 'lost' });

    await expect.poll(() => server.ends).toEqual(['ECONNRESET']);
  });

  it('H4 is given up as soon as another process may be at work', async () => {
    await using server = await startSilentServer(protocol);
    let questions = 0;
    const permission: WritePermission = {
      confirm: () => Promise.resolve(),
      assertFresh() {
        questions += 1;
        if (questions > 1) throw new RollcallError('STORE_LEASE_LOST', 'The database cannot be asked.');
      },
    };

    expect(await write(server.url, { wholeMs: 60_000, permission })).toMatchObject({ kind: 'lost' });

    await expect.poll(() => server.ends).toEqual(['ECONNRESET']);
  });
});

it('closes a connection in order on which nothing is under way', async () => {
  const ends: string[] = [];
  const server = createPlainServer((_request, response) => response.end('{}'));
  server.on('connection', (socket: Socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? 'unknown'));
    socket.on('end', () => ends.push('closed in order'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });

  await write(`http://localhost:${(server.address() as AddressInfo).port}/`, { wholeMs: 10_000 });

  await expect.poll(() => ends).toEqual(['closed in order']);
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
