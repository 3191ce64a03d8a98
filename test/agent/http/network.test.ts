import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeTo } from '../../../agent/http/bypass.ts';
import { createHttpClient } from '../../../agent/http/http-client.ts';
import { networkOptions } from '../../../agent/http/network.ts';
import type { RateBudget } from '../../../agent/http/rate-budget.ts';
import { createTrust } from '../../../agent/http/trust.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../sandbox/proxy/certificate-authority.ts';
import { temporaryFolder } from '../config/config-file.ts';
import { createFakeClock } from './fake-clock.ts';
import { answer, startScriptedServer } from './scripted-server.ts';

const codes = {
  unreachable: 'ITGLUE_UNREACHABLE',
  rateLimited: 'ITGLUE_RATE_LIMITED',
  serverError: 'ITGLUE_SERVER_ERROR',
  answerInvalid: 'ITGLUE_ANSWER_INVALID',
} as const;

describe('routeTo', () => {
  it.each([
    ['api.itglue.com', [], 'proxy'],
    ['localhost', [], 'direct: loopback'],
    ['LOCALHOST.', [], 'direct: loopback'],
    ['127.8.9.1', [], 'direct: loopback'],
    ['[::1]', [], 'direct: loopback'],
    ['::1', [], 'direct: loopback'],
    ['1270.0.0.1.example.test', [], 'proxy'],
    ['localhost.example.test', [], 'proxy'],
    ['NAS.example.test', ['nas.example.test'], 'direct: proxy.bypass'],
    ['nas.example.test', ['example.test'], 'proxy'],
    ['nas.example.test', ['.example.test'], 'direct: proxy.bypass'],
    ['a.b.example.test.', ['*.EXAMPLE.test'], 'direct: proxy.bypass'],
    ['example.test', ['.example.test'], 'proxy'],
    ['notexample.test', ['.example.test'], 'proxy'],
    ['10.0.0.5', ['10.0.0.5'], 'direct: proxy.bypass'],
    ['10.0.0.5', ['.0.0.5'], 'proxy'],
    ['[fd00::7]', ['fd00::7'], 'direct: proxy.bypass'],
  ])('%s with %j goes %s', (host, bypass, route) => {
    expect(routeTo(host, { bypass })).toBe(route);
  });

  it('is direct without a proxy', () => {
    expect(routeTo('api.itglue.com', null)).toBe('direct');
  });

  it('lets no entry that names another host take a host out', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/u);
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 4 }), fc.array(label, { minLength: 1, maxLength: 3 }), (host, entry) => {
        const name = host.join('.');
        const suffix = `.${entry.join('.')}`;
        expect(routeTo(name, { bypass: [suffix] })).toBe(name.endsWith(suffix) ? 'direct: proxy.bypass' : 'proxy');
      }),
    );
  });
});

describe('networkOptions', () => {
  const none = { url: '', userName: '', caFile: '', bypass: [] };

  it('is straight out when no proxy is configured, whatever the environment says', () => {
    expect(networkOptions(none, null, () => undefined).network.proxy).toBeNull();
  });

  it.each([
    ['is not there', null, /proxy\.caFile .* cannot be read \(ENOENT\)/u],
    ['holds no certificate', 'hello', /holds no certificate in PEM form/u],
    ['holds a damaged one', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /holds a certificate that cannot be read/u],
  ])('refuses a CA file that %s', (_, content, message) => {
    const folder = temporaryFolder();
    const file = content === null ? join(folder.path, 'none.pem') : folder.write('ca.pem', content);

    expect(() => networkOptions({ ...none, caFile: file }, null, () => undefined)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
    folder.dispose();
  });
});

describe('trust', () => {
  let authority: CertificateAuthority;

  beforeAll(() => {
    authority = createCertificateAuthority('Example System CA');
  });

  afterAll(() => authority.remove());

  it('reads nothing before it is needed, and only once', () => {
    let reads = 0;
    const trust = createTrust({
      caPem: '',
      onSystemStoreFailure: () => undefined,
      readSystemStore: () => {
        reads += 1;
        return [];
      },
    });

    expect(reads).toBe(0);
    expect(trust.context()).toBe(trust.context());
    expect(reads).toBe(1);
  });

  it('goes on with the other roots, and says so, when the store of the system cannot be read', () => {
    const told: string[] = [];
    const trust = createTrust({
      caPem: authority.ca,
      onSystemStoreFailure: (reason) => told.push(reason),
      readSystemStore: () => {
        throw new Error('access denied');
      },
    });

    expect(trust.context()).toBeDefined();
    expect(told).toEqual(['access denied']);
  });

  // The system's store is read once in a process, so each case is a process of its own.
  it.each([
    ['takes', true],
    ['refuses without it', false],
  ])('%s a certificate of a CA in the store of the system', async (_, isInStore) => {
    const server = createServer(authority.issue('localhost'), (_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const client = fileURLToPath(new URL('../../../agent/http/http-client.ts', import.meta.url));
    const script = `
      const { createHttpClient } = await import(${JSON.stringify(client)});
      const http = createHttpClient({ service: 'Example', codes: ${JSON.stringify(codes)}, limits: [] });
      const url = 'https://localhost:${(server.address() as AddressInfo).port}/';
      const told = await http.send({ method: 'GET', url, intent: 'read', attempts: 1 }).then(({ text }) => text, ({ code }) => code);
      await http.close();
      process.stdout.write(told);`;
    const folder = temporaryFolder();
    const store = join(folder.path, 'store.pem');
    writeFileSync(store, isInStore ? authority.ca : createdElsewhere());
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, SSL_CERT_FILE: store, SSL_CERT_DIR: folder.path },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      told += piece;
    });
    await once(child, 'close');

    expect(told).toBe(isInStore ? 'hello' : 'HTTP_CERTIFICATE_REJECTED');
    server.closeAllConnections();
    server.close();
    folder.dispose();
  });

  function createdElsewhere(): string {
    const other = createCertificateAuthority('Example Other CA');
    const pem = other.ca;
    other.remove();
    return pem;
  }
});

describe('rate budgets that clients share', () => {
  it('hold across clients made one after another, by service and bucket', async () => {
    await using server = await startScriptedServer(answer(200));
    const clock = createFakeClock();
    const budgets = new Map<string, RateBudget>();
    const limits = [{ requests: 2, windowMs: 300_000 }];
    const send = async (service: string): Promise<void> => {
      const http = createHttpClient({ service, codes, limits, clock, budgets });
      await http.send({ method: 'GET', url: server.url, budget: 'all', intent: 'read' });
      await http.close();
    };

    await send('IT Glue');
    await send('IT Glue');
    await send('Kaseya BMS');
    expect(clock.waits).toEqual([]);
    await send('IT Glue');

    expect(clock.waits).toEqual([300_000]);
  });
});
