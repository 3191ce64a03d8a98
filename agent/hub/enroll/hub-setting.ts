import { randomBytes } from 'node:crypto';
import { chmod, lchown, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import { ConfigError } from '../../config/config-error.ts';
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts';
import { makePrivateFile } from '../../files/private-file.ts';

/** What joining a hub sets in the configuration file. */
export interface HubSetting {
  readonly url: string;
  /** Absolute; empty: none. */
  readonly caFile: string;
}

/** A configuration file with the setting in it, proven right and not yet in its place. */
export interface PreparedSetting {
  /** What the file will say. */
  readonly loaded: LoadedConfig;
  /** Puts it in place, as a whole; tells the copy of the file before. `null`: the file says so already. Throws `CONFIG_UNWRITABLE`. */
  commit(now: number): Promise<string | null>;
  /** Takes away what was prepared and not put in place. */
  discard(): Promise<void>;
}

/**
 * Prepares the file with the setting; all other settings stay as they are. `null`: there is no file yet. Throws what `loadConfig`
 * throws of a file that is not right, with the setting or without, and `CONFIG_UNWRITABLE`.
 */
export async function prepareHubSetting(file: string, setting: HubSetting): Promise<PreparedSetting | null> {
  const before = await textOf(file);
  if (before === null) return null;
  const after = withSetting(before, setting);
  if (after === null) {
    const loaded = await loadConfig(file);
    return { loaded, commit: () => Promise.resolve(null), discard: () => Promise.resolve() };
  }
  const draft = join(dirname(file), `.${randomBytes(6).toString('hex')}.hub${extname(file) || '.json'}`);
  const discard = (): Promise<void> => rm(draft, { force: true });
  try {
    await makePrivateFile(draft, after);
    const loaded = await proven(draft, file);
    return { loaded, commit: (now) => commit({ file, draft, before }, now), discard };
  } catch (error) {
    await discard();
    throw error instanceof RollcallError ? error : unwritable(file, error);
  }
}

/** `null`: there is none. */
async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw new RollcallError('CONFIG_UNREADABLE', `The configuration file ${file} cannot be read (${codeOf(cause)}).`, {
      place: { file },
      cause,
    });
  }
}

/** `null`: it says so already, or it is no JSON, which whoever loads it tells. */
function withSetting(text: string, { url, caFile }: HubSetting): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { hub: given } = value as { readonly hub?: unknown };
  const hub = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  const wanted = { url, ...(caFile === '' ? {} : { caFile }) };
  const { caFile: _caFile, ...others } = hub as { readonly caFile?: unknown };
  const next = { ...value, hub: { ...others, ...wanted } };
  return JSON.stringify(next) === JSON.stringify(value) ? null : `${JSON.stringify(next, null, indentOf(text))}\n`;
}

/** As the file has it. */
function indentOf(text: string): string {
  return /^[{[]\r?\n([ \t]+)/u.exec(text.replace(/^\uFEFF/u, '').trimStart())?.[1] ?? '  ';
}

/** The messages name the file, not its draft. */
async function proven(draft: string, file: string): Promise<LoadedConfig> {
  try {
    return await loadConfig(draft, file);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(file, error.problems);
    throw error;
  }
}

async function commit(
  { file, draft, before }: { readonly file: string; readonly draft: string; readonly before: string },
  now: number,
): Promise<string> {
  const backup = `${file}.${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/gu, '')}.bak`;
  try {
    const { mode, uid, gid } = await stat(file);
    await chmod(draft, mode & 0o777);
    // Only root may give a file away; who is not root owns it already.
    await lchown(draft, uid, gid).catch(() => undefined);
    await rm(backup, { force: true });
    await makePrivateFile(backup, before);
    await rename(draft, file);
    return backup;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): RollcallError {
  return new RollcallError('CONFIG_UNWRITABLE', `The configuration file ${file} cannot be written (${codeOf(cause)}).`, {
    place: { file },
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
