import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OsServiceStep } from '../os-service.ts';

/** Writes a file of root as a whole, when it is not as it should be already. */
export async function writeSystemFile(path: string, text: string, mode: number): Promise<OsServiceStep> {
  const before = await readFile(path, 'utf8').catch(() => null);
  const isRight = before === text && ((await stat(path)).mode & 0o777) === mode;
  if (isRight) return { did: 'kept', what: path };
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // The umask may have taken something from it.
    await chmod(draft, mode);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  return { did: before === null ? 'made' : 'changed', what: path };
}
