import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../agent/cli/run-program.ts';
import { readIdentity } from '../../../agent/hub/client/identity.ts';
import { invitationCode } from '../../../agent/hub/protocol/invitation.ts';
import { reveal } from '../../../agent/secrets/redacted.ts';
import { openVault } from '../../../agent/secrets/vault/open-vault.ts';
import { TestHub, testCollector, testKey } from '../../sandbox/hub/test-hub.ts';
import { smallestConfig, temporaryFolder } from '../config/config-file.ts';

const secret = 'one-time-secret-of-the-invitation';

interface Outcome {
  readonly exit: number;
  readonly text: string;
  readonly json: { readonly error?: { readonly code: string } } & Record<string, unknown>;
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

describe('rollcall enroll', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let hub: TestHub;
  let state: string;
  let config: string;
  let code: string;

  beforeEach(async () => {
    folder = temporaryFolder();
    hub = await TestHub.start();
    hub.invitations.add(secret);
    state = join(folder.path, 'state');
    config = join(folder.path, 'config.json');
    code = invitationCode({ url: hub.url, pinSha256: '', secret });
  });

  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    folder.dispose();
    expect(hub.complaints).toEqual([]);
  });

  function enroll(...words: readonly string[]): Promise<Outcome> {
    return run('enroll', ...words);
  }

  async function run(...words: readonly string[]): Promise<Outcome> {
    const stdin = Object.assign(new PassThrough(), { isTTY: false });
    stdin.end();
    const [stdout, stderr] = [output(), output()];
    const exit = await runProgram({
      words: [...words, '--state', state, '--config', config],
      environment: {},
      platform: process.platform,
      stdin,
      stdout,
      stderr,
      version: '1.2.3',
      signal: new AbortController().signal,
      openOperations: () => Promise.reject(new Error('operations are not needed')),
    });
    const text = stdout.text() + stderr.text();
    expect(text).not.toContain(secret);
    expect(text).not.toContain(testKey('a'));
    return { exit, text, json: words.includes('--json') ? (JSON.parse(stdout.text()) as Outcome['json']) : {} };
  }

  function writeConfig(change: Record<string, unknown> = {}): string {
    const text = JSON.stringify({ ...smallestConfig(), ...change }, null, '\t');
    writeFileSync(config, text, { mode: 0o640 });
    return text;
  }

  function key(): string {
    const vault = openVault({ directory: state, platform: process.platform, environment: {}, now: Date.now });
    return reveal(vault.get('hub-key'));
  }

  it('H3 joins by the code alone, keeps identity and key, and sets hub.url in the configuration', async () => {
    const before = writeConfig();
    const { exit, json } = await enroll('--code', code, '--json');
    expect(exit).toBe(0);
    expect(json).toMatchObject({
      hub: { url: hub.url, name: 'the test hub' },
      collector: { id: testCollector, name: 'acme-hq', organization: '4711' },
      again: false,
      configFile: config,
    });
    expect(await readIdentity(state)).toMatchObject({ collector: testCollector, url: hub.url });
    expect(key()).toBe(testKey('a'));
    const after = readFileSync(config, 'utf8');
    expect(JSON.parse(after)).toEqual({ ...(JSON.parse(before) as object), hub: { url: hub.url } });
    expect(after).toContain('\n\t"');
    expect(readFileSync(String(json['backup']), 'utf8')).toBe(before);
    if (process.platform !== 'win32') expect(statSync(config).mode & 0o777).toBe(0o640);
    expect(hub.enrolled).toEqual(['acme-hq']);
  });

  it('keeps the key from looking as if nobody used it', async () => {
    writeConfig();
    await enroll('--code', code);
    const { json } = await run('secret', 'list', '--json');
    expect(json['secrets']).toMatchObject([{ name: 'hub-key', usedBy: [`the hub ${hub.url}`] }]);
  });

  it('tells a person what happened and what comes next', async () => {
    writeConfig();
    const { text } = await enroll('--code', code, '--name', 'branch 7');
    expect(text).toMatch(/Joined {2}the test hub .*\n {2}as branch 7, collector of organization 4711/u);
    expect(text).toMatch(/now names the hub/u);
    expect(text).toMatch(/validate/u);
    expect(hub.enrolled).toEqual(['branch 7']);
  });

  it('says when the file names another organization than the invitation', async () => {
    writeConfig({ collector: { name: 'hq', organization: '999' } });
    expect((await enroll('--code', code)).text).toMatch(/collector\.organization is 999\. Nothing is sent before it is 4711/u);
  });

  it('leaves a file alone that names the hub already, and works before there is one', async () => {
    expect((await enroll('--code', code, '--json')).json).toMatchObject({ configFile: null, backup: null });
    hub.invitations.add(secret);
    const text = writeConfig({ hub: { url: hub.url } });
    expect((await enroll('--code', code, '--again', '--json')).json).toMatchObject({ again: true, backup: null });
    expect(readFileSync(config, 'utf8')).toBe(text);
  });

  it('does not join again unless it is told to', async () => {
    writeConfig();
    await enroll('--code', code);
    hub.invitations.add(secret);
    const { exit, json } = await enroll('--code', code, '--json');
    expect([exit, json.error?.code]).toEqual([2, 'HUB_JOINED']);
    expect(hub.enrolled).toHaveLength(1);
    expect((await enroll('--code', code, '--again')).exit).toBe(0);
    expect(hub.enrolled).toHaveLength(2);
  });

  it.each([
    ['a code that was cut off', () => ['--code', code.slice(0, -4)], 'HUB_INVITATION_INVALID'],
    ['a code of another hub', () => ['--code', code, '--hub', 'https://other.example'], 'HUB_INVITATION_INVALID'],
    ['a CA that is not there', () => ['--code', code, '--ca-file', join(folder.path, 'no.pem')], 'CONFIG_INVALID'],
  ] as const)('uses up no invitation for %s', async (_what, words, error) => {
    const before = writeConfig();
    expect((await enroll(...words(), '--json')).json.error?.code).toBe(error);
    expect(hub.invitations.size).toBe(1);
    expect(readFileSync(config, 'utf8')).toBe(before);
    expect(readdirSync(folder.path).filter((name) => name.includes('.hub'))).toEqual([]);
  });

  it('uses up no invitation for a file that would not be right, or for a vault that cannot be opened', async () => {
    writeConfig({ hub: { listen: '127.0.0.1:7443' } });
    expect((await enroll('--code', code, '--json')).json.error?.code).toBe('CONFIG_INVALID');
    writeConfig();
    await enroll('--code', code);
    hub.invitations.add(secret);
    writeFileSync(join(state, 'vault.json'), '{');
    expect((await enroll('--code', code, '--again', '--json')).json.error?.code).toBe('VAULT_CORRUPT');
    expect(hub.invitations.size).toBe(1);
  });

  it.each([
    ['used', () => hub.invitations.clear(), 'HUB_INVITATION_INVALID'],
    ['of a hub that is away', () => hub.fail(/hub/u, { how: 'answer', status: 404 }, 9), 'HUB_MESSAGE_INVALID'],
    ['refused for its name', () => hub.fail(/enrolment/u, { how: 'answer', status: 409, code: 'HUB_NAME_TAKEN' }), 'HUB_NAME_TAKEN'],
    ['whose answer is lost', () => hub.fail(/enrolment/u, { how: 'lose' }), 'HUB_UNREACHABLE'],
    ['of a hub of later', () => Object.assign(hub.protocol, { oldest: 2, newest: 2 }), 'HUB_PROTOCOL_UNKNOWN'],
  ] as const)('is not joined by an invitation %s, and nothing is changed', async (_what, spoil, error) => {
    const before = writeConfig();
    spoil();
    expect((await enroll('--code', code, '--json')).json.error?.code).toBe(error);
    expect(await readIdentity(state)).toBeNull();
    expect(readFileSync(config, 'utf8')).toBe(before);
    expect(hub.calls.filter((call) => call.includes('enrolment')).length).toBeLessThanOrEqual(1);
  });
});
