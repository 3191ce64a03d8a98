import { open, rename, rm } from 'node:fs/promises';

/**
 * Makes a file that is not there yet, for this account alone; it is whole and on the disk when this resolves, and nothing of it is
 * left when it could not be written. Throws what the file system throws: `EEXIST` when it is there.
 */
export async function makePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** Replaces a file as a whole, for this account alone: whoever reads it sees the old content or the new one. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  // Left by a crash; made anew, so that a link that somebody put there is not followed.
  await rm(draft, { force: true });
  await makePrivateFile(draft, content);
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
