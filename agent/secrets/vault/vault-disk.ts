import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { unusable } from './vault-errors.ts';
import { largestVaultBytes } from './vault-file.ts';

/** What of `node:fs` the vault stands on; tests let each of them fail. */
export type VaultFiles = Pick<
  typeof fs,
  | 'closeSync'
  | 'fchownSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readSync'
  | 'renameSync'
  | 'rmSync'
  | 'statSync'
  | 'writeFileSync'
>;

/** Facts of a file for the question who can read it. */
interface FileFacts {
  readonly mode: number;
  readonly uid: number;
}

interface ReadFile extends FileFacts {
  readonly text: string;
}

export interface VaultDisk {
  /** Makes the folder, for this account alone, unless it is there. */
  prepareFolder(): void;
  /** The owner of the folder: who owns it could put any file there. `null` where files have no such owner (Windows). */
  folderOwner(): number | null;
  /** The whole file; `null` when there is none. Throws `VAULT_UNUSABLE` when it is no file or larger than a vault may be. */
  read(path: string): ReadFile | null;
  exists(path: string): boolean;
  /** Makes an empty file, owned like those of `replace`, unless there is one; one that is there is not opened. */
  createEmpty(path: string): void;
  /**
   * Puts a file there, whole and on the disk, or leaves what was there: a new file is written, flushed and then given the name.
   * It is readable for this account alone; root gives it to the folder's owner. Only for who holds the vault's lock.
   */
  replace(path: string, text: string): Promise<void>;
  remove(path: string): void;
}

interface DiskOptions {
  readonly directory: string;
  readonly platform: NodeJS.Platform;
  /** The account of this process; `null` on Windows. */
  readonly uid: number | null;
  readonly files: VaultFiles;
  /** Called with a new, still empty file, before anything is written to it (Windows: its access list). */
  readonly protect: (path: string) => Promise<void>;
}

/** A virus scanner or a reader may hold a file of Windows for a moment; then it cannot be replaced. */
const renameAttempts = 10;
const renamePauseMs = 50;

export function createVaultDisk({ directory, platform, uid, files, protect }: DiskOptions): VaultDisk {
  const isWindows = platform === 'win32';

  function folderOwner(): number | null {
    return isWindows ? null : files.statSync(directory).uid;
  }

  /** What root stores for a service must be the service's. */
  function giveToFolderOwner(handle: number): void {
    const owner = folderOwner();
    if (uid === 0 && owner !== null && owner !== 0) {
      files.fchownSync(handle, owner, files.statSync(directory).gid);
    }
  }

  function writeDraft(draft: string, text: string): void {
    const handle = files.openSync(draft, isWindows ? 'r+' : 'wx', 0o600);
    try {
      giveToFolderOwner(handle);
      files.writeFileSync(handle, text);
      files.fsyncSync(handle);
    } finally {
      files.closeSync(handle);
    }
  }

  async function rename(from: string, to: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        files.renameSync(from, to);
        return;
      } catch (error) {
        if (!isWindows || attempt === renameAttempts || !isBusy(error)) {
          throw error;
        }
      }
      await new Promise((resolve) => {
        setTimeout(resolve, renamePauseMs);
      });
    }
  }

  /** Without this the new name could be lost with the power, and the old file come back. */
  function flushFolder(path: string): void {
    if (isWindows) {
      return;
    }
    const handle = files.openSync(dirname(path), 'r');
    try {
      files.fsyncSync(handle);
    } finally {
      files.closeSync(handle);
    }
  }

  return {
    folderOwner,
    prepareFolder() {
      files.mkdirSync(directory, { recursive: true, mode: 0o700 });
    },
    read: (path) => readWhole(files, path),
    exists: (path) => files.statSync(path, { throwIfNoEntry: false }) !== undefined,
    createEmpty(path) {
      try {
        const handle = files.openSync(path, 'wx', 0o600);
        try {
          giveToFolderOwner(handle);
        } finally {
          files.closeSync(handle);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          throw error;
        }
      }
    },
    async replace(path, text) {
      const draft = `${path}.new`;
      // What lies there was left by a crash: the lock is ours.
      files.rmSync(draft, { force: true });
      try {
        if (isWindows) {
          files.closeSync(files.openSync(draft, 'wx', 0o600));
          await protect(draft);
        }
        writeDraft(draft, text);
        await rename(draft, path);
      } catch (error) {
        discard(files, draft);
        throw error;
      }
      flushFolder(path);
    },
    remove(path) {
      files.rmSync(path, { force: true });
      flushFolder(path);
    },
  };
}

/** The vault's files of a folder. */
export function vaultPaths(directory: string): { readonly vault: string; readonly key: string } {
  return { vault: join(directory, 'vault.json'), key: join(directory, 'vault.key') };
}

function readWhole(files: VaultFiles, path: string): ReadFile | null {
  const handle = openToRead(files, path);
  if (handle === null) {
    return null;
  }
  try {
    const facts = files.fstatSync(handle);
    if (!facts.isFile()) {
      throw unusable(path, `${path} is not a file`);
    }
    if (facts.size > largestVaultBytes) {
      throw unusable(path, `${path} is larger than ${largestVaultBytes} bytes`);
    }
    const buffer = Buffer.alloc(facts.size);
    let length = 0;
    while (length < buffer.length) {
      const read = files.readSync(handle, buffer, length, buffer.length - length, null);
      if (read === 0) {
        break;
      }
      length += read;
    }
    return { text: buffer.toString('utf8', 0, length), mode: facts.mode & 0o777, uid: facts.uid };
  } finally {
    files.closeSync(handle);
  }
}

function openToRead(files: VaultFiles, path: string): number | null {
  try {
    // Not blocking: a pipe under this name must not keep the program waiting.
    return files.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return null;
    }
    throw error;
  }
}

/** The reason for the failure is told; what is left behind is removed by the next one who writes. */
function discard(files: VaultFiles, draft: string): void {
  try {
    files.rmSync(draft, { force: true });
  } catch {
    // See above.
  }
}

function isBusy(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EBUSY'].includes(String((error as NodeJS.ErrnoException).code));
}
