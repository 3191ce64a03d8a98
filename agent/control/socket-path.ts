import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const longestSocketPath = 100;
const socketName = 'control.sock';

/** Where the service of a state directory listens, however the directory is written. */
export function socketPath(stateDirectory: string, platform: NodeJS.Platform): string {
  const directory = resolve(stateDirectory);
  if (platform === 'win32') return String.raw`\\.\pipe\rollcall-${shortName(directory.toLowerCase())}`;
  const own = join(directory, socketName);
  // macOS, whose temporary directory belongs to one account alone.
  return platform === 'linux' || !isTooLong(own) ? own : join(tmpdir(), `rollcall-${shortName(directory)}.sock`);
}

/** A path to the same place that is as short as a socket's path has to be; good until it is released. */
export interface SocketPlace {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * The place to bind or connect to. On Linux a deep directory is named by an open handle of it: nothing lies in a folder of all accounts,
 * where another one could put its own. Throws what the file system throws when the directory cannot be opened.
 */
export async function openSocketPlace(stateDirectory: string, platform: NodeJS.Platform): Promise<SocketPlace> {
  const path = socketPath(stateDirectory, platform);
  if (platform !== 'linux' || !isTooLong(path)) return { path, release: () => Promise.resolve() };
  const directory = await open(resolve(stateDirectory), 'r');
  return { path: `/proc/self/fd/${directory.fd}/${socketName}`, release: () => directory.close() };
}

function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > longestSocketPath;
}

function shortName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
