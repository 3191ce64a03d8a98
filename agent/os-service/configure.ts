import { randomBytes } from 'node:crypto';
import { lchown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import type { LocalContext } from '../cli/answer.ts';
import { formatVersion } from '../cli/documents.ts';
import type { OsServiceConfigureDocument } from '../cli/documents-os-service.ts';
import { ConfigError } from '../config/config-error.ts';
import { defaultConfigFile } from '../config/default-paths.ts';
import { loadConfig } from '../config/load-config.ts';
import { makePrivateFile } from '../files/private-file.ts';
import { readIdentity, sameHub } from '../hub/client/identity.ts';
import { enroll } from '../hub/enroll/enroll.ts';
import { readInvitation } from '../hub/protocol/invitation.ts';
import { changedSettings, isSettings, mergeSettings, type Settings } from './merge-settings.ts';

/** What is given; an empty word counts as not given, since that is how installers hand over what nobody set. */
export interface ConfigureWords {
  readonly organization?: string;
  readonly hub?: string;
  readonly activation?: string;
  /** A file whose settings are all taken over. */
  readonly config?: string;
}

/**
 * Merges what is given, and only that, into the configuration file, and joins the hub of an activation code. The settings stay when the
 * code is refused; a code for the hub that this machine has joined is done already. `target`: the file to write; `null`: the standard one.
 * Throws `CONFIG_*` (nothing is written then), `HUB_*`, `VAULT_*`.
 */
export async function configure(context: LocalContext, words: ConfigureWords, target: string | null): Promise<OsServiceConfigureDocument> {
  const configFile = resolve(target ?? defaultConfigFile(context.platform, context.environment));
  const activation = words.activation ?? '';
  const invitation = activation === '' ? null : readInvitation(activation);
  if (activation !== '' && invitation === null) {
    throw new RollcallError(
      'HUB_INVITATION_INVALID',
      'That is not a whole activation code: it was cut off, or changed when it was copied.',
    );
  }
  const before = await readSettings(configFile);
  const taken = isGiven(words.config) ? await requireSettings(resolve(words.config)) : {};
  const after = mergeSettings(before ?? {}, given(words, mergeSettings(before ?? {}, taken), taken, invitation?.url ?? ''));
  const changed = changedSettings(before ?? {}, after);
  const incomplete = await write({ configFile, before, after, mustBeWhole: isGiven(words.config) });
  const document: Omit<OsServiceConfigureDocument, 'hub'> = { formatVersion, configFile, changed, incomplete };
  if (invitation === null) return { ...document, hub: null };
  const joined = await readIdentity(context.stateDirectory).catch(() => null);
  if (joined !== null && sameHub(joined.url, invitation.url)) return { ...document, hub: 'kept' };
  // A file that is not whole yet cannot say how the hub is reached; its address is in it already.
  const file = incomplete === null ? configFile : join(dirname(configFile), `${randomBytes(6).toString('hex')}.none`);
  const name = collectorOf(after)['name'];
  await enroll({ ...context, configFile: file }, { code: activation, ...(typeof name === 'string' ? { name } : {}) }, Date.now());
  return { ...document, hub: 'joined' };
}

function given(words: ConfigureWords, known: Settings, taken: Settings, invitedTo: string): Settings {
  const named = collectorOf(known)['name'] === undefined ? { name: hostname() } : {};
  const url = isGiven(words.hub) ? words.hub : invitedTo;
  return mergeSettings(taken, {
    ...(isGiven(words.organization) ? { collector: { ...named, organization: words.organization } } : {}),
    ...(url === '' ? {} : { hub: { url } }),
  });
}

function isGiven(word: string | undefined): word is string {
  return word !== undefined && word !== '';
}

function collectorOf({ collector }: Settings): Settings {
  return isSettings(collector) ? collector : {};
}

async function requireSettings(file: string): Promise<Settings> {
  const settings = await readSettings(file);
  if (settings === null) throw new RollcallError('CONFIG_NOT_FOUND', `There is no configuration file at ${file}.`, { place: { file } });
  return settings;
}

/** `null`: there is none. A file that cannot be understood is not written over. */
async function readSettings(file: string): Promise<Settings | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw new RollcallError('CONFIG_UNREADABLE', `The configuration file ${file} cannot be read (${codeOf(cause)}).`, {
      place: { file },
      cause,
    });
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/u, ''));
    if (isSettings(value)) return value;
  } catch {
    // Told below.
  }
  throw new RollcallError('CONFIG_NOT_JSON', `${file} is not a configuration in JSON; nothing was written.`, { place: { file } });
}

/** Writes the file as a whole when something changed; tells what it still lacks. One that was right does not become wrong. */
async function write(options: {
  readonly configFile: string;
  readonly before: Settings | null;
  readonly after: Settings;
  readonly mustBeWhole: boolean;
}): Promise<string | null> {
  const { configFile, before, after } = options;
  const folder = dirname(configFile);
  const draft = join(folder, `.${randomBytes(6).toString('hex')}.configure${extname(configFile) || '.json'}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await makePrivateFile(draft, `${JSON.stringify(after, null, 2)}\n`);
    const incomplete = await faultOf(draft, configFile);
    if (incomplete !== null && (options.mustBeWhole || (before !== null && (await faultOf(configFile, configFile)) === null)))
      throw incomplete;
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await giveToOwner(draft, configFile);
      await rename(draft, configFile);
    }
    return incomplete === null ? null : incomplete.problems.map(({ message }) => message).join('; ');
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw new RollcallError('CONFIG_UNWRITABLE', `The configuration file ${configFile} cannot be written (${codeOf(error)}).`, {
      place: { file: configFile },
      cause: error,
    });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function faultOf(draft: string, configFile: string): Promise<ConfigError | null> {
  try {
    await loadConfig(draft, configFile);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return new ConfigError(configFile, error.problems);
    throw error;
  }
}

/** Written by root, it belongs to whom the file before it, or else its folder, belongs. */
async function giveToOwner(draft: string, configFile: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = await stat(configFile).catch(() => stat(dirname(configFile)));
  // Never what a link leads to: the folder may be the service's account's.
  await lchown(draft, uid, gid);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
