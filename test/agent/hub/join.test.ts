import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityFile, readIdentity, requireIdentity } from '../../../agent/hub/client/identity.ts';
import { joinAs, keysOf, takeNewKey } from '../../../agent/hub/client/join.ts';
import { reveal } from '../../../agent/secrets/redacted.ts';
import { openVault, type Vault } from '../../../agent/secrets/vault/open-vault.ts';
import { testCollector, testKey } from '../../sandbox/hub/test-hub.ts';

const url = 'https://hub.msp.example:7443';

describe('as whom a machine has joined a hub', () => {
  let folder: string;
  let vault: Vault;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-join-'));
    vault = openVault({ directory: folder, platform: process.platform, environment: {}, now: () => 1_000 });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function answer(letter: string) {
    return { collector: { id: testCollector, name: 'branch', organization: '4711' }, key: testKey(letter), hub: { name: 'hub' } };
  }

  function joined(letter: string, given: Pick<Vault, 'get' | 'set' | 'delete'> = vault) {
    return joinAs({ stateDirectory: folder, vault: given }, answer(letter), { url, pinSha256: '', at: 5 });
  }

  async function keys(): Promise<readonly string[]> {
    const identity = await readIdentity(folder);
    return identity === null ? [] : keysOf(vault, identity).map(reveal);
  }

  /** A vault that is cut off after so many changes. */
  function dyingVault(changes: number): Pick<Vault, 'get' | 'set' | 'delete'> {
    let left = changes;
    const living = (): void => {
      if (left === 0) throw new Error('killed');
      left -= 1;
    };
    return {
      get: (name) => vault.get(name),
      async set(name, secret) {
        living();
        return vault.set(name, secret);
      },
      async delete(name) {
        living();
        return vault.delete(name);
      },
    };
  }

  it('H3 keeps who it is in a file for its account alone, and the key in the vault', async () => {
    await joined('a');
    expect(await requireIdentity(folder, `${url}/`)).toMatchObject({ collector: testCollector, name: 'branch', organization: '4711' });
    expect(await keys()).toEqual([testKey('a')]);
    expect(await readFile(identityFile(folder), 'utf8')).not.toContain('rck1');
    if (process.platform !== 'win32') expect((await stat(identityFile(folder))).mode & 0o777).toBe(0o600);
  });

  it('tells apart who never joined, who joined another hub, and a damaged file', async () => {
    const notJoined = { code: 'HUB_NOT_JOINED' };
    await expect(requireIdentity(folder, url)).rejects.toMatchObject(notJoined);
    await joined('a');
    await expect(requireIdentity(folder, 'https://other.example')).rejects.toMatchObject(notJoined);
    await writeFile(identityFile(folder), '{"formatVersion":1');
    await expect(requireIdentity(folder, url)).rejects.toMatchObject(notJoined);
    await joined('b');
    expect(await keys()).toEqual([testKey('b')]);
  });

  it('is what it was, or what it is to be, wherever joining again is cut off', async () => {
    await joined('a');
    await expect(joined('b', dyingVault(0))).rejects.toThrow('killed');
    expect(await keys()).toEqual([testKey('a')]);
    await joined('b', dyingVault(1));
    expect(await keys()).toEqual([testKey('b')]);
    await joined('c');
    expect(await keys()).toEqual([testKey('c')]);
  });

  it('keeps the key before the new one at hand, and no third', async () => {
    let identity = await joined('a');
    for (const letter of ['b', 'c']) {
      identity = await takeNewKey({ stateDirectory: folder, vault }, identity, testKey(letter));
    }
    expect(await keys()).toEqual([testKey('c'), testKey('b')]);
  });

  it('H3 offers no key of one hub to another', async () => {
    const identity = await joined('a');
    await takeNewKey({ stateDirectory: folder, vault }, identity, testKey('b'));
    await joined('c');
    expect(await keys()).toEqual([testKey('c')]);
  });

  it('goes on with the old key when storing the new one is cut off', async () => {
    const identity = await joined('a');
    await expect(takeNewKey({ stateDirectory: folder, vault: dyingVault(0) }, identity, testKey('b'))).rejects.toThrow('killed');
    expect(await keys()).toEqual([testKey('a')]);
  });
});
