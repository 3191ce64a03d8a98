import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** In milliseconds. */
const usualTimes = { settle: 250, pollEvery: 10_000 } as const;

/**
 * Calls `onChange` when a file is another one than before: edited in place, replaced, deleted or there again. The file system's own
 * notices make it quick, a look every ten seconds makes it sure (network drives and some editors give no notice).
 */
export function watchFile(
  path: string,
  onChange: () => void,
  times: { readonly settle: number; readonly pollEvery: number } = usualTimes,
): { close(): void } {
  let known: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  const look = async (): Promise<void> => {
    const now = await markOf(path);
    if (isClosed || now === known) return;
    const isFirst = known === null;
    known = now;
    if (!isFirst) onChange();
  };
  const soon = (): void => {
    if (isClosed) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void look(), times.settle).unref();
  };
  void look();
  const poll = setInterval(() => void look(), times.pollEvery).unref();
  const watcher = watchFolder(path, soon);
  return {
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      clearInterval(poll);
      watcher?.close();
    },
  };
}

/** The folder is watched and not the file: an editor that replaces a file leaves a watcher of the file with the old one. */
function watchFolder(path: string, onNotice: () => void): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onNotice();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'none';
  }
}
