import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';

/** The right to write to one store, until it is released or the process ends in whatever way. */
export interface WriterLock {
  release(): Promise<void>;
}

const lockNote = z.object({ pid: z.number(), command: z.string(), host: z.string(), since: z.string() });

/**
 * Takes the lock or throws `STORE_LOCKED` at once. It is an exclusive transaction on a tiny database of its own, thus a
 * lock of the operating system: it cannot outlive its process. The note beside it only serves the message.
 */
export async function takeWriterLock(path: string, holder: { readonly command: string; readonly at: Moment }): Promise<WriterLock> {
  const lockFile = `${path}.lock`;
  const noteFile = `${path}.lock.json`;
  await createPrivateFile(lockFile);
  const database = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    throw isBusy(error) ? await lockedError(path, noteFile, error) : error;
  }
  await writeNote(noteFile, holder);
  return {
    async release() {
      if (database.isOpen) {
        await rm(noteFile, { force: true });
        database.close();
      }
    },
  };
}

/**
 * Creates the file for this account alone, unless it is there. It must not be opened when it is: closing any handle of a file
 * drops all POSIX locks that the process has on it.
 */
export async function createPrivateFile(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;
}

/** The note is a courtesy: whatever goes wrong with it, the lock holds. */
async function writeNote(noteFile: string, holder: { readonly command: string; readonly at: Moment }): Promise<void> {
  const note = { pid: process.pid, command: holder.command, host: hostname(), since: new Date(holder.at).toISOString() };
  const draft = `${noteFile}.new`;
  try {
    await writeFile(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    await rename(draft, noteFile);
  } catch {
    await rm(noteFile, { force: true }).catch(() => undefined);
  }
}

async function lockedError(path: string, noteFile: string, cause: unknown): Promise<RollcallError> {
  let note: z.infer<typeof lockNote> | null = null;
  try {
    note = lockNote.parse(JSON.parse(await readFile(noteFile, 'utf8')));
  } catch {
    // The other process has not written it yet, or is about to end: the message does without.
  }
  const other = note === null ? 'Another rollcall process' : `"${note.command}" (process ${note.pid} on ${note.host}, since ${note.since})`;
  return new RollcallError('STORE_LOCKED', `${other} is writing to the store ${path}.`, {
    place: { file: path, ...(note === null ? {} : { pid: note.pid, host: note.host, since: note.since }) },
    cause,
  });
}
