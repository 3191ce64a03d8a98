import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load-config.ts';
import { makePrivateFile, writePrivateFile } from '../files/private-file.ts';
import type { Redacted } from '../secrets/redacted.ts';
import type { Vault } from '../secrets/vault/open-vault.ts';
import type { BuiltConfig } from './build-config.ts';

export interface WriteOptions {
  /** Absolute. */
  readonly configFile: string;
  readonly built: BuiltConfig;
  readonly vault: Pick<Vault, 'set' | 'get' | 'list' | 'delete'>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Takes the place of an existing file, of which a copy is kept. */
  readonly replace: boolean;
}

export interface WrittenSite {
  readonly configFile: string;
  /** The copy of the file that was there; `null`: there was none. */
  readonly backup: string | null;
  readonly caFile: string | null;
  /** Names in the vault. */
  readonly secrets: readonly string[];
}

type Undo = () => Promise<unknown>;

/**
 * Throws before anything is asked when the configuration or the state cannot be written: `CONFIG_UNWRITABLE`, and `CONFIG_EXISTS`
 * when a file is there and not to be replaced.
 */
export async function provePlaces(configFile: string, stateDirectory: string, replace: boolean): Promise<{ readonly exists: boolean }> {
  const exists = await isThere(configFile);
  if (exists && !replace) throw configExists(configFile);
  for (const folder of [dirname(configFile), stateDirectory]) {
    const nearest = await nearestFolder(folder);
    try {
      await access(nearest, constants.W_OK | constants.X_OK);
    } catch (cause) {
      const code = codeOf(cause);
      throw new RollcallError('CONFIG_UNWRITABLE', `${nearest} cannot be written (${code}).`, { place: { folder }, cause });
    }
  }
  return { exists };
}

export function configExists(configFile: string): RollcallError {
  return new RollcallError('CONFIG_EXISTS', `There is a configuration file at ${configFile} already.`, { place: { file: configFile } });
}

/**
 * Writes secrets, CA and configuration: all of them, or nothing. The configuration comes last and is checked by the reader of
 * configurations before it takes its place. Throws `CONFIG_UNWRITABLE`, `CONFIG_INVALID`, `VAULT_*`.
 */
export async function writeSite(options: WriteOptions): Promise<WrittenSite> {
  const { configFile, built, vault, now } = options;
  const undo: Undo[] = [];
  const folder = dirname(configFile);
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) undo.push(() => rm(made, { recursive: true, force: true }));
    const secrets = await storeSecrets(built.vault, vault, undo);
    const caFile = built.caFile === null ? null : join(folder, built.caFile.name);
    if (caFile !== null && built.caFile !== null) await replaceFile(caFile, built.caFile.pem, undo);
    const backup = await writeConfig(options, undo);
    return { configFile, backup, caFile, secrets };
  } catch (error) {
    for (const step of undo.toReversed()) await step();
    if (error instanceof RollcallError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new RollcallError(
      'CONFIG_UNWRITABLE',
      `The configuration could not be written to ${folder} (${codeOf(error)}); nothing was kept.`,
      {
        place: { file: configFile },
        cause: error,
      },
    );
  }

  async function writeConfig({ replace }: WriteOptions, steps: Undo[]): Promise<string | null> {
    const draft = `${configFile.slice(0, -extname(configFile).length || undefined)}.${randomBytes(4).toString('hex')}.json`;
    steps.push(() => rm(draft, { force: true }));
    await makePrivateFile(draft, `${JSON.stringify(built.document, null, 2)}\n`);
    await proveDraft(draft, configFile);
    const exists = await isThere(configFile);
    if (exists && !replace) throw configExists(configFile);
    const backup = exists ? `${configFile}.${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}.bak` : null;
    if (backup !== null) {
      await makePrivateFile(backup, await readFile(configFile));
      steps.push(() => rm(backup, { force: true }));
    }
    await rename(draft, configFile);
    return backup;
  }
}

async function storeSecrets(
  secrets: ReadonlyMap<string, Redacted>,
  vault: WriteOptions['vault'],
  undo: Undo[],
): Promise<readonly string[]> {
  const known = new Set(vault.list().map(({ name }) => name));
  for (const [name, value] of secrets) {
    const before = known.has(name) ? vault.get(name) : null;
    undo.push(() => (before === null ? vault.delete(name).catch(notThere) : vault.set(name, before)));
    await vault.set(name, value);
  }
  return [...secrets.keys()];
}

/** It was not stored before the failure. */
function notThere(error: unknown): void {
  if (!(error instanceof RollcallError) || error.code !== 'VAULT_SECRET_NOT_FOUND') throw error;
}

async function replaceFile(path: string, text: string, undo: Undo[]): Promise<void> {
  const before = await readFile(path).catch(() => null);
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  undo.push(
    () => (before === null ? rm(path, { force: true }) : writePrivateFile(path, before)),
    () => rm(draft, { force: true }),
  );
  await makePrivateFile(draft, text);
  await rename(draft, path);
}

/** What init writes must be right; the messages name the place where the file will be. */
async function proveDraft(draft: string, configFile: string): Promise<void> {
  try {
    await loadConfig(draft);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(configFile, error.problems);
    throw error;
  }
}

async function nearestFolder(folder: string): Promise<string> {
  return (await isThere(folder)) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return false;
    throw new RollcallError('CONFIG_UNWRITABLE', `${path} cannot be looked at (${codeOf(error)}).`, { place: { path }, cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
