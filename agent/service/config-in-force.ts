import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';

/** The configuration that a service starts with. */
export interface StartConfig {
  readonly loaded: LoadedConfig;
  /** Why the file itself could not be taken; then `loaded` is the last one that was in force. */
  readonly refused: RollcallError | null;
  /** The last one that was in force before, when there is one. */
  readonly lastGood: LoadedConfig | null;
}

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

/** Keeps a copy of the file that has come into force. It holds references to secrets, never one itself. */
export async function keepLastGood(file: string, stateDirectory: string): Promise<void> {
  const copy = copyIn(stateDirectory);
  const draft = `${copy}.new`;
  try {
    await copyFile(file, draft);
    await chmod(draft, 0o600);
    await rename(draft, copy);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
