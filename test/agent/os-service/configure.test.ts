import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalContext } from '../../../agent/cli/answer.ts';
import { type ConfigureWords, configure } from '../../../agent/os-service/configure.ts';
import { changedSettings, mergeSettings } from '../../../agent/os-service/merge-settings.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-configure-'));
  file = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const whole = {
  collector: { name: 'hq', organization: '4711' },
  directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }],
  itglue: { apiKey: 'env:KEY' },
};

function put(path: string, settings: object | string): void {
  writeFileSync(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
}

function read(): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function call(words: ConfigureWords) {
  return configure({ stateDirectory: join(folder, 'state'), platform: 'linux', environment: {} } as LocalContext, words, file);
}

describe('rollcall service configure', () => {
  it('makes the file of what is given, for this account alone, and says what is missing', async () => {
    const { changed, incomplete } = await call({ organization: '4711' });

    expect(read()).toEqual({ collector: { name: expect.any(String) as string, organization: '4711' } });
    expect(changed).toEqual(['collector']);
    expect(incomplete).toMatch(/directories is missing/);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('changes only what is given: an upgrade without words, or with empty ones, changes nothing', async () => {
    put(file, whole);
    const before = readFileSync(file, 'utf8');

    const nothing = await call({ organization: '', hub: '', activation: '', config: '' });
    const kept = readFileSync(file, 'utf8');
    const some = await call({ organization: '4712' });

    expect(nothing).toMatchObject({ changed: [], hub: null, incomplete: null });
    expect(kept).toBe(before);
    expect(some.changed).toEqual(['collector.organization']);
    expect(read()).toEqual({ ...whole, collector: { name: 'hq', organization: '4712' } });
  });

  it('takes over the settings of a file, member by member', async () => {
    put(file, { collector: { name: 'hq', organization: '1' }, log: { level: 'debug' } });
    put(join(folder, 'given.json'), { ...whole, collector: { organization: '4711' } });

    const { incomplete } = await call({ config: join(folder, 'given.json') });

    expect(incomplete).toBeNull();
    expect(read()).toEqual({ ...whole, log: { level: 'debug' } });
  });

  it.each([
    ['a setting that is not right', { config: { ...whole, surplus: 1 } }, 'CONFIG_INVALID'],
    ['a file that is no JSON', { config: '{' }, 'CONFIG_NOT_JSON'],
    ['an organization that is none', { organization: 'x y' }, 'CONFIG_INVALID'],
    ['a code that was cut off', { activation: 'abc' }, 'HUB_INVITATION_INVALID'],
  ])('refuses %s, and leaves a good file as it was', async (_what, { config, ...words }: { config?: object | string } & object, code) => {
    put(file, whole);
    if (config !== undefined) put(join(folder, 'given.json'), config);
    const names = readdirSync(folder);

    await expect(call({ ...words, ...(config === undefined ? {} : { config: join(folder, 'given.json') }) })).rejects.toMatchObject({
      code,
    });

    expect(read()).toEqual(whole);
    expect(readdirSync(folder)).toEqual(names);
  });

  it('does not write over a file that it cannot understand', async () => {
    put(file, '{ "collector": ');

    await expect(call({ organization: '4711' })).rejects.toMatchObject({ code: 'CONFIG_NOT_JSON' });

    expect(readFileSync(file, 'utf8')).toBe('{ "collector": ');
  });
});

describe('merged settings', () => {
  it('replace lists and merge objects, and tell what differs by its path', () => {
    const before = { a: { b: 1, c: [1, 2] }, d: 'x' };

    const after = mergeSettings(before, { a: { c: [3] }, e: { f: true } });

    expect(after).toEqual({ a: { b: 1, c: [3] }, d: 'x', e: { f: true } });
    expect(changedSettings(before, after)).toEqual(['a.c', 'e']);
  });
});
