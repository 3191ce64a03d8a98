import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reveal } from '../../../../agent/secrets/redacted.ts';
import type { Vault } from '../../../../agent/secrets/vault/open-vault.ts';
import { failureOf, secret, type VaultFolder, vaultFolder } from './vault-folder.ts';

const canary = 'Canary-Pa55-phrase';

describe('the vault', () => {
  let folder: VaultFolder;
  let vault: Vault;

  beforeEach(() => {
    folder = vaultFolder();
    vault = folder.open();
  });
  afterEach(() => folder.dispose());

  it('gives back what was stored, also to another process, and replaces it', async () => {
    expect(await vault.set('corp', secret(canary))).toEqual({ replaced: false });
    expect(await vault.set('itglue', secret('ITG.1'))).toEqual({ replaced: false });
    expect(await vault.set('corp', secret('second'))).toEqual({ replaced: true });

    const other = folder.open();
    expect(reveal(other.get('corp'))).toBe('second');
    expect(reveal(other.get('itglue'))).toBe('ITG.1');
    expect(other.list()).toEqual([
      { name: 'corp', setAt: '2026-11-22T12:00:00.000Z' },
      { name: 'itglue', setAt: '2026-11-22T12:00:00.000Z' },
    ]);
  });

  it('sees a secret that another process changed or rotated meanwhile', async () => {
    await vault.set('corp', secret('first'));
    expect(reveal(vault.get('corp'))).toBe('first');

    await folder.open().set('corp', secret('second'));
    expect(reveal(vault.get('corp'))).toBe('second');

    await folder.open().rotate();
    expect(reveal(vault.get('corp'))).toBe('second');
  });

  it('deletes a secret and keeps the others', async () => {
    await vault.set('a', secret('1'));
    await vault.set('b', secret('2'));

    await vault.delete('a');

    expect((await failureOf(() => vault.get('a'))).code).toBe('VAULT_SECRET_NOT_FOUND');
    expect(reveal(vault.get('b'))).toBe('2');
  });

  it('rotates: another key, the same secrets and dates, the old key gone', async () => {
    await vault.set('a', secret('1'));
    await vault.set('b', secret(canary));
    const before = readFileSync(folder.keyFile, 'utf8');
    const listed = vault.list();

    const done = await vault.rotate();

    expect(done).toMatchObject({ secrets: 2 });
    expect(done.after).not.toBe(done.before);
    expect(vault.list()).toEqual(listed);
    expect(reveal(vault.get('b'))).toBe(canary);
    expect(vault.facts().key?.id).toBe(done.after);
    const key = readFileSync(folder.keyFile, 'utf8');
    expect(key).toContain(done.after);
    expect(key).not.toContain(done.before);
    const vaultText = readFileSync(folder.vaultFile);
    writeFileSync(folder.keyFile, before);
    expect((await failureOf(() => vault.get('a'))).code).toBe('VAULT_KEY_WRONG');
    expect(readFileSync(folder.vaultFile)).toEqual(vaultText);
  });

  it('keeps its files for this account alone and shows no secret in them', async () => {
    await vault.set('corp', secret(canary));
    await vault.rotate();

    for (const name of readdirSync(folder.path)) {
      expect([name, statSync(join(folder.path, name)).mode & 0o777]).toEqual([name, 0o600]);
      const text = readFileSync(join(folder.path, name), 'utf8');
      for (const form of [canary, Buffer.from(canary).toString('base64'), Buffer.from(canary).toString('hex')]) {
        expect(text).not.toContain(form);
      }
    }
    expect(readdirSync(folder.path).sort()).toEqual(['vault.json', 'vault.json.lock', 'vault.key']);
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(inspect(vault, { depth: 9, showHidden: true })).not.toContain('Canary');
  });

  it('encrypts the same secret differently each time', async () => {
    await vault.set('a', secret(canary));
    const first = readFileSync(folder.vaultFile, 'utf8');
    await vault.set('a', secret(canary));

    expect(readFileSync(folder.vaultFile, 'utf8')).not.toBe(first);
  });

  it.each(['', ' corp', 'a b', 'ä', '../x', '.hidden', '-x', 'x'.repeat(65), 'a\n', '__proto__'])('refuses the name %j', async (name) => {
    const error = await failureOf(() => vault.set(name, secret(canary)));

    expect(error).toMatchObject({ code: 'USAGE' });
    expect(readdirSync(join(folder.path, '..'))).toEqual([]);
  });

  it.each([
    ['an empty one', '', 'SECRET_EMPTY'],
    ['one that is too long', 'x'.repeat(16 * 1024 + 1), 'USAGE'],
    ['one that is no text', '\uD800', 'USAGE'],
  ])('refuses %s', async (_what, value, code) => {
    expect(await failureOf(() => vault.set('a', secret(value)))).toMatchObject({ code });
  });

  it('keeps names apart that objects would confuse', async () => {
    for (const name of ['constructor', 'toString', 'A', 'a', '1', 'a.b', 'a_b-c']) await vault.set(name, secret(`of ${name}`));

    for (const { name } of vault.list()) expect(reveal(vault.get(name))).toBe(`of ${name}`);
    expect(vault.list()).toHaveLength(7);
  });

  it('gives back any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((text) => text.isWellFormed()),
        async (name, value) => {
          await vault.set(name, secret(value));
          expect(reveal(folder.open().get(name))).toBe(value);
          await vault.delete(name);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('holds 200 secrets and no more', async () => {
    await vault.set('first', secret('1'));
    for (let index = 1; index < 200; index += 1) await vault.set(`n${index}`, secret('x'));

    expect(await failureOf(() => vault.set('one-more', secret('x')))).toMatchObject({ code: 'VAULT_UNUSABLE' });
    expect(await vault.set('first', secret('2'))).toEqual({ replaced: true });
    expect(vault.list()).toHaveLength(200);
  });
});

describe('a secret that is not there', () => {
  let folder: VaultFolder;
  beforeEach(() => {
    folder = vaultFolder();
  });
  afterEach(() => folder.dispose());

  it('is told with the name that is near', async () => {
    await folder.open().set('itglue', secret('1'));
    await folder.open().set('corp', secret('1'));

    expect((await failureOf(() => folder.open().get('itgleu'))).message).toMatch(/no secret "itgleu"\. Did you mean "itglue"\?/);
    expect((await failureOf(() => folder.open().get('something-else'))).message).toMatch(/It has: corp, itglue\./);
    expect((await failureOf(() => folder.open().delete('itgleu'))).code).toBe('VAULT_SECRET_NOT_FOUND');
  });

  it('is told when there is no vault, and nothing is made by looking', async () => {
    expect((await failureOf(() => folder.open().get('corp'))).message).toMatch(/there is no vault at .*vault\.json yet/);
    expect(folder.open().list()).toEqual([]);
    expect(folder.open().facts().key).toBeNull();
    expect(await failureOf(() => folder.open().rotate())).toMatchObject({ code: 'VAULT_SECRET_NOT_FOUND' });
    expect(readdirSync(folder.path)).not.toContain('vault.key');
  });
});

describe('a vault that was moved', () => {
  let folder: VaultFolder;
  let there: VaultFolder;

  beforeEach(async () => {
    folder = vaultFolder();
    there = vaultFolder();
    mkdirSync(there.path);
    await folder.open().set('corp', secret(canary));
    await folder.open().set('itglue', secret('ITG.1'));
  });
  afterEach(() => {
    folder.dispose();
    there.dispose();
  });

  it('works when the key came along', () => {
    cpSync(folder.path, there.path, { recursive: true });

    expect(reveal(there.open().get('corp'))).toBe(canary);
  });

  it('without its key says which key, which file, from where, and what it holds', async () => {
    cpSync(folder.vaultFile, there.vaultFile);
    const id = folder.open().facts().key?.id ?? 'none';

    const error = await failureOf(() => there.open().get('corp'));

    expect(error.code).toBe('VAULT_KEY_MISSING');
    for (const fact of [id, there.keyFile, folder.path, hostname(), '2026-11-22', 'corp, itglue']) expect(error.message).toContain(fact);
    expect(there.open().list()).toHaveLength(2);
  });

  it('without its key takes no secret and makes no key', async () => {
    cpSync(folder.vaultFile, there.vaultFile);
    const before = readFileSync(there.vaultFile);

    for (const work of [() => there.open().set('x', secret('1')), () => there.open().delete('corp'), () => there.open().rotate()]) {
      expect(await failureOf(work)).toMatchObject({ code: 'VAULT_KEY_MISSING' });
    }

    expect(readFileSync(there.vaultFile)).toEqual(before);
    expect(readdirSync(there.path)).not.toContain('vault.key');
  });

  it('whose key alone was moved says that the vault is missing', async () => {
    cpSync(folder.keyFile, there.keyFile);

    expect((await failureOf(() => there.open().get('corp'))).message).toMatch(/Its key .*vault\.key is there: .*bring vault\.json along/);
    await there.open().set('corp', secret('new'));
    expect(there.open().facts().key?.id).toBe(folder.open().facts().key?.id);
  });

  it('that finds the key of another vault says so, and changes nothing', async () => {
    await there.open().set('other', secret('1'));
    const id = there.open().facts().key?.id ?? 'none';
    cpSync(folder.vaultFile, there.vaultFile);
    const before = readFileSync(there.keyFile);

    const error = await failureOf(() => there.open().get('corp'));

    expect(error.code).toBe('VAULT_KEY_WRONG');
    expect(error.message).toContain(`(${id}) belongs to another vault`);
    expect(error.message).toContain(String(folder.open().facts().key?.id));
    expect(await failureOf(() => there.open().set('x', secret('1')))).toMatchObject({ code: 'VAULT_KEY_WRONG' });
    expect(readFileSync(there.keyFile)).toEqual(before);
  });

  it('works again when the key is put back', () => {
    renameSync(folder.keyFile, `${folder.keyFile}.away`);
    expect(() => folder.open().get('corp')).toThrow(/missing/);
    renameSync(`${folder.keyFile}.away`, folder.keyFile);

    expect(reveal(folder.open().get('corp'))).toBe(canary);
  });

  it('can be begun anew once it is moved away', async () => {
    rmSync(folder.keyFile);
    rmSync(folder.vaultFile);

    await folder.open().set('corp', secret('anew'));

    expect(reveal(folder.open().get('corp'))).toBe('anew');
  });
});

describe('a vault that was changed', () => {
  let folder: VaultFolder;
  beforeEach(async () => {
    folder = vaultFolder();
    await folder.open().set('corp', secret(canary));
    await folder.open().set('itglue', secret('ITG.1'));
  });
  afterEach(() => folder.dispose());

  it('in any byte is refused, and the secret is not in the message', async () => {
    const good = readFileSync(folder.vaultFile);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ change;
        writeFileSync(folder.vaultFile, bad);

        const error = await failureOf(() => folder.open().get('corp'));

        expect(['VAULT_CORRUPT', 'VAULT_KEY_WRONG', 'VAULT_UNUSABLE']).toContain(error.code);
        expect(error.message).not.toContain(canary);
      }),
      { numRuns: 1_500 },
    );
  });

  it('by cutting or adding is refused', async () => {
    const good = readFileSync(folder.vaultFile, 'utf8');
    for (const bad of ['', ' ', good.slice(0, -1), good.slice(0, 100), `${good}\n`, `\uFEFF${good}`, 'null', '{}', '[]']) {
      writeFileSync(folder.vaultFile, bad);
      expect(await failureOf(() => folder.open().get('corp'))).toMatchObject({ code: 'VAULT_CORRUPT' });
      expect(await failureOf(() => folder.open().set('new', secret('1')))).toMatchObject({ code: 'VAULT_CORRUPT' });
    }
  });

  it('by swapping two entries is refused', async () => {
    const [first, second] = parsed(folder).entries;
    const swapped = {
      ...parsed(folder),
      entries: [
        { ...second, name: 'corp' },
        { ...first, name: 'itglue' },
      ],
    };
    writeFileSync(folder.vaultFile, `${JSON.stringify(swapped, null, 2)}\n`);

    expect(await failureOf(() => folder.open().get('corp'))).toMatchObject({ code: 'VAULT_CORRUPT' });
  });

  it('by taking an entry out is refused', async () => {
    const content = parsed(folder);
    writeFileSync(folder.vaultFile, `${JSON.stringify({ ...content, entries: content.entries.slice(1) }, null, 2)}\n`);

    expect((await failureOf(() => folder.open().get('itglue'))).message).toMatch(/its seal is broken/);
  });

  it('by a newer version says so', async () => {
    writeFileSync(folder.vaultFile, JSON.stringify({ ...parsed(folder), version: 2, more: 1 }));

    expect(await failureOf(() => folder.open().get('corp'))).toMatchObject({
      code: 'VAULT_UNUSABLE',
      message: expect.stringMatching(/newer/),
    });
  });

  it('into something too large, or no file, is not read', async () => {
    writeFileSync(folder.vaultFile, Buffer.alloc(8 * 1024 * 1024 + 1, 'x'));
    expect((await failureOf(() => folder.open().get('corp'))).message).toMatch(/larger than/);
    rmSync(folder.vaultFile);
    mkdirSync(folder.vaultFile);
    expect((await failureOf(() => folder.open().get('corp'))).message).toMatch(/is not a file/);
  });
});

describe('the key file', () => {
  let folder: VaultFolder;
  beforeEach(async () => {
    folder = vaultFolder();
    await folder.open().set('corp', secret(canary));
  });
  afterEach(() => folder.dispose());

  it.each([0o640, 0o604, 0o660, 0o644, 0o620])('with mode %o is refused, with the command that mends it', async (mode) => {
    chmodSync(folder.keyFile, mode);

    const error = await failureOf(() => folder.open().get('corp'));

    expect(error).toMatchObject({ code: 'VAULT_UNUSABLE' });
    expect(error.message).toContain(`chmod 600 ${folder.keyFile}`);
    chmodSync(folder.keyFile, 0o400);
    expect(reveal(folder.open().get('corp'))).toBe(canary);
  });

  it.skipIf(process.geteuid?.() !== 0)('of a stranger is refused; that of the folder belongs to its owner', async () => {
    chownSync(folder.keyFile, 4711, 4711);
    const error = await failureOf(() => folder.open().get('corp'));
    expect(error.message).toMatch(/belongs to another account \(4711\)\. Do: chown 0 /);

    chownSync(folder.path, 4711, 4711);
    expect(reveal(folder.open().get('corp'))).toBe(canary);
  });

  it.skipIf(process.geteuid?.() !== 0)('and the vault belong to the owner of the folder when root stores a secret', async () => {
    chownSync(folder.path, 4711, 4712);
    rmSync(`${folder.vaultFile}.lock`);

    await folder.open().rotate();

    for (const name of readdirSync(folder.path)) {
      const { uid, gid } = statSync(join(folder.path, name));
      expect([name, uid, gid]).toEqual([name, 4711, 4712]);
    }
  });

  it.each([
    ['another text', 'hello there'],
    ['a key that is too short', 'v1 plain 0011223344556677 AAAA'],
    ['an id that is not that of its key', `v1 plain 0011223344556677 ${Buffer.alloc(32, 7).toString('base64')}`],
  ])('with %s is refused without repeating it', async (_what, text) => {
    writeFileSync(folder.keyFile, `# comment\n${text}\n`);

    const error = await failureOf(() => folder.open().get('corp'));

    expect(error.code).toBe('VAULT_CORRUPT');
    expect(error.message).toMatch(/line 2/);
    expect(error.message).not.toContain(text);
  });

  it('that is empty is a missing one', async () => {
    writeFileSync(folder.keyFile, '# nothing\n');

    expect(await failureOf(() => folder.open().get('corp'))).toMatchObject({ code: 'VAULT_KEY_MISSING' });
  });
});

describe('the systemd credential', () => {
  let folder: VaultFolder;
  let environment: Readonly<Record<string, string>>;
  let credential: string;
  const key = Buffer.alloc(32, 1).toString('base64');
  const newer = Buffer.alloc(32, 2).toString('base64');

  beforeEach(() => {
    folder = vaultFolder();
    const directory = join(folder.path, '..', 'credentials');
    mkdirSync(directory);
    credential = join(directory, 'rollcall-vault-key');
    environment = { CREDENTIALS_DIRECTORY: directory };
    write(key);
  });
  afterEach(() => folder.dispose());

  function write(...lines: readonly string[]): void {
    writeFileSync(credential, `${lines.join('\n')}\n`, { mode: 0o440 });
  }

  it('is the key of a new vault, and no key file is made', async () => {
    await folder.open({ environment }).set('corp', secret(canary));

    expect(readdirSync(folder.path)).not.toContain('vault.key');
    expect(reveal(folder.open({ environment }).get('corp'))).toBe(canary);
    expect(folder.open().facts().key?.kept).toBe('credential');
    expect((await failureOf(() => folder.open().get('corp'))).message).toMatch(
      /systemd credential "rollcall-vault-key".*CREDENTIALS_DIRECTORY=FOLDER/,
    );
  });

  it('that is empty leaves the key file in force', async () => {
    write('');

    await folder.open({ environment }).set('corp', secret(canary));

    expect(reveal(folder.open().get('corp'))).toBe(canary);
  });

  it('beside a vault that has a key file changes nothing until rotate moves the vault to it', async () => {
    await folder.open().set('corp', secret(canary));
    expect(reveal(folder.open({ environment }).get('corp'))).toBe(canary);

    await folder.open({ environment }).rotate();

    expect(readdirSync(folder.path)).not.toContain('vault.key');
    expect(reveal(folder.open({ environment }).get('corp'))).toBe(canary);
  });

  it('is rotated by a new line above the old one', async () => {
    await folder.open({ environment }).set('corp', secret(canary));
    expect((await failureOf(() => folder.open({ environment }).rotate())).message).toMatch(/Put a new key above the old one/);

    write(newer, key);
    expect(reveal(folder.open({ environment }).get('corp'))).toBe(canary);
    await folder.open({ environment }).rotate();
    write(newer);

    expect(reveal(folder.open({ environment }).get('corp'))).toBe(canary);
  });

  it('that every account can read is refused', async () => {
    chmodSync(credential, 0o444);

    expect(await failureOf(() => folder.open({ environment }).set('a', secret('1')))).toMatchObject({
      code: 'VAULT_UNUSABLE',
      message: expect.stringContaining('chmod 600'),
    });
  });
});

function parsed(folder: VaultFolder): { readonly entries: readonly Record<string, string>[] } {
  return JSON.parse(readFileSync(folder.vaultFile, 'utf8')) as { readonly entries: readonly Record<string, string>[] };
}
