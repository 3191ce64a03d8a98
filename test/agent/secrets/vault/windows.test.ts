import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceSid } from '../../../../agent/os-service/windows/service-sid.ts';
import { reveal } from '../../../../agent/secrets/redacted.ts';
import type { HelperCall, HelperResult, HelperRunner } from '../../../../agent/secrets/vault/windows-protection.ts';
import { failureOf, secret, type VaultFolder, vaultFolder } from './vault-folder.ts';

const canary = 'Canary-Pa55-phrase';

/** Stands for the helpers of one Windows machine; nothing here ran on Windows. */
function machine(number: number): { readonly runner: HelperRunner; readonly calls: HelperCall[] } {
  const calls: HelperCall[] = [];
  const prefix = Buffer.from(`machine ${number}:`);
  function answer(call: HelperCall): HelperResult {
    calls.push(call);
    if (call.file.endsWith('icacls.exe')) return { exit: 0, stdout: 'processed file' };
    const script = Buffer.from(call.args.at(-1) ?? '', 'base64').toString('utf16le');
    const bytes = Buffer.from(call.input.trim(), 'base64');
    if (script.includes('::Protect(')) return { exit: 0, stdout: Buffer.concat([prefix, bytes]).toString('base64') };
    const isMine = bytes.subarray(0, prefix.length).equals(prefix);
    return isMine ? { exit: 0, stdout: bytes.subarray(prefix.length).toString('base64') } : { exit: 3, stdout: '' };
  }
  return { calls, runner: { run: (call) => Promise.resolve(answer(call)), runSync: answer } };
}

describe('on Windows (by injected helpers)', () => {
  let folder: VaultFolder;
  beforeEach(() => {
    folder = vaultFolder();
  });
  afterEach(() => folder.dispose());

  const windows = (runner: HelperRunner) => ({
    platform: 'win32' as const,
    environment: { SystemRoot: String.raw`D:\Windows`, CREDENTIALS_DIRECTORY: '/nowhere' },
    uid: null,
    runner,
    serviceAccount: String.raw`NT SERVICE\rollcall`,
  });

  it('the key is wrapped for the machine, and goes to the helper by standard input alone', async () => {
    const { runner, calls } = machine(1);

    await folder.open(windows(runner)).set('corp', secret(canary));

    const kept = /^v1 dpapi [0-9a-f]{16} (\S+)$/m.exec(readFileSync(folder.keyFile, 'utf8'))?.[1] ?? '';
    const key = Buffer.from(kept, 'base64').subarray('machine 1:'.length).toString('base64');
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    const [wrap] = calls;
    expect(wrap?.file).toBe(String.raw`D:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`);
    expect(wrap?.input).toBe(`${key}\n`);
    for (const call of calls) {
      const words = [call.file, ...call.args, ...call.args.map((word) => Buffer.from(word, 'base64').toString('utf16le'))].join(' ');
      expect(words).not.toContain(key);
      expect(words).not.toContain('Canary');
    }
    const script = Buffer.from(wrap?.args.at(-1) ?? '', 'base64').toString('utf16le');
    expect(script).toContain('DataProtectionScope]::LocalMachine');
    expect(wrap?.args.slice(0, -1)).toEqual(['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand']);
  });

  it('both files are for SYSTEM, Administrators and the service, before anything is in them', async () => {
    const { runner, calls } = machine(1);
    const sizes: number[] = [];
    const looking: HelperRunner = {
      ...runner,
      run: (call) => {
        if (call.file.endsWith('icacls.exe')) sizes.push(readFileSync(call.args[0] ?? '').length);
        return runner.run(call);
      },
    };

    await folder.open(windows(looking)).set('corp', secret(canary));

    const lists = calls.filter((call) => call.file.endsWith('icacls.exe'));
    expect(lists.map((call) => call.args)).toEqual(
      [folder.keyFile, folder.vaultFile].map((path) => [
        `${path}.new`,
        '/inheritance:r',
        '/grant:r',
        '*S-1-5-18:F',
        '*S-1-5-32-544:F',
        String.raw`NT SERVICE\rollcall:M`,
      ]),
    );
    expect(sizes).toEqual([0, 0]);
  });

  it('the service is known by its SID where no account is named, whatever account it runs under', async () => {
    const { runner, calls } = machine(1);
    const { serviceAccount: _named, ...unnamed } = windows(runner);

    await folder.open(unnamed).set('corp', secret(canary));

    const lists = calls.filter((call) => call.file.endsWith('icacls.exe'));
    expect(lists.map((call) => call.args.at(-1))).toEqual([`*${serviceSid('rollcall')}:M`, `*${serviceSid('rollcall')}:M`]);
  });

  it('Windows opens the key once for a process, and unlock does it without waiting', async () => {
    const { runner, calls } = machine(1);
    await folder.open(windows(runner)).set('corp', secret(canary));
    const vault = folder.open(windows(runner));
    calls.splice(0);

    await vault.unlock();
    expect(calls).toHaveLength(1);
    expect(reveal(vault.get('corp'))).toBe(canary);
    expect(reveal(vault.get('corp'))).toBe(canary);
    expect(calls).toHaveLength(1);
    expect(reveal(folder.open(windows(runner)).get('corp'))).toBe(canary);
  });

  it('it rotates', async () => {
    const { runner } = machine(1);
    await folder.open(windows(runner)).set('corp', secret(canary));

    await folder.open(windows(runner)).rotate();

    expect(reveal(folder.open(windows(runner)).get('corp'))).toBe(canary);
  });

  it('a state directory that was copied from another machine says what cannot be', async () => {
    await folder.open(windows(machine(1).runner)).set('corp', secret(canary));
    const here = folder.open(windows(machine(2).runner));

    for (const work of [() => here.get('corp'), () => here.unlock(), () => here.set('x', secret('1')), () => here.rotate()]) {
      const error = await failureOf(work);
      expect(error.code).toBe('VAULT_KEY_WRONG');
      expect(error.message).toMatch(/protected by Windows \(DPAPI\) on the machine .* Set the secrets again here/);
    }
    expect(here.list()).toHaveLength(1);
  });

  it.each([
    ['cannot be started', { exit: null, stdout: '' }],
    ['fails', { exit: 1, stdout: '' }],
    ['says something else', { exit: 0, stdout: 'Add-Type : not allowed' }],
  ])('a helper that %s is told, and stores nothing', async (_how, result: HelperResult) => {
    const vault = folder.open(windows({ run: () => Promise.resolve(result), runSync: () => result }));

    const error = await failureOf(() => vault.set('corp', secret(canary)));

    expect(error).toMatchObject({ code: 'VAULT_UNUSABLE', message: expect.stringMatching(/powershell\.exe could not use/) });
    expect(vault.list()).toEqual([]);
  });

  it('an access list that cannot be set is told, and nothing is left lying', async () => {
    const { runner } = machine(1);
    const refusing: HelperRunner = {
      ...runner,
      run: (call) => (call.file.endsWith('icacls.exe') ? Promise.resolve({ exit: 5, stdout: '' }) : runner.run(call)),
    };

    expect(await failureOf(() => folder.open(windows(refusing)).set('corp', secret(canary)))).toMatchObject({ code: 'VAULT_UNUSABLE' });
    expect(() => readFileSync(`${folder.keyFile}.new`)).toThrow(/ENOENT/);
  });

  it('a key of Linux that was brought along still opens', async () => {
    await folder.open().set('corp', secret(canary));

    expect(reveal(folder.open(windows(machine(1).runner)).get('corp'))).toBe(canary);
  });

  it('a wrapped key that is not the one it says is refused', async () => {
    const { runner } = machine(1);
    await folder.open(windows(runner)).set('corp', secret(canary));
    const other = Buffer.concat([Buffer.from('machine 1:'), Buffer.alloc(32, 1)]).toString('base64');
    writeFileSync(folder.keyFile, readFileSync(folder.keyFile, 'utf8').replace(/ \S+\n$/, ` ${other}\n`));

    expect(await failureOf(() => folder.open(windows(runner)).get('corp'))).toMatchObject({ code: 'VAULT_CORRUPT' });
  });
});
