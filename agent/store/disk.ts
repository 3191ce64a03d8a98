import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes that are free for this account on the store's disk, and that the store takes; `null` when the disk cannot be looked at. */
export async function diskOf(path: string): Promise<{ readonly folder: string; readonly free: number; readonly store: number } | null> {
  const folder = dirname(path);
  try {
    const { bavail, bsize } = await statfs(folder);
    const sizes = await Promise.all([path, `${path}-wal`].map(sizeOf));
    return { folder, free: bavail * bsize, store: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    return null;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
