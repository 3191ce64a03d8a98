import { describe, expect, it, vi } from 'vitest';
import { createSystemd } from '../../../agent/service/systemd.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';

function recorder() {
  const sent: string[] = [];
  const heard = Promise.withResolvers<void>();
  return {
    sent,
    heard: heard.promise,
    send: (words: readonly string[]) => {
      sent.push(words.join(' '));
      heard.resolve();
      return Promise.resolve();
    },
  };
}

describe('what systemd is told', () => {
  it('is nothing where no service manager listens', () => {
    const { send, sent } = recorder();
    const systemd = createSystemd({ environment: {}, logger: silentLogger(), send });
    systemd.ready();
    systemd.stopping();
    expect(sent).toEqual([]);
  });

  it('is that the service is ready, reloads and stops', async () => {
    const { send, sent } = recorder();
    const systemd = createSystemd({ environment: { NOTIFY_SOCKET: '/run/x' }, logger: silentLogger(), send });
    systemd.ready();
    systemd.reloading();
    systemd.stopping();
    await vi.waitFor(() => expect(sent).toHaveLength(3));
    expect(sent[0]).toBe(`--ready --pid=${process.pid}`);
    expect(sent[1]).toMatch(/^RELOADING=1 MONOTONIC_USEC=\d+$/u);
    expect(sent[2]).toBe('STOPPING=1');
  });

  it('comes in the order in which it happened, however long a message takes', async () => {
    const first = Promise.withResolvers<void>();
    const sent: string[] = [];
    const send = async (words: readonly string[]): Promise<void> => {
      if (words[0]?.startsWith('RELOADING') === true) await first.promise;
      sent.push(words[0] ?? '');
    };
    const systemd = createSystemd({ environment: { NOTIFY_SOCKET: '/run/x' }, logger: silentLogger(), send });
    systemd.reloading();
    systemd.ready();
    first.resolve();
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent).toEqual(['RELOADING=1', '--ready']);
  });

  it('is a sign of life in time for the watchdog, and only of the process that is watched', async () => {
    const { send, sent, heard } = recorder();
    const environment = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '60000' };
    const other = recorder();
    const foreign = createSystemd({
      environment: { ...environment, WATCHDOG_PID: '1' },
      logger: silentLogger(),
      send: other.send,
    });
    const systemd = createSystemd({ environment, logger: silentLogger(), send });
    await heard;
    systemd.close();
    foreign.close();
    expect(sent[0]).toBe('WATCHDOG=1');
    expect(other.sent).toEqual([]);
  });
});
