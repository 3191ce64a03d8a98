import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { RollcallError } from '../../core/errors.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { writePrivateFile } from '../files/private-file.ts';

/** The configuration that a service starts with. */
export interface StartConfig {
  readonly loaded: LoadedConfig;
  /** Why the file itself could not be taken; then `loaded` is the last one that was in force. */
  readonly refused: RollcallError | null;
  /** The last one that was in force before, when there is one. */
  readonly lastGood: LoadedConfig | null;
}

/** A file that cannot be read as it is may be in the middle of being written. */
const halfSavedMs = 2_000;
const halfSavedCodes: ReadonlySet<string> = new Set(['CONFIG_NOT_JSON', 'CONFIG_NOT_FOUND', 'CONFIG_UNREADABLE']);

function copyIn(stateDirectory: string): string {
  return join(stateDirectory, 'config.last-good.json');
}

/**
 * Loads the file, or, when it is not right, the copy of the one that was in force when the service last ran: a half-done edit must not
 * end a service at the next restart of its machine. Throws what `loadConfig` throws when there is neither.
 */
export async function loadStartConfig(file: string, stateDirectory: string): Promise<StartConfig> {
  const lastGood = await loadLastGood(file, stateDirectory);
  try {
    return { loaded: await loadConfig(file), refused: null, lastGood };
  } catch (error) {
    if (lastGood === null || !(error instanceof RollcallError)) throw error;
    return { loaded: lastGood, refused: error, lastGood };
  }
}

async function loadLastGood(file: string, stateDirectory: string): Promise<LoadedConfig | null> {
  const copy = copyIn(stateDirectory);
  try {
    await stat(copy);
    return await loadConfig(copy, file);
  } catch {
    // There is none, or it is of another version: the file itself decides then.
    return null;
  }
}

/**
 * What a service begins with. An edit that was made while none ran is not in force before it was looked at, like any other edit; only
 * what takes effect at a start alone is as the file says.
 */
export function inForceAtStart({ loaded, refused, lastGood }: StartConfig): LoadedConfig {
  if (refused !== null || lastGood === null) return loaded;
  return { ...lastGood, config: withStartSettings(lastGood.config, loaded.config) };
}

/** A configuration whose settings that take effect at a start alone are those of another one. */
export function withStartSettings(config: Config, from: Config): Config {
  const { directory, maxSizeMb, files } = from.log;
  return { ...config, store: from.store, log: { ...config.log, directory, maxSizeMb, files } };
}

/** Loads an edited file. An editor that is in the middle of writing gets a moment. */
export async function loadPatiently(file: string): Promise<LoadedConfig> {
  const until = performance.now() + halfSavedMs;
  for (;;) {
    try {
      return await loadConfig(file);
    } catch (error) {
      const mayBeHalf = error instanceof RollcallError && halfSavedCodes.has(error.code);
      if (!mayBeHalf || performance.now() > until) throw error;
      await delay(200);
    }
  }
}

/** Which settings of an edit wait for the next start; `null`: none. */
export function restartNote(before: Config, fresh: Config): string | null {
  const moved =
    'The edit names another store (store.path, store.url); the store that the service started with stays in use until its restart.';
  const loggedElsewhere = 'The edit changes the log files (log); the service writes those that it started with until its restart.';
  const notes = [
    ...(isDeepStrictEqual(before.store, fresh.store) ? [] : [moved]),
    ...(isDeepStrictEqual({ ...before.log, level: '' }, { ...fresh.log, level: '' }) ? [] : [loggedElsewhere]),
  ];
  return notes.length === 0 ? null : notes.join(' ');
}

/**
 * Keeps a copy of what has come into force, as it was read: the file may have been edited again meanwhile. It holds references to
 * secrets, never one itself.
 */
export function keepLastGood({ text }: LoadedConfig, stateDirectory: string): Promise<void> {
  return writePrivateFile(copyIn(stateDirectory), text);
}
