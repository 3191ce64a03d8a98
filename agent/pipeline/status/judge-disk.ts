import type { DiskFacts } from '../services.ts';
import type { Finding } from './problem.ts';

const mebibyte = 1024 * 1024;
/** A sync of some thousand users writes this much at most. */
const failBelow = 64 * mebibyte;
const warnBelow = 512 * mebibyte;

/** A migration and a backup need room for the store once more. */
export function judgeDisk(disk: DiskFacts | null): readonly Finding[] {
  if (disk === null) return [];
  const { free, store, folder } = disk;
  if (free >= Math.max(warnBelow, 2 * store)) return [];
  const size = `${Math.floor(free / mebibyte)} MB`;
  return [
    {
      code: 'STORE_DISK_LOW',
      severity: free < failBelow ? 'failed' : 'degraded',
      message: `${size} are free on the disk of ${folder}; the store takes ${Math.ceil(store / mebibyte)} MB.`,
      since: null,
      place: { folder, freeBytes: free },
    },
  ];
}
