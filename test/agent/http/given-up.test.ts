import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { connect as connectSecure, createServer as createSecureServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type WritePermission } from '../../../agent/http/http-client.ts';
import { resetWhenGivenUp } from '../../../agent/http/reset.ts';
import { createTrust } from '../../../agent/http/trust.ts';
import { RollcallError } from '../../../core/errors.ts';
import { makeTestCertificates, type TestCertificates } from '../../fixtures/tls.ts';
import { createFakeClock } from './fake-clock.ts';

let certificates: TestCertificates;
beforeAll(() => {
  certificates = makeTestCertificates();
});
afterAll(() => certificates.remove());

const permitted: WritePermission = { confirm: () => Promise.resolve(), assertFresh: () => undefined };

interface Writing {
  readonly whole: number;
  readonly permission: WritePermission;
  /** What the server says; not given: it never answers. */
  readonly answer?: string;
}

/** Writes once; how the client left the server, as that saw it, and what the client made of it. */
async function writeOnce(protocol: 'http' | 'https', { whole, permission, answer }: Writing) {
  const left = Promise.withResolvers<string>();
  const take = (socket: Socket): void => {
    socket.on('data', () => answer !== undefined && socket.write(answer));
    socket.on('error', (error: NodeJS.ErrnoException) => left.resolve(error.code ?? 'an error'));
    socket.on('end', () => left.resolve('in order'));
  };
  const { key, cert } = certificates.good;
  const server: Server = protocol === 'https' ? createSecureServer({ key, cert }, take) : createPlainServer(take);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const http = createHttpClient({
    service: 'Example',
    codes: {
      unreachable: 'ITGLUE_UNREACHABLE',
      rateLimited: 'ITGLUE_RATE_LIMITED',
      serverError: 'ITGLUE_SERVER_ERROR',
      answerInvalid: 'ITGLUE_ANSWER_INVALID',
    },
    limits: [],
    timeouts: { whole },
    clock: createFakeClock(),
    network: { proxy: null, trust: createTrust({ caPem: certificates.ca, onSystemStoreFailure: () => undefined }) },
    permission,
  });
  const { port } = server.address() as AddressInfo;
  const outcome = await http.send({ method: 'POST', url: `${protocol}://127.0.0.1:${port}/`, body: '{}', intent: 'write' });
  // What is closed in order is closed by its owner.
  if (answer !== undefined) await http.close();
  const how = await left.promise;
  await http.close();
  server.close();
  return { outcome, how };
}

describe('a write that is given up', () => {
  it.each(['http', 'https'] as const)('A2 takes what is on its way with it, over %s: nothing of it arrives later', async (protocol) => {
    const { outcome, how } = await writeOnce(protocol, { whole: 300, permission: permitted });

    expect(outcome).toEqual({ kind: 'lost', reason: 'the request took too long as a whole' });
    expect(how).toBe('ECONNRESET');
  });

  it.each(['http', 'https'] as const)('H4 is so as soon as it is not certain any more that it might be sent, over %s', async (protocol) => {
    let asked = 0;
    const permission: WritePermission = {
      ...permitted,
      assertFresh() {
        asked += 1;
        if (asked > 1) throw new RollcallError('STORE_LEASE_LOST', 'Another one is in charge.');
      },
    };

    const { outcome, how } = await writeOnce(protocol, { whole: 60_000, permission });

    expect(outcome).toEqual({ kind: 'lost', reason: 'no answer came while it was certain that it might be sent' });
    expect(how).toBe('ECONNRESET');
  });
});

describe('connections that are given up', () => {
  it('take the process with them never, however much is on its way', async () => {
    const { key, cert } = certificates.good;
    const server = createSecureServer({ key, cert }, (socket) => socket.on('error', () => undefined).resume());
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // Node 26 died within some hundred of them, where TLS was ended together with the connection under it.
    for (const round of Array.from({ length: 100 }).keys()) {
      const given = Array.from({ length: 8 }, async (_, index) => {
        const carrier = connectPlain(port, '127.0.0.1');
        const socket = connectSecure({ socket: carrier, ca: certificates.ca, servername: 'localhost' });
        await once(socket, 'secureConnect');
        resetWhenGivenUp(socket, carrier);
        socket.write(Buffer.alloc(index % 2 === 0 ? 5 : 200_000));
        const failure = once(socket, 'error');
        socket.destroy(new Error(`given up in round ${round}`));
        socket.destroy(new Error('and once more'));
        return String((await failure)[0]);
      });
      expect(new Set(await Promise.all(given))).toEqual(new Set([`Error: given up in round ${round}`]));
    }
    server.close();
  }, 60_000);
});

describe('a write that was answered', () => {
  it('leaves its connection to be closed in order', async () => {
    const answer = 'HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}';

    const { outcome, how } = await writeOnce('http', { whole: 10_000, permission: permitted, answer });

    expect(outcome).toMatchObject({ kind: 'answer', status: 201 });
    expect(how).toBe('in order');
  });
});
