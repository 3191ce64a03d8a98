import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../agent/cli/run-program.ts';
import { smallestConfig, temporaryFolder } from '../config/config-file.ts';

const canary = 'Canary-Pa55-phrase';

interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: Record<string, unknown>;
}

function output(): Writable & { readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => text });
}

describe('rollcall secret', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let state: string;
  let config: string;

  beforeEach(() => {
    folder = temporaryFolder();
    state = join(folder.path, 'state');
    config = join(folder.path, 'config.json');
  });
  afterEach(() => folder.dispose());

  async function secret(words: readonly string[], input = ''): Promise<Outcome> {
    const stdin = Object.assign(new PassThrough(), { isTTY: false });
    stdin.end(input);
    const [stdout, stderr] = [output(), output()];
    const exit = await runProgram({
      words: ['secret', ...words, '--state', state, '--config', config],
      environment: {},
      platform: 'linux',
      stdin,
      stdout,
      stderr,
      version: '1.2.3',
      signal: new AbortController().signal,
      openOperations: () => Promise.reject(new Error('operations are not needed')),
    });
    const all = { exit, stdout: stdout.text(), stderr: stderr.text() };
    expect(all.stdout + all.stderr).not.toContain(canary);
    return { ...all, json: words.includes('--json') ? (JSON.parse(all.stdout) as Record<string, unknown>) : {} };
  }

  function useVault(): void {
    const content = smallestConfig() as Record<string, unknown>;
    writeFileSync(config, JSON.stringify({ ...content, itglue: { apiKey: 'vault:itglue' } }));
  }

  it('set stores what comes by standard input, and says how to use it', async () => {
    const told = await secret(['set', 'itglue'], `${canary}\n`);

    expect(told).toMatchObject({ exit: 0, stderr: '' });
    expect(told.stdout).toBe('Stored  itglue: write "vault:itglue" into the configuration to use it\n');
    expect((await secret(['set', 'itglue', '--json'], canary)).json).toEqual({
      formatVersion: 1,
      name: 'itglue',
      reference: 'vault:itglue',
      replaced: true,
      usedBy: [],
    });
  });

  it('set says what uses the secret', async () => {
    useVault();

    expect((await secret(['set', 'itglue'], canary)).stdout).toMatch(/^Stored {2}itglue: used by itglue\.apiKey; the next run takes it/);
  });

  it.each([
    ['as a word', ['set', 'corp', canary], /Only the name is given here/],
    ['as an option', ['set', 'corp', `--value=${canary}`], /Only the name is given here/],
    ['before the name', ['set', '--value', canary, 'corp'], /Only the name is given here/],
    ['with the name', ['set', `corp=${canary}`], /no name of a secret/],
    ['to delete', ['delete', 'corp', canary], /takes one name and nothing else/],
  ])('a value given %s is refused without repeating it', async (_how, words, message) => {
    for (const more of [[], ['--json'], ['--log-level', 'debug']]) {
      const told = await secret([...words, ...more]);
      expect(told.exit).toBe(2);
      expect(told.stdout + told.stderr).toMatch(message);
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('set refuses an empty value', async () => {
    expect(await secret(['set', 'corp'], '\n')).toMatchObject({ exit: 2, stderr: expect.stringContaining('SECRET_EMPTY') });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('list tells names, dates, what uses them, what is missing and where the key is; never a value', async () => {
    useVault();
    await secret(['set', 'corp'], canary);

    const { json, stdout } = await secret(['list', '--json']);

    expect(json).toMatchObject({
      formatVersion: 1,
      vault: join(state, 'vault.json'),
      key: { kept: 'file', problem: null },
      secrets: [{ name: 'corp', usedBy: [] }],
      missing: [{ name: 'itglue', usedBy: ['itglue.apiKey'] }],
      configuration: config,
    });
    expect(stdout).not.toContain(Buffer.from(canary).toString('base64'));
    const text = (await secret(['list'])).stdout;
    expect(text).toMatch(/corp .* -\n/);
    expect(text).toContain(`missing  itglue, used by itglue.apiKey: rollcall secret set itglue --config ${config} --state ${state}`);
    expect(text).toMatch(/key [0-9a-f]{16} in vault\.key, made on /);
  });

  it('list works without a configuration, with a wrong one, and without a vault', async () => {
    expect(await secret(['list'])).toMatchObject({ exit: 0, stdout: expect.stringContaining('The vault is empty') });
    writeFileSync(config, '{ not JSON');
    await secret(['set', 'corp'], canary);

    expect((await secret(['list', '--json'])).json).toMatchObject({ configuration: null, missing: [], secrets: [{ name: 'corp' }] });
  });

  it('list without the key still tells the names, and what to do', async () => {
    await secret(['set', 'corp'], canary);
    rmSync(join(state, 'vault.key'));

    expect((await secret(['list', '--json'])).json).toMatchObject({
      secrets: [{ name: 'corp' }],
      key: { problem: { code: 'VAULT_KEY_MISSING', message: expect.stringContaining('Bring vault.key from there') } },
    });
    expect((await secret(['list'])).stdout).toMatch(/Error {2}The key of the vault .* is missing/);
  });

  it('delete asks before it takes away what is used', async () => {
    useVault();
    await secret(['set', 'itglue'], canary);

    const asked = await secret(['delete', 'itglue']);
    expect(asked).toMatchObject({ exit: 2, stderr: expect.stringContaining('CONFIRMATION_NEEDED') });
    expect((await secret(['list', '--json'])).json).toMatchObject({ secrets: [{ name: 'itglue' }] });

    expect((await secret(['delete', 'itglue', '--yes'])).stdout).toBe('Deleted  itglue; itglue.apiKey still refers to it\n');
    expect((await secret(['list', '--json'])).json).toMatchObject({ secrets: [], missing: [{ name: 'itglue' }] });
  });

  it('delete takes away what nothing uses, and knows what is not there', async () => {
    useVault();
    await secret(['set', 'corp'], canary);

    expect(await secret(['delete', 'crop'])).toMatchObject({ exit: 2, stderr: expect.stringContaining('Did you mean "corp"?') });
    expect(await secret(['delete', 'itglue'])).toMatchObject({ exit: 2, stderr: expect.stringContaining('VAULT_SECRET_NOT_FOUND') });
    expect(await secret(['delete', 'corp'])).toMatchObject({ exit: 0, stdout: 'Deleted  corp\n' });
  });

  it('rotate tells the keys by their ids', async () => {
    await secret(['set', 'corp'], canary);

    const { json } = await secret(['rotate', '--json']);

    expect(json).toMatchObject({
      secrets: 1,
      before: expect.stringMatching(/^[0-9a-f]{16}$/),
      after: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect((await secret(['rotate'])).stdout).toMatch(/^Rotated {2}1 secret is under the new key [0-9a-f]{16}; the key .* is forgotten/);
  });
});
