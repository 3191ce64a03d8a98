import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '../../../../agent/secrets/redacted.ts';
import { openVault, type Vault, type VaultOptions } from '../../../../agent/secrets/vault/open-vault.ts';
import type { VaultFiles } from '../../../../agent/secrets/vault/vault-disk.ts';
import { RollcallError } from '../../../../core/errors.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');

/** A state directory for tests. */
export interface VaultFolder {
  readonly path: string;
  readonly vaultFile: string;
  readonly keyFile: string;
  open(options?: Partial<VaultOptions>): Vault;
  dispose(): void;
}

export function vaultFolder(): VaultFolder {
  const path = join(fs.mkdtempSync(join(tmpdir(), 'rollcall-vault-')), 'state');
  return {
    path,
    vaultFile: join(path, 'vault.json'),
    keyFile: join(path, 'vault.key'),
    open: (options = {}) => openVault({ directory: path, platform: 'linux', environment: {}, now: () => noon, ...options }),
    dispose: () => fs.rmSync(join(path, '..'), { recursive: true, force: true }),
  };
}

export function secret(text: string): Redacted {
  return new Redacted(text);
}

/** The failure that the work ends with. */
export async function failureOf(work: () => unknown): Promise<RollcallError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RollcallError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The real file system, whose call number `at` (of those that change or flush something) fails. Counts the calls. */
export function failingFiles(at: number, code: string): { readonly files: VaultFiles; readonly calls: () => readonly string[] } {
  const calls: string[] = [];
  const watched = ['closeSync', 'fchownSync', 'fsyncSync', 'mkdirSync', 'openSync', 'renameSync', 'rmSync', 'writeFileSync'] as const;
  const files: Record<string, unknown> = { ...fs };
  for (const name of watched) {
    const real = fs[name] as (...words: unknown[]) => unknown;
    files[name] = (...words: unknown[]): unknown => {
      calls.push(name);
      if (calls.length === at) {
        // A file that cannot be closed is closed all the same, so that the test does not leak it.
        if (name === 'closeSync') real(...words);
        throw Object.assign(new Error(`${code}: made to fail, ${name}`), { code, syscall: name });
      }
      return real(...words);
    };
  }
  return { files: files as unknown as VaultFiles, calls: () => calls };
}
