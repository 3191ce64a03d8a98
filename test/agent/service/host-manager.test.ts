import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { createHostManager, isHosted, statusLine } from '../../../agent/service/host-manager.ts';
import { createServiceManager } from '../../../agent/service/service-manager.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';

describe('what the Windows service host is told', () => {
  it('comes by lines of standard output, and nothing else does', async () => {
    const stdout = new PassThrough();
    const heard: string[] = [];
    stdout.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    const host = createServiceManager({ environment: { ROLLCALL_HOST: '1' }, logger: silentLogger(), stdout });

    host.status('a trial\r\nREADY=1');
    host.extend(60_000);
    host.ready();
    host.reloading();
    host.ready();
    host.stopping();
    host.close();

    stdout.end();
    await once(stdout, 'end');
    expect(heard.join('')).toBe('STATUS=a trial READY=1\nEXTEND_TIMEOUT_USEC=60000000\nREADY=1\nREADY=1\nSTOPPING=1\n');
  });

  it('is a sign of life again and again, until the service has stopped', async () => {
    const stdout = new PassThrough();
    const host = createHostManager({ stdout, everyMs: 10 });
    let seen = '';
    stdout.on('data', (chunk) => {
      seen += String(chunk);
    });

    await vi.waitFor(() => expect(seen.split('WATCHDOG=1\n').length).toBeGreaterThan(3));
    host.close();
    const till = seen;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });

    expect(seen).toBe(till);
    expect(seen.replaceAll('WATCHDOG=1\n', '')).toBe('');
  });

  it('is nothing when something else started the service', () => {
    const stdout = new PassThrough();
    const none = createServiceManager({ environment: {}, logger: silentLogger(), stdout });

    none.ready();
    none.status('x');
    none.close();

    expect(stdout.read()).toBeNull();
    expect([isHosted({ ROLLCALL_HOST: '1' }), isHosted({ ROLLCALL_HOST: '0' }), isHosted({})]).toEqual([true, false, false]);
  });

  it('is one line, whatever the text', () => {
    expect(statusLine('a\n\nb\rc')).toBe('STATUS=a b c');
  });
});
