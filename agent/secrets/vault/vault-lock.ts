import { RollcallError } from '../../../core/errors.ts';
import { takeWriterLock, type WriterLock } from '../../store/sqlite/writer-lock.ts';
import { unusable } from './vault-errors.ts';

const patienceMs = 15_000;
const pauseMs = 25;

/**
 * Takes the right to change the vault; waits for another process that has it, at most 15 s (`VAULT_UNUSABLE`). It is a lock of the
 * operating system, the same that the store uses: it cannot outlive its process.
 */
export async function takeVaultLock(vaultFile: string, now: () => number): Promise<WriterLock> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await takeWriterLock(vaultFile, { command: 'rollcall secret', at: now() });
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== 'STORE_LOCKED') {
        throw asFileError(error);
      }
      if (performance.now() > deadline) {
        const { pid, host } = error.place;
        const who = pid === undefined ? 'another process' : `process ${String(pid)} on ${String(host)}`;
        throw unusable(vaultFile, `${who} has been changing ${vaultFile} for ${patienceMs / 1_000} s`, error);
      }
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
  }
}

/** The lock is SQLite's: its results for trouble with the disk, as the file system names them. */
function asFileError(error: unknown): unknown {
  const result = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null;
  const code = result === null ? undefined : { 8: 'EROFS', 10: 'EIO', 13: 'ENOSPC', 14: 'EACCES' }[result];
  return code === undefined ? error : Object.assign(new Error('The lock could not be taken.', { cause: error }), { code });
}
