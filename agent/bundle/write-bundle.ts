import { randomBytes } from 'node:crypto';
import { link, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { makePrivateFile } from '../files/private-file.ts';

/** Throws `BUNDLE_EXISTS`. */
export async function proveFree(file: string): Promise<void> {
  const facts = await stat(file).catch(() => null);
  if (facts !== null) throw exists(file);
}

/** Writes the file whole or not at all, for this account alone. Throws `BUNDLE_EXISTS` unless `replace`, and `BUNDLE_UNWRITABLE`. */
export async function writeBundle(file: string, bytes: Uint8Array, replace: boolean): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.new`);
  try {
    await makePrivateFile(draft, bytes);
    if (replace) await rename(draft, file);
    else await nameIt(draft, file);
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new RollcallError('BUNDLE_UNWRITABLE', `The bundle cannot be written to ${file} (${reason}).`, { place: { file }, cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link fails when the name is taken, even since a moment ago; a rename would replace. */
async function nameIt(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === 'EEXIST') throw exists(file);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(reason ?? '')) throw error;
    // A file system without links (FAT, some shares).
    await proveFree(file);
    await rename(draft, file);
  }
}

function exists(file: string): RollcallError {
  return new RollcallError('BUNDLE_EXISTS', `There is a file at ${file} already.`, { place: { file } });
}
