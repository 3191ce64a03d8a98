import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
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
    const systemd = createSystemd({ environment: {}, logger: silentLogger(), isWell: () => true, send });
    systemd.ready();
    systemd.stopping();
    expect(sent).toEqual([]);
  });

  it('is that the service is ready, reloads and stops', () => {
    const { send, sent } = recorder();
    const systemd = createSystemd({ environment: { NOTIFY_SOCKET: '/run/x' }, logger: silentLogger(), isWell: () => true, send });
    systemd.ready();
    systemd.reloading();
    systemd.stopping();
    expect(sent[0]).toBe(`--ready --pid=${process.pid}`);
    expect(sent[1]).toMatch(/^RELOADING=1 MONOTONIC_USEC=\d+$/u);
    expect(sent[2]).toBe('STOPPING=1');
  });

  it('is a sign of life in time for the watchdog, and only of the process that is watched', async () => {
    const { send, sent, heard } = recorder();
    const environment = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '60000' };
    const other = recorder();
    const foreign = createSystemd({
      environment: { ...environment, WATCHDOG_PID: '1' },
      logger: silentLogger(),
      isWell: () => true,
      send: other.send,
    });
    const systemd = createSystemd({ environment, logger: silentLogger(), isWell: () => true, send });
    await heard;
    systemd.close();
    foreign.close();
    expect(sent[0]).toBe('WATCHDOG=1');
    expect(other.sent).toEqual([]);
  });
});

const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

describe.skipIf(process.platform !== 'linux')('over a real socket', () => {
  let child: ChildProcess | null = null;
  let folder = '';
  afterEach(() => {
    child?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('systemd-notify brings it there', async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-systemd-'));
    const path = join(folder, 'notify');
    const lines: string[] = [];
    let wake: () => void = () => undefined;
    const python = spawn('python3', ['-c', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    child = python;
    python.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line !== ''));
      wake();
    });
    const until = async (part: string): Promise<void> => {
      while (!lines.some((line) => line.includes(part))) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    await until('bound');
    // The words go by the environment of the process that sends them.
    const before = process.env['NOTIFY_SOCKET'];
    process.env['NOTIFY_SOCKET'] = path;
    try {
      const systemd = createSystemd({ environment: process.env, logger: silentLogger(), isWell: () => true });
      systemd.ready();
      await until('READY=1');
      systemd.status('2 organizations, next run at 12:00');
      await until('STATUS=2 organizations');
      systemd.close();
    } finally {
      if (before === undefined) delete process.env['NOTIFY_SOCKET'];
      else process.env['NOTIFY_SOCKET'] = before;
    }
    expect(lines.join(' ')).toContain(`MAINPID=${process.pid}`);
  });
});
