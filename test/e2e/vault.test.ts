import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crowd } from './people.ts';
import { type Site, startSite, writes } from './site.ts';

const program = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'agent', 'main.ts');
const canary = 'Canary-Pa55-phrase-of-a-vault';

interface Finished {
  readonly exit: number | null;
  readonly text: string;
}

describe('secrets in the vault', () => {
  let site: Site;
  beforeEach(async () => {
    site = await startSite({ people: crowd(3) });
    const { userName, tenant } = site.bms.credentials;
    site.configure({
      itglue: { baseUrl: site.itGlue.url, apiKey: 'vault:itglue' },
      psa: { credentials: { userName, password: 'vault:bms', tenant } },
    });
  });
  afterEach(() => site[Symbol.asyncDispose]());

  function start(...words: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Finished> } {
    const places = ['--config', join(site.folder, 'config.json'), '--state', join(site.folder, 'state')];
    const child = spawn(process.execPath, [program, ...words, ...places], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: site.environment['NODE_COMPILE_CACHE'] },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
    }
    child.stdin?.on('error', () => undefined);
    return { child, ended: new Promise((resolve) => child.once('close', (exit) => resolve({ exit, text }))) };
  }

  function set(name: string, value: string): Promise<Finished> {
    const { child, ended } = start('secret', 'set', name);
    child.stdin?.end(`${value}\n`);
    return ended;
  }

  function stateFiles(): string {
    const folder = join(site.folder, 'state');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'latin1'))
      .join('\n');
  }

  it('carry a real sync, also after a rotation, and a changed one is used by the next run', async () => {
    expect(await start('sync').ended).toMatchObject({ exit: 2, text: expect.stringContaining('VAULT_SECRET_NOT_FOUND') });
    expect(writes(site)).toBe(0);
    await set('itglue', site.itGlue.apiKey);
    await set('bms', site.bms.credentials.password);

    expect((await start('sync').ended).exit).toBe(0);
    const written = writes(site);
    expect(written).toBeGreaterThan(3);
    expect((await start('secret', 'rotate').ended).exit).toBe(0);
    expect((await start('sync').ended).exit).toBe(0);
    expect(writes(site)).toBe(written);

    await set('itglue', canary);
    expect(await start('sync').ended).toMatchObject({ exit: 1, text: expect.stringContaining('ITGLUE_KEY_REJECTED') });
    await set('itglue', site.itGlue.apiKey);
    expect((await start('sync').ended).exit).toBe(0);
  });

  it('show nowhere: not on the way in, not when they are refused at --log-level debug, not in the state directory', async () => {
    const { child, ended } = start('secret', 'set', 'itglue', '--log-level', 'debug');
    child.stdin?.write(canary);
    // Half given: the program waits for the rest, and whoever looks at the process now sees nothing.
    const seen = process.platform === 'linux' ? lookAt(child) : '';
    child.stdin?.end('\n');
    const texts = [seen, (await ended).text, (await set('bms', canary)).text];
    for (const words of [
      ['secret', 'list', '--json', '--log-level', 'debug'],
      ['validate', '--log-level', 'debug'],
      ['sync', '--json', '--log-level', 'debug'],
      ['secret', 'rotate', '--log-level', 'debug'],
      ['secret', 'delete', 'bms', '--yes', '--log-level', 'debug'],
    ]) {
      const one = start(...words);
      one.child.stdin?.end();
      texts.push((await one.ended).text);
    }

    expect(texts.join('\n')).toContain('ITGLUE_KEY_REJECTED');
    for (const form of [canary, Buffer.from(canary).toString('base64'), encodeURIComponent(canary)]) {
      expect(texts.join('\n')).not.toContain(form);
      expect(stateFiles()).not.toContain(form);
    }
  });

  it('lose nothing when several processes store and rotate at the same time', async () => {
    await set('first', 'value of first');
    const names = ['a', 'b', 'c', 'd', 'e'];

    const ended = await Promise.all([...names.map((name) => set(name, `value of ${name}`)), start('secret', 'rotate').ended]);

    expect(ended.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 0]);
    const { text } = await start('secret', 'list', '--json').ended;
    const document = JSON.parse(text) as {
      readonly secrets: readonly { readonly name: string }[];
      readonly key: { readonly problem: unknown };
    };
    expect(document.secrets.map(({ name }) => name)).toEqual([...names, 'first']);
    expect(document.key.problem).toBeNull();
  });

  it('are stored and removed while another process is killed in the middle of it', async () => {
    await set('itglue', site.itGlue.apiKey);
    for (const sign of ['vault.json.lock.json', 'vault.key.new', 'vault.json.new']) {
      const rotating = start('secret', 'rotate');
      const watching = watch(join(site.folder, 'state'), (_event, name) => {
        if (name === sign) rotating.child.kill('SIGKILL');
      });
      const { exit } = await rotating.ended;
      watching.close();
      expect([null, 0]).toContain(exit);
      expect((await set('bms', site.bms.credentials.password)).exit).toBe(0);
    }

    expect((await start('sync').ended).exit).toBe(0);
  });

  it('that every account can read in a file are told by validate', async () => {
    const file = join(site.folder, 'key');
    writeFileSync(file, site.itGlue.apiKey);
    chmodSync(file, 0o644);
    chmodSync(site.folder, 0o755);
    site.configure({ itglue: { baseUrl: site.itGlue.url, apiKey: 'file:key' } });

    const open = await site.call('validate', '--offline');
    chmodSync(file, 0o600);
    const closed = await site.call('validate', '--offline');

    expect(open.stdout).toMatch(/Every account of this machine can read the secret of itglue\.apiKey: do "chmod 600/);
    expect(closed.stdout).not.toContain('Every account');
  });

  it('C8 a certificate is a way to sign in, and its key must be as safe as a secret', async () => {
    const key = join(site.folder, 'svc.key');
    writeFileSync(key, 'key');
    chmodSync(key, 0o644);
    chmodSync(site.folder, 0o755);
    const directory = { name: 'corp', type: 'active-directory', servers: ['ldaps://127.0.0.1:9'] };
    site.configure({ directories: [{ ...directory, tls: { certFile: 'svc.pem', keyFile: 'svc.key' } }] });

    const { stdout } = await site.call('validate', '--offline');
    const scan = await site.call('scan', '--json');

    expect(stdout).toMatch(/can read the secret of directories\[0\]\.tls\.keyFile: do "chmod 600 [^"]*svc\.key"\./);
    expect(scan.json).toMatchObject({ directories: [{ outcome: 'failed', error: { code: 'DIRECTORY_CLIENT_CERTIFICATE' } }] });
  });
});

/** What other accounts and tools see of a process. */
function lookAt(child: ChildProcess): string {
  const read = (name: string): string => readFileSync(`/proc/${String(child.pid)}/${name}`, 'latin1');
  return ['cmdline', 'environ', 'comm', 'status'].map(read).join('\n');
}
