import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it, vi } from 'vitest';
import type { StatusDocument } from '../../agent/cli/documents.ts';
import { sampleAccount, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { type LdapStandIn, startLdapStandIn } from '../sandbox/ldap/server.ts';
import { program, type Site } from './site.ts';
import { ends, startHook, startTimedSite } from './timed-site.ts';

const bindDn = 'svc-rollcall@corp.example.test';
const before = 'Canary-Pa55-before';
const after = 'Canary-Pa55-after';

/** A directory of one user whose password can be changed. */
async function startDirectory(): Promise<{ readonly server: LdapStandIn; readonly change: (password: string) => void }> {
  const account = { ...sampleAccount, password: before };
  const server = await startLdapStandIn({ accounts: [account], entries: sampleDirectory([userEntry(1)]) });
  return {
    server,
    change(password) {
      account.password = password;
    },
  };
}

function badSignIns({ received }: LdapStandIn, since: number): number {
  return received.slice(since).filter(({ operation, password }) => operation === 'bind' && password === before).length;
}

/** Stores the password as an administrator does. */
async function store(site: Site, where: string, password: string): Promise<void> {
  if (where.startsWith('file:')) {
    writeFileSync(where.slice('file:'.length), password, { mode: 0o600 });
    return;
  }
  const places = ['--config', join(site.folder, 'config.json'), '--state', join(site.folder, 'state')];
  const child = spawn(process.execPath, [program, 'secret', 'set', 'corp', ...places], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, ...site.environment },
  });
  child.stdin.end(`${password}\n`);
  expect(await once(child, 'close')).toEqual([0, null]);
}

describe('a password that is changed in the directory while the service runs', () => {
  it.each(['vault', 'file'])('makes one problem and few bad sign-ins until it is stored (%s); the next scan uses it', async (kind) => {
    const { server, change } = await startDirectory();
    await using _server = server;
    const { hook, messages } = await startHook();
    await using _hook = hook;
    const schedule = { scan: '*/20 * * * *', fullScan: '30 1 * * *', timezone: 'UTC', jitterSeconds: 0 };
    const { site, start, forward } = await startTimedSite({ schedule, notify: { webhook: hook.url } });
    await using _site = site;
    const password = kind === 'vault' ? 'vault:corp' : `file:${join(site.folder, 'password')}`;
    site.configure({
      schedule,
      notify: { webhook: hook.url },
      directories: [{ name: 'corp', type: 'active-directory', domain: 'corp.example.test', servers: [server.url], bindDn, password }],
    });
    await store(site, password, before);
    await using service = await start();
    await service.logged('A scheduled run has ended');
    const begun = server.received.length;

    change(after);
    for (const run of [2, 3, 4, 5, 6]) {
      forward(20);
      await service.logged('A scheduled run has ended', run);
    }
    await vi.waitFor(() => expect(messages()).toHaveLength(1), { timeout: 20_000, interval: 50 });
    const bad = badSignIns(server, begun);
    const status = (await site.run('status', '--json')).json as StatusDocument;
    await store(site, password, after);
    forward(20);
    await service.logged('A scheduled run has ended', 7);
    await service.until('rest', ({ current }) => current === null);
    // Under load it is seen late that the problem is gone, and told some minutes after that.
    await vi.waitFor(
      () => {
        forward(1);
        expect(messages()).toHaveLength(2);
      },
      { timeout: 30_000, interval: 200 },
    );
    const mended = (await site.run('status', '--json')).json as StatusDocument;
    await service.stop();

    const [refused, waits] = ['DIRECTORY_BIND_REJECTED', 'DIRECTORY_BIND_WAITING'];
    expect(ends(service).slice(0, 7)).toEqual([null, refused, waits, refused, waits, waits, null]);
    expect(bad).toBe(2);
    expect(badSignIns(server, begun)).toBe(2);
    expect(status.problems).toEqual([
      expect.objectContaining({
        code: refused,
        part: 'directory',
        since: expect.stringMatching(/^2026-11-24T12:20:0\d/u) as unknown,
        message: expect.stringMatching(
          /^Directory corp refuses the sign-in since 2026-11-24 12:20 UTC: the password is wrong\. It was tried 2 times, .*; the first run after 2026-11-24 14:0\d UTC tries it again\.$/u,
        ) as unknown,
      }),
    ]);
    expect(messages()).toEqual([`problem ${refused}`, `recovered ${refused}`]);
    expect(mended.problems).toEqual([]);
    expect(service.stderr()).not.toMatch(/Canary-Pa55/u);
  });
});
