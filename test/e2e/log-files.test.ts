import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { crowd } from './people.ts';
import { type Site, startSite } from './site.ts';

const program = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
const waiting = { timeout: 20_000, interval: 50 };

/** The service of a site, as systemd starts it: standard error is a stream that `JOURNAL_STREAM` names. */
function startService(site: Site): { readonly journal: string; stop(): Promise<number | null> } {
  const journal = join(site.folder, 'journal');
  const descriptor = openSync(journal, 'w');
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  const places = ['--config', join(site.folder, 'config.json'), '--state', join(site.folder, 'state')];
  const child = spawn(process.execPath, [program, 'run', ...places], {
    stdio: ['ignore', 'ignore', descriptor],
    env: { ...process.env, ...site.environment, JOURNAL_STREAM: `${dev}:${ino}` },
  });
  closeSync(descriptor);
  const ended = once(child, 'exit');
  return {
    journal,
    async stop() {
      child.kill('SIGTERM');
      const [exit] = (await ended) as [number | null];
      return exit;
    },
  };
}

const sections = { log: { directory: 'logs' } };

describe('the log files of the service', () => {
  it('hold its events from start to stop, for its account only, and the journal is told how grave each is', async () => {
    await using site = await startSite({ people: crowd(2), sections: { log: sections.log } });
    const file = join(site.folder, 'logs', 'rollcall.log');
    const service = startService(site);
    await vi.waitFor(() => expect(existsSync(file) && readFileSync(file, 'utf8')).toContain('The service is ready'), waiting);

    await service.stop();

    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string });
    expect(lines.at(-1)?.message).toBe('The service has stopped');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(site.folder, 'logs')).mode & 0o777).toBe(0o700);
    const told = readFileSync(service.journal, 'utf8').trimEnd().split('\n');
    expect(told.filter((line) => line.includes('"message"')).every((line) => /^<[3467]>\{"time"/.test(line))).toBe(true);
    expect(told.some((line) => line.startsWith('<6>') && line.includes('The service is ready'))).toBe(true);
    expect(readFileSync(file, 'utf8')).not.toMatch(/kesten|@acme/i);
  });

  it('that cannot be written are told by status, and the service goes on and writes again', async () => {
    await using site = await startSite({ people: crowd(2), sections: { log: sections.log } });
    const blocked = join(site.folder, 'logs');
    mkdirSync(join(blocked, 'rollcall.log'), { recursive: true });
    const service = startService(site);
    try {
      await vi.waitFor(async () => {
        const status = await site.call('status', '--json');
        expect(status.stdout).toContain('LOG_UNWRITABLE');
      }, waiting);
      rmSync(join(blocked, 'rollcall.log'), { recursive: true });
      await vi.waitFor(
        () =>
          expect(existsSync(join(blocked, 'rollcall.log')) && readFileSync(join(blocked, 'rollcall.log'), 'utf8')).toContain(
            'The service is ready',
          ),
        waiting,
      );
      await vi.waitFor(async () => expect((await site.call('status', '--json')).stdout).not.toContain('LOG_UNWRITABLE'), waiting);
    } finally {
      await service.stop();
    }
  });
});
