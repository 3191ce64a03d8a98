import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../agent/http/http-client.ts';
import { createTrust } from '../../../agent/http/trust.ts';
import { makeTestCertificates, type TestCertificates } from '../../fixtures/tls.ts';
import { createFakeClock } from './fake-clock.ts';

let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeTestCertificates();
});

afterAll(() => {
  certificates.remove();
});

/** Writes once to a server with this certificate; what came of it, and how often the client waited. */
async function write(kind: 'good' | 'expired' | 'wrongName' | 'selfSigned', caPem?: string) {
  const { key, cert } = certificates[kind];
  const server = createServer({ key, cert }, (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const clock = createFakeClock();
  const http = createHttpClient({
    service: 'Example',
    codes: {
      unreachable: 'PSA_UNREACHABLE',
      rateLimited: 'PSA_RATE_LIMITED',
      serverError: 'PSA_SERVER_ERROR',
      answerInvalid: 'PSA_ANSWER_INVALID',
    },
    limits: [],
    clock,
    ...(caPem === undefined ? {} : { network: { proxy: null, trust: createTrust({ caPem, onSystemStoreFailure: () => undefined }) } }),
  });
  const { port } = server.address() as AddressInfo;
  const outcome = await http
    .send({ method: 'POST', url: `https://localhost:${port}/`, body: '{}', intent: 'write' })
    .catch((error: unknown) => error);
  await http.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return { outcome, waits: clock.waits.length };
}

describe('TLS', () => {
  it('takes a certificate of the CA that it was given', async () => {
    expect(await write('good', certificates.ca)).toMatchObject({ outcome: { kind: 'answer', text: 'hello' } });
  });

  it.each([
    ['of a CA that nobody trusts', 'good', false],
    ['that signed itself', 'selfSigned', true],
    ['for another name', 'wrongName', true],
    ['that has ended', 'expired', true],
  ] as const)('refuses a certificate %s, at once, before anything is sent', async (_, kind, withCa) => {
    const { outcome, waits } = await write(kind, withCa ? certificates.ca : undefined);

    expect(outcome).toMatchObject({ code: 'HTTP_CERTIFICATE_REJECTED', message: expect.stringContaining('certificate') });
    expect(waits).toBe(0);
  });
});
