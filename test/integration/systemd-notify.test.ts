import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemd } from '../../agent/service/systemd.ts';
import { silentLogger } from '../../agent/telemetry/logger.ts';
import { partFor } from './real-parts.ts';

const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

const part = partFor('what systemd hears', 'systemdNotify');

describe.skipIf(part.isMissing)(part.title, () => {
  let child: ChildProcess | null = null;
  let folder = '';
  afterEach(() => {
    child?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('comes by systemd-notify over a real socket', async () => {
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
      const systemd = createSystemd({ environment: process.env, logger: silentLogger() });
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
