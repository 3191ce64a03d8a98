import * as fs from 'node:fs';
import { RollcallError } from '../../../core/errors.ts';
import { serviceSid } from '../../os-service/windows/service-sid.ts';
import { Redacted, reveal } from '../redacted.ts';
import { createVaultDisk, type VaultDisk, type VaultFiles, vaultPaths } from './vault-disk.ts';
import { asVaultError, corrupt, type KeyOrigin, secretNotFound, unusable, vaultNotFound } from './vault-errors.ts';
import {
  entryContext,
  largestSecretBytes,
  mostEntries,
  parseVault,
  proveVault,
  type ReadVault,
  type VaultContent,
  writeVault,
} from './vault-file.ts';
import type { VaultKey } from './vault-key.ts';
import { type ChosenKey, VaultKeys } from './vault-keys.ts';
import { isVaultName, vaultNameWords } from './vault-name.ts';
import { createWindowsProtection, type HelperRunner, systemRunner } from './windows-protection.ts';

export interface VaultOptions {
  /** The state directory: `vault.json` and `vault.key` lie there. Made when a first secret is stored. */
  readonly directory: string;
  readonly platform: NodeJS.Platform;
  /** `CREDENTIALS_DIRECTORY` (systemd) and `SystemRoot` (Windows) are used. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Windows: the account of the service, which may read and change the key; `null`: it runs as SYSTEM. When not given it is the SID of the
   * service "rollcall", which it has under whatever account it runs.
   */
  readonly serviceAccount?: string | null;
  /** For tests. */
  readonly files?: VaultFiles;
  readonly runner?: HelperRunner;
  readonly uid?: number | null;
}

interface VaultListing {
  readonly name: string;
  /** RFC 3339 UTC. */
  readonly setAt: string;
}

/** What is known of the key of a vault. */
interface VaultFacts {
  readonly file: string;
  /** `null`: there is no vault yet. */
  readonly key: KeyOrigin | null;
}

/**
 * Secrets of this machine, encrypted with AES-256-GCM in `vault.json`; the key is kept apart (see `VaultKeys`). The file is read
 * anew by each call, so that a secret that was changed meanwhile is seen. Whatever is wrong with the files is thrown as
 * `VAULT_KEY_MISSING`, `VAULT_KEY_WRONG`, `VAULT_CORRUPT` or `VAULT_UNUSABLE`; nothing is made up or mended.
 */
export interface Vault {
  /** Throws `VAULT_SECRET_NOT_FOUND` too. */
  get(name: string): Redacted;
  /** In the order of the names. Needs no key, so that a vault without one still tells what it holds. */
  list(): readonly VaultListing[];
  facts(): VaultFacts;
  /** Opens the key, and proves that it is the vault's, without making the process wait (Windows); afterwards `get` is quick. */
  unlock(): Promise<void>;
  /** Stores a secret, or replaces it; `replaced` tells which. Makes vault and key when there are none. Throws `USAGE` too. */
  set(name: string, secret: Redacted): Promise<{ readonly replaced: boolean }>;
  delete(name: string): Promise<void>;
  /** Puts all secrets under a new key and forgets the old one. At each moment one of the two opens the file. */
  rotate(): Promise<{ readonly secrets: number; readonly before: string; readonly after: string }>;
}

/** Opens nothing yet. */
export function openVault(options: VaultOptions): Vault {
  return new FileVault(options);
}

class FileVault implements Vault {
  readonly #options: VaultOptions;
  readonly #file: string;
  readonly #keyFile: string;
  readonly #disk: VaultDisk;
  readonly #keys: VaultKeys;

  constructor(options: VaultOptions) {
    const { directory, platform, environment, now } = options;
    const uid = options.uid === undefined ? (process.geteuid?.() ?? null) : options.uid;
    const windows = createWindowsProtection({
      environment,
      runner: options.runner ?? systemRunner,
      serviceAccount: options.serviceAccount === undefined ? `*${serviceSid('rollcall')}` : options.serviceAccount,
    });
    const paths = vaultPaths(directory);
    this.#options = options;
    this.#file = paths.vault;
    this.#keyFile = paths.key;
    this.#disk = createVaultDisk({ directory, platform, uid, files: options.files ?? fs, protect: (path) => windows.restrict(path) });
    this.#keys = new VaultKeys({
      vaultFile: this.#file,
      keyFile: this.#keyFile,
      platform,
      environment,
      uid,
      disk: this.#disk,
      windows,
      now,
    });
  }

  get(name: string): Redacted {
    return this.#inWords('reading', () => {
      let vault = this.#readFor(name);
      for (;;) {
        try {
          const key = this.#keys.find(vault.key, namesOf(vault));
          proveVault(vault, key, this.#file);
          return new Redacted(this.#value(vault, key, name));
        } catch (error) {
          // Between the two reads another process may have put vault and key in place anew.
          const again = this.#readFor(name);
          if (again.key.id === vault.key.id) throw error;
          vault = again;
        }
      }
    });
  }

  #readFor(name: string): ReadVault {
    const vault = this.#read();
    if (vault === null) {
      throw vaultNotFound(name, this.#file, this.#disk.exists(this.#keyFile) ? this.#keyFile : null);
    }
    return vault;
  }

  list(): readonly VaultListing[] {
    return this.#inWords('reading', () => (this.#read()?.entries ?? []).map(({ name, setAt }) => ({ name, setAt })));
  }

  facts(): VaultFacts {
    return this.#inWords('reading', () => ({ file: this.#file, key: this.#read()?.key ?? null }));
  }

  async unlock(): Promise<void> {
    await this.#inWordsLater('reading', async () => {
      const vault = this.#read();
      if (vault !== null) proveVault(vault, await this.#keys.findSlowly(vault.key, namesOf(vault)), this.#file);
    });
  }

  async set(name: string, secret: Redacted): Promise<{ readonly replaced: boolean }> {
    const value = reveal(secret);
    if (!isVaultName(name)) {
      throw new RollcallError('USAGE', `A name of a secret has ${vaultNameWords}.`);
    }
    if (value === '') {
      throw new RollcallError('SECRET_EMPTY', 'The secret is empty; nothing was stored.');
    }
    if (Buffer.byteLength(value, 'utf8') > largestSecretBytes || !value.isWellFormed()) {
      throw new RollcallError('USAGE', `A secret is text of at most ${largestSecretBytes} bytes; nothing was stored.`);
    }
    return this.#change(async (vault) => {
      const { key, origin } = vault === null ? await this.#keys.forNewVault() : { key: await this.#prove(vault), origin: vault.key };
      const others = (vault?.entries ?? []).filter((entry) => entry.name !== name);
      if (others.length >= mostEntries) {
        throw unusable(this.#file, `it holds ${mostEntries} secrets, which is the most it can; delete one`);
      }
      const setAt = new Date(this.#options.now()).toISOString();
      const entry = { name, setAt, ...key.encrypt(value, entryContext(key.id, name, setAt)) };
      await this.#write({ key: origin, entries: [...others, entry] }, key);
      await this.#keys.forgetOthers(origin);
      return { replaced: others.length < (vault?.entries.length ?? 0) };
    });
  }

  delete(name: string): Promise<void> {
    return this.#change(async (vault) => {
      if (vault === null) {
        throw vaultNotFound(name, this.#file, null);
      }
      const key = await this.#prove(vault);
      const entries = vault.entries.filter((entry) => entry.name !== name);
      if (entries.length === vault.entries.length) {
        throw secretNotFound(name, namesOf(vault), this.#file);
      }
      await this.#write({ key: vault.key, entries }, key);
      await this.#keys.forgetOthers(vault.key);
    });
  }

  rotate(): Promise<{ readonly secrets: number; readonly before: string; readonly after: string }> {
    return this.#change(async (vault) => {
      if (vault === null) {
        throw new RollcallError('VAULT_SECRET_NOT_FOUND', `There is no vault at ${this.#file} yet: there is no key to change.`, {
          place: { file: this.#file },
        });
      }
      const old = await this.#prove(vault);
      const values = vault.entries.map(({ name, setAt }) => ({ name, setAt, value: this.#value(vault, old, name) }));
      const chosen: ChosenKey = await this.#keys.forRotation(vault.key);
      const { key, origin } = chosen;
      const entries = values.map(({ name, setAt, value }) => ({ name, setAt, ...key.encrypt(value, entryContext(key.id, name, setAt)) }));
      await this.#write({ key: origin, entries }, key);
      await this.#keys.forgetOthers(origin);
      return { secrets: entries.length, before: old.id, after: key.id };
    });
  }

  #read(): ReadVault | null {
    const read = this.#disk.read(this.#file);
    return read === null ? null : parseVault(read.text, this.#file);
  }

  #write(content: VaultContent, key: VaultKey): Promise<void> {
    return this.#disk.replace(this.#file, writeVault(content, key));
  }

  async #prove(vault: ReadVault): Promise<VaultKey> {
    const key = await this.#keys.findSlowly(vault.key, namesOf(vault));
    proveVault(vault, key, this.#file);
    return key;
  }

  #value(vault: ReadVault, key: VaultKey, name: string): string {
    const entry = vault.entries.find((one) => one.name === name);
    if (entry === undefined) {
      throw secretNotFound(name, namesOf(vault), this.#file);
    }
    const value = key.decrypt(entry, entryContext(key.id, name, entry.setAt));
    if (value === null) {
      throw corrupt(this.#file, `the secret "${name}" was changed or damaged`);
    }
    return value;
  }

  /** One change at a time, of all processes. */
  #change<Result>(work: (vault: ReadVault | null) => Promise<Result>): Promise<Result> {
    return this.#inWordsLater('writing', async () => {
      this.#disk.prepareFolder();
      // Imported late: who only reads secrets needs no database.
      const { takeVaultLock } = await import('./vault-lock.ts');
      this.#disk.createEmpty(`${this.#file}.lock`);
      const lock = await takeVaultLock(this.#file, this.#options.now);
      try {
        return await work(this.#read());
      } finally {
        await lock.release();
      }
    });
  }

  #inWords<Result>(doing: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw asVaultError(error, this.#file, doing);
    }
  }

  async #inWordsLater<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw asVaultError(error, this.#file, doing);
    }
  }
}

function namesOf(vault: VaultContent): readonly string[] {
  return vault.entries.map(({ name }) => name);
}
