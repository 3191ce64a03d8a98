import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import process from 'node:process';

/** A disk of its own in memory, that can be filled to the brim and emptied while programs work on it. */
export interface SmallDisk extends Disposable {
  /** Nothing more fits. */
  fill(): void;
  /** As much room again as a healthy disk has. */
  free(): void;
}

/** Why a file system cannot be mounted here; `null`: it can. */
export function smallDiskMissing(): string | null {
  if (process.platform !== 'linux') return 'needs Linux (mount -t tmpfs)';
  if (process.getuid?.() !== 0) return 'needs root (mount -t tmpfs)';
  try {
    execFileSync('/usr/bin/unshare', ['--mount', '/bin/mount', '-t', 'tmpfs', 'rollcall-test', '/mnt'], { stdio: 'pipe' });
    return null;
  } catch {
    return 'this machine does not let a file system be mounted';
  }
}

/** Mounts an empty disk at a folder, which is made. */
export function mountSmallDisk(folder: string): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${roomBytes},mode=0700`, 'rollcall-test', folder]);
  const resize = (bytes: number): void => void execFileSync('/bin/mount', ['-o', `remount,size=${bytes}`, folder], { stdio: 'pipe' });
  return {
    fill() {
      // The disk shrinks to what is on it. What is written meanwhile makes the kernel refuse, what is deleted leaves room: once more then.
      for (let attempt = 0; ; attempt += 1) {
        const { blocks, bfree, bsize } = statfsSync(folder);
        try {
          resize((blocks - bfree) * bsize);
          if (statfsSync(folder).bfree === 0) return;
        } catch (error) {
          if (attempt >= 50) throw error;
        }
      }
    },
    free: () => resize(roomBytes),
    [Symbol.dispose]() {
      // Whoever still has a file open there keeps it, but nobody finds it any more.
      execFileSync('/bin/umount', ['--lazy', folder]);
    },
  };
}

const roomBytes = 1024 ** 3;
