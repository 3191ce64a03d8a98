import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reveal } from '../../../../agent/secrets/redacted.ts';
import type { Vault } from '../../../../agent/secrets/vault/open-vault.ts';
import { failingFiles, failureOf, secret, type VaultFolder, vaultFolder } from './vault-folder.ts';

type Work = (vault: Vault) => Promise<unknown>;

/** Changes of a vault that holds a=1 and b=2, and what `a` may be afterwards: before it, or after it. */
const changes: readonly { readonly what: string; readonly work: Work; readonly before: string; readonly after: string | null }[] = [
  { what: 'set of a new secret', work: (vault) => vault.set('c', secret('3')), before: '1', after: '1' },
  { what: 'set of another value', work: (vault) => vault.set('a', secret('9')), before: '1', after: '9' },
  { what: 'delete', work: (vault) => vault.delete('a'), before: '1', after: null },
  { what: 'rotate', work: (vault) => vault.rotate(), before: '1', after: '1' },
];

function valueOf(vault: Vault, name: string): string | null {
  return vault.list().some((listed) => listed.name === name) ? reveal(vault.get(name)) : null;
}

describe('a failing disk', () => {
  let folder: VaultFolder;
  beforeEach(async () => {
    folder = vaultFolder();
    await folder.open().set('a', secret('1'));
    await folder.open().set('b', secret('2'));
  });
  afterEach(() => folder.dispose());

  it.each(changes)('at each step of a $what loses nothing, and is told', async ({ work, before, after }) => {
    const start = { vault: readFileSync(folder.vaultFile), key: readFileSync(folder.keyFile) };
    const counting = failingFiles(0, 'EIO');
    await work(folder.open({ files: counting.files }));
    const steps = counting.calls().length;
    expect(steps).toBeGreaterThan(10);

    const outcomes = new Set<string>();
    for (let at = 1; at <= steps; at += 1) {
      writeFileSync(folder.vaultFile, start.vault);
      writeFileSync(folder.keyFile, start.key);
      const error = await failureOf(() => work(folder.open({ files: failingFiles(at, 'ENOSPC').files }))).catch((thrown: Error) => thrown);

      // Removing a draft that is not there, or cannot be removed after another failure, harms nothing.
      if (error.message !== 'nothing was refused') {
        expect(error).toMatchObject({ code: 'VAULT_UNUSABLE', message: expect.stringMatching(/the disk is full, ENOSPC/) });
      }
      const found = valueOf(folder.open(), 'a');
      expect([before, after]).toContain(found);
      expect(valueOf(folder.open(), 'b')).toBe('2');
      outcomes.add(String(found));

      // What was left behind is no hindrance, and goes away.
      await folder.open().set('b', secret('2'));
      expect(readdirSync(folder.path).sort()).toEqual(['vault.json', 'vault.json.lock', 'vault.key']);
      const { key } = folder.open().facts();
      expect(readFileSync(folder.keyFile, 'utf8').match(/^v1 /gm)).toHaveLength(1);
      expect(readFileSync(folder.keyFile, 'utf8')).toContain(key?.id ?? 'no key');
    }
    expect([...outcomes].sort()).toEqual([...new Set([before, String(after)])].sort());
  });

  it('at each step of a first secret leaves nothing half', async () => {
    const counting = failingFiles(0, 'EIO');
    const first = vaultFolder();
    await first.open({ files: counting.files }).set('a', secret('1'));
    first.dispose();
    for (let at = 1; at <= counting.calls().length; at += 1) {
      const fresh = vaultFolder();
      await failureOf(() => fresh.open({ files: failingFiles(at, 'EACCES').files }).set('a', secret('1'))).catch(() => null);
      expect([null, '1']).toContain(valueOf(fresh.open(), 'a'));
      await fresh.open().set('a', secret('2'));
      expect(valueOf(fresh.open(), 'a')).toBe('2');
      fresh.dispose();
    }
  });

  it('is not minded once it is well: drafts that a crash left are replaced', async () => {
    for (const path of [folder.vaultFile, folder.keyFile]) writeFileSync(`${path}.new`, 'half');

    await folder.open().set('c', secret('3'));
    await folder.open().rotate();

    expect(valueOf(folder.open(), 'c')).toBe('3');
    expect(readdirSync(folder.path).sort()).toEqual(['vault.json', 'vault.json.lock', 'vault.key']);
  });

  it('that gives no lock is told', async () => {
    rmSync(`${folder.vaultFile}.lock`);
    mkdirSync(`${folder.vaultFile}.lock`);

    expect(await failureOf(() => folder.open().set('a', secret('9')))).toMatchObject({
      code: 'VAULT_UNUSABLE',
      message: expect.stringMatching(/writing .*vault\.json failed/),
    });
    expect(valueOf(folder.open(), 'a')).toBe('1');
  });

  it('when reading is told with the reason', async () => {
    const files = failingFiles(1, 'EACCES').files;

    expect(await failureOf(() => folder.open({ files }).get('a'))).toMatchObject({
      code: 'VAULT_UNUSABLE',
      message: expect.stringMatching(/reading .*vault\.json failed \(this account may not, EACCES\)/),
    });
  });
});

describe('several at once', () => {
  let folder: VaultFolder;
  beforeEach(() => {
    folder = vaultFolder();
  });
  afterEach(() => folder.dispose());

  it('lose nothing within a process, with rotations in between', async () => {
    await folder.open().set('first', secret('0'));
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);

    await Promise.all([
      ...names.map((name) => folder.open().set(name, secret(`of ${name}`))),
      folder.open().rotate(),
      folder.open().delete('first'),
      folder.open().rotate(),
    ]);

    expect(folder.open().list()).toHaveLength(names.length);
    for (const name of names) expect(valueOf(folder.open(), name)).toBe(`of ${name}`);
  });

  it('make one key when they begin together', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => folder.open().set(name, secret(name))));

    expect(readFileSync(folder.keyFile, 'utf8').match(/^v1 /gm)).toHaveLength(1);
    expect(folder.open().list()).toHaveLength(3);
  });

  it('see the secret at every moment of a rotation, even when its key is forgotten between two reads', async () => {
    await folder.open().set('a', secret('1'));
    const old = readFileSync(folder.vaultFile);
    await folder.open().rotate();
    const { files } = failingFiles(0, 'EIO');
    let isFirst = true;
    // The first read of the vault still sees the file of before the rotation.
    const readSync: typeof files.readSync = ((handle: number, buffer: Buffer, ...words: never[]) => {
      const length = files.readSync(handle, buffer, ...words);
      if (isFirst) old.copy(buffer);
      isFirst = false;
      return length;
    }) as typeof files.readSync;

    expect(reveal(folder.open({ files: { ...files, readSync } }).get('a'))).toBe('1');
    expect(isFirst).toBe(false);
  });
});
