import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load-config.ts';
import type { BuiltConfig } from '../../../agent/init/build-config.ts';
import { provePlaces, type WriteOptions, writeSite } from '../../../agent/init/write-site.ts';
import { Redacted, reveal } from '../../../agent/secrets/redacted.ts';
import { openVault } from '../../../agent/secrets/vault/open-vault.ts';
import { RollcallError } from '../../../core/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-write-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const configFile = () => join(folder, 'etc', 'rollcall', 'config.json');
const vaultOf = () => openVault({ directory: join(folder, 'state'), platform: 'linux', environment: {}, now: () => Date.now() });

function built(more: Readonly<Record<string, unknown>> = {}): BuiltConfig {
  return {
    document: {
      collector: { name: 'hq', organization: '4711' },
      directories: [
        {
          name: 'corp',
          type: 'active-directory',
          servers: ['ldaps://dc1'],
          bindDn: 'svc',
          password: 'vault:directory-corp',
          tls: { caFile: 'corp-ca.pem' },
        },
      ],
      itglue: { apiKey: 'vault:itglue' },
      ...more,
    },
    vault: new Map([
      ['directory-corp', new Redacted('one')],
      ['itglue', new Redacted('two')],
    ]),
    caFile: { name: 'corp-ca.pem', pem: 'PEM' },
  };
}

const options = (more: Partial<WriteOptions> = {}): WriteOptions => ({
  configFile: configFile(),
  built: built(),
  vault: vaultOf(),
  now: Date.UTC(2026, 10, 22, 8, 30),
  replace: false,
  ...more,
});

function filesBelow(place: string): readonly string[] {
  return existsSync(place) ? readdirSync(place, { recursive: true }).map(String).sort() : [];
}

describe('writing an installation', () => {
  it('puts configuration, CA and secrets in their places, for their owner alone', async () => {
    const written = await writeSite(options());

    expect(written).toMatchObject({
      backup: null,
      caFile: join(folder, 'etc', 'rollcall', 'corp-ca.pem'),
      secrets: ['directory-corp', 'itglue'],
    });
    expect(filesBelow(join(folder, 'etc'))).toEqual(['rollcall', 'rollcall/config.json', 'rollcall/corp-ca.pem']);
    for (const path of [configFile(), written.caFile ?? '']) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'etc', 'rollcall')).mode & 0o777).toBe(0o700);
    expect(reveal(vaultOf().get('itglue'))).toBe('two');
    expect((await loadConfig(configFile())).config.collector.name).toBe('hq');
  });

  it('keeps a copy of what it replaces', async () => {
    await writeSite(options());
    const before = readFileSync(configFile(), 'utf8');

    const { backup } = await writeSite(options({ replace: true, built: built({ log: { level: 'debug' } }) }));

    expect(backup).toBe(`${configFile()}.20261122T083000Z.bak`);
    expect(readFileSync(backup ?? '', 'utf8')).toBe(before);
    expect(readFileSync(configFile(), 'utf8')).toContain('debug');
  });

  it.each([
    ['the second secret cannot be stored', { failAt: 'itglue' }, 'VAULT_UNUSABLE'],
    ['the configuration is not right', { document: { contacts: { create: 'maybe' } } }, 'CONFIG_INVALID'],
    ['a file came up meanwhile', { file: true }, 'CONFIG_EXISTS'],
    ['the copy cannot be made', { file: true, replace: true, backup: true }, 'CONFIG_UNWRITABLE'],
  ] as const)('leaves everything as it was when %s', async (_what, fault, code) => {
    const vault = vaultOf();
    await vault.set('directory-corp', new Redacted('before'));
    mkdirSync(join(folder, 'etc', 'rollcall'), { recursive: true });
    writeFileSync(join(folder, 'etc', 'rollcall', 'corp-ca.pem'), 'before');
    if ('file' in fault) writeFileSync(configFile(), 'before');
    if ('backup' in fault) mkdirSync(`${configFile()}.20261122T083000Z.bak`);
    const before = filesBelow(join(folder, 'etc'));
    const failing: WriteOptions['vault'] = {
      get: (name) => vault.get(name),
      list: () => vault.list(),
      delete: (name) => vault.delete(name),
      set: (name, value) =>
        'failAt' in fault && name === fault.failAt
          ? Promise.reject(new RollcallError('VAULT_UNUSABLE', 'the disk is full'))
          : vault.set(name, value),
    };

    const wanted = built('document' in fault ? fault.document : {});
    await expect(writeSite(options({ vault: failing, built: wanted, replace: 'replace' in fault }))).rejects.toMatchObject({ code });

    expect(filesBelow(join(folder, 'etc'))).toEqual(before);
    expect(readFileSync(join(folder, 'etc', 'rollcall', 'corp-ca.pem'), 'utf8')).toBe('before');
    expect(vault.list().map(({ name }) => name)).toEqual(['directory-corp']);
    expect(reveal(vault.get('directory-corp'))).toBe('before');
  });

  it('takes away the folder that it made when nothing comes of it', async () => {
    await expect(writeSite(options({ built: built({ contacts: { create: 'maybe' } }) }))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(configFile()) as string,
    });

    expect(existsSync(join(folder, 'etc'))).toBe(false);
  });
});

describe('looking whether it can write, before anything is asked', () => {
  it('accepts places that are not there yet, and refuses a file that is', async () => {
    const state = join(folder, 'var', 'state');
    expect(await provePlaces(configFile(), state, false)).toEqual({ exists: false });
    await writeSite(options());

    await expect(provePlaces(configFile(), state, false)).rejects.toMatchObject({ code: 'CONFIG_EXISTS' });
    expect(await provePlaces(configFile(), state, true)).toEqual({ exists: true });
    expect(existsSync(state)).toBe(false);
  });

  it('refuses a place below a file', async () => {
    writeFileSync(join(folder, 'etc'), '');

    await expect(provePlaces(configFile(), folder, false)).rejects.toMatchObject({ code: 'CONFIG_UNWRITABLE' });
  });
});
