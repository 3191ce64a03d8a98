import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { type KeptKey, parseKeyLines, writeKeyLines } from './key-lines.ts';
import type { VaultDisk } from './vault-disk.ts';
import { corrupt, type KeyOrigin, keyMissing, keyOfAnother, keyOfAnotherMachine, unusable } from './vault-errors.ts';
import { VaultKey } from './vault-key.ts';
import type { WindowsProtection } from './windows-protection.ts';

export interface VaultKeysOptions {
  readonly vaultFile: string;
  readonly keyFile: string;
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The account of this process; `null` on Windows. */
  readonly uid: number | null;
  readonly disk: VaultDisk;
  readonly windows: WindowsProtection;
  readonly now: () => number;
}

/** A key with the facts that the vault's file keeps of it. */
export interface ChosenKey {
  readonly key: VaultKey;
  readonly origin: KeyOrigin;
}

interface Source {
  readonly path: string;
  readonly keys: readonly KeptKey[];
}

const credentialName = 'rollcall-vault-key';

/** Finds, makes and puts away the keys of one vault: a credential of systemd, else `vault.key` beside the vault. */
export class VaultKeys {
  readonly #options: VaultKeysOptions;
  /** Keys that Windows opened: that takes a second. */
  readonly #unwrapped = new Map<string, VaultKey>();

  constructor(options: VaultKeysOptions) {
    this.#options = options;
  }

  /** The key of the vault. Throws `VAULT_KEY_MISSING`, `VAULT_KEY_WRONG`, `VAULT_CORRUPT`, `VAULT_UNUSABLE`. */
  find(origin: KeyOrigin, names: readonly string[]): VaultKey {
    const { kept, path } = this.#locate(origin, names);
    return this.#known(kept) ?? this.#opened(kept, this.#options.windows.unwrapSync(wrappedOf(kept)), { origin, path });
  }

  /** Like `find`, without waiting for Windows in the meantime; afterwards `find` answers at once. */
  async findSlowly(origin: KeyOrigin, names: readonly string[]): Promise<VaultKey> {
    const { kept, path } = this.#locate(origin, names);
    return this.#known(kept) ?? this.#opened(kept, await this.#options.windows.unwrap(wrappedOf(kept)), { origin, path });
  }

  /** The key for a new vault: the credential, else the newest of `vault.key`, else one that is made and kept there. */
  async forNewVault(): Promise<ChosenKey> {
    const credential = this.#credential()?.keys[0];
    if (credential?.kind === 'plain') {
      return { key: credential.key, origin: this.#origin(credential.id, 'credential') };
    }
    const [newest] = this.#keyFile()?.keys ?? [];
    if (newest !== undefined) {
      const key = await this.findSlowly(this.#origin(newest.id, newest.kind === 'dpapi' ? 'dpapi' : 'file'), []);
      return { key, origin: this.#origin(newest.id, newest.kind === 'dpapi' ? 'dpapi' : 'file') };
    }
    return this.#make([]);
  }

  /**
   * Another key than the vault has, kept beside the present one: a new one of the credential, or one that is made. Until the vault
   * is under the new key, both are there.
   */
  async forRotation(present: KeyOrigin): Promise<ChosenKey> {
    const credential = this.#credential();
    const [first] = credential?.keys ?? [];
    if (credential !== null && first?.kind === 'plain') {
      if (first.id === present.id) {
        throw unusable(
          credential.path,
          `its key is the systemd credential "${credentialName}", which only you can replace. Put a new key above the old one ` +
            '(openssl rand -base64 32), rotate again, then take the old one out',
        );
      }
      return { key: first.key, origin: this.#origin(first.id, 'credential') };
    }
    return this.#make(this.#keyFile()?.keys.filter((kept) => kept.id === present.id) ?? []);
  }

  /** Removes the keys that the vault does not need any more from `vault.key`. */
  async forgetOthers(present: KeyOrigin): Promise<void> {
    const { keyFile, disk } = this.#options;
    const keys = this.#keyFile()?.keys ?? [];
    const needed = keys.filter((kept) => kept.id === present.id);
    if (needed.length === keys.length) {
      return;
    }
    if (needed.length === 0) {
      disk.remove(keyFile);
    } else {
      await disk.replace(keyFile, writeKeyLines(needed));
    }
  }

  async #make(others: readonly KeptKey[]): Promise<ChosenKey> {
    const { keyFile, disk, platform, windows } = this.#options;
    const key = VaultKey.create();
    if (platform === 'win32') {
      const wrapped = await windows.wrap(VaultKey.open(key).toString('base64'));
      await disk.replace(keyFile, writeKeyLines([{ kind: 'dpapi', id: key.id, wrapped }, ...others]));
      this.#unwrapped.set(key.id, key);
      return { key, origin: this.#origin(key.id, 'dpapi') };
    }
    await disk.replace(keyFile, writeKeyLines([{ kind: 'plain', id: key.id, key }, ...others]));
    return { key, origin: this.#origin(key.id, 'file') };
  }

  #origin(id: string, kept: KeyOrigin['kept']): KeyOrigin {
    const { vaultFile, now } = this.#options;
    return { id, kept, host: hostname(), folder: dirname(vaultFile), madeAt: new Date(now()).toISOString() };
  }

  #locate(origin: KeyOrigin, names: readonly string[]): { readonly kept: KeptKey; readonly path: string } {
    const { vaultFile, keyFile } = this.#options;
    const others: Source[] = [];
    for (const read of [() => this.#credential(), () => this.#keyFile()]) {
      const source = read();
      const kept = source?.keys.find(({ id }) => id === origin.id);
      if (source !== null && kept !== undefined) {
        return { kept, path: source.path };
      }
      others.push(...(source === null || source.keys.length === 0 ? [] : [source]));
    }
    const [other] = others;
    if (other === undefined) {
      throw keyMissing(vaultFile, keyFile, origin, names);
    }
    throw keyOfAnother(vaultFile, { path: other.path, ids: other.keys.map(({ id }) => id) }, keyFile, origin);
  }

  #known(kept: KeptKey): VaultKey | null {
    return kept.kind === 'plain' ? kept.key : (this.#unwrapped.get(kept.id) ?? null);
  }

  #opened(kept: KeptKey, base64: string | null, from: { readonly origin: KeyOrigin; readonly path: string }): VaultKey {
    if (base64 === null) {
      throw keyOfAnotherMachine(from.path, hostname(), from.origin);
    }
    const bytes = Buffer.from(base64, 'base64');
    const key = bytes.length === 32 ? new VaultKey(bytes) : null;
    if (key?.id !== kept.id) {
      throw corrupt(from.path, 'the key does not belong to its id');
    }
    this.#unwrapped.set(key.id, key);
    return key;
  }

  /** `null`: there is none, or an empty one (packages make that, because a missing one would stop the service). */
  #credential(): Source | null {
    const { environment, disk, platform } = this.#options;
    const folder = environment['CREDENTIALS_DIRECTORY'] ?? '';
    if (folder === '' || platform === 'win32') {
      return null;
    }
    const path = join(folder, credentialName);
    const read = disk.read(path);
    if (read === null) {
      return null;
    }
    // systemd lets the service's account in by an access list, whose mask shows as rights of the group.
    if ((read.mode & 0o007) !== 0) {
      throw unusable(path, `every account of this machine can read the key ${path}. Do: chmod 600 ${quoted(path)}`);
    }
    const keys = parseKeyLines(read.text, path);
    return keys.length === 0 ? null : { path, keys };
  }

  #keyFile(): Source | null {
    const { keyFile, disk, platform, uid } = this.#options;
    const read = disk.read(keyFile);
    if (read === null) {
      return null;
    }
    if (platform !== 'win32') {
      if ((read.mode & 0o077) !== 0) {
        throw unusable(keyFile, `others can read the key ${keyFile}. Do: chmod 600 ${quoted(keyFile)}`);
      }
      if (![uid, 0, disk.folderOwner()].includes(read.uid)) {
        throw unusable(
          keyFile,
          `the key ${keyFile} belongs to another account (${read.uid}). Do: chown ${String(uid)} ${quoted(keyFile)}, if you trust it`,
        );
      }
    }
    return { path: keyFile, keys: parseKeyLines(read.text, keyFile) };
  }
}

function wrappedOf(kept: KeptKey): string {
  return kept.kind === 'dpapi' ? kept.wrapped : '';
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
