import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { secretVersion } from '../../../agent/secrets/secret-version.ts';
import { openVault, type Vault } from '../../../agent/secrets/vault/open-vault.ts';

const noVault = (): never => expect.unreachable();

describe('the version of a secret', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('changes when the vault is given the secret again, and for no other secret or key', async () => {
    let now = 1_000;
    const vault: Vault = openVault({ directory: folder, platform: process.platform, environment: {}, now: () => now });
    const version = (): string => secretVersion('vault:corp', () => vault);
    const before = version();
    await vault.set('corp', new Redacted('first'));
    const first = version();
    now = 2_000;
    await vault.set('other', new Redacted('another'));
    await vault.rotate();
    expect(version()).toBe(first);
    await vault.set('corp', new Redacted('first'));
    expect(new Set([before, first, version()])).toHaveProperty('size', 3);
  });

  it('changes when the file is written or another one takes its place, whatever is in it', () => {
    const path = join(folder, 'password');
    const version = (): string => secretVersion(`file:${path}`, noVault);
    const seen = [version()];
    writeFileSync(path, 'first');
    utimesSync(path, 100, 100);
    seen.push(version());
    expect(version()).toBe(seen[1]);
    utimesSync(path, 100, 200);
    seen.push(version());
    writeFileSync(`${path}.new`, 'first');
    utimesSync(`${path}.new`, 100, 200);
    renameSync(`${path}.new`, path);
    seen.push(version());
    expect(new Set(seen)).toHaveProperty('size', 4);
  });

  it('tells nothing of the length of a file', () => {
    const path = join(folder, 'password');
    const versions = ['short', 'a much longer one'].map((secret) => {
      writeFileSync(path, secret);
      utimesSync(path, 100, 100);
      return secretVersion(`file:${path}`, noVault);
    });
    expect(versions[0]).toBe(versions[1]);
  });

  it('stays for a variable', () => {
    expect(secretVersion('env:CORP', noVault)).toBe('env:CORP');
  });
});
