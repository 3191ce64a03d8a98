import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { releaseIn } from './release-file.ts';

/** An executable that was installed, by a package or by `rollcall service install`. */
export interface InstalledRelease {
  readonly release: string;
  /** It is the one that was kept of the release before. */
  readonly isPrevious: boolean;
  /** One of another release is kept beside it. */
  readonly hasPrevious: boolean;
}

/**
 * Looks where an executable lies. `null` when no file `release` beside it names the release that it holds (`embedded`): then nobody
 * installed it, or not all of it. Never throws.
 */
export async function installedRelease(executable: string, embedded: string): Promise<InstalledRelease | null> {
  const folder = dirname(executable);
  if ((await releaseBeside(folder)) !== embedded) return null;
  const previous = join(folder, 'previous');
  const before = await releaseBeside(previous);
  const facts = await stat(join(previous, basename(executable))).catch(() => null);
  const hasPrevious = before !== null && before !== embedded && facts?.isFile() === true && facts.size > 0;
  return { release: embedded, isPrevious: basename(folder) === 'previous', hasPrevious };
}

async function releaseBeside(folder: string): Promise<string | null> {
  return releaseIn(await readFile(join(folder, 'release'), 'utf8').catch(() => ''));
}
