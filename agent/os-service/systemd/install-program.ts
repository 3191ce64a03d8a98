import { copyFile, link, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { digestOf } from '../digest-of.ts';
import type { OsServiceStep } from '../os-service.ts';
import type { OwnProgram } from '../own-program.ts';
import { launcherText } from './launcher.ts';
import { checkoutLauncherText } from './wrapper.ts';
import { writeSystemFile } from './write-system-file.ts';

/**
 * Puts the program into its folder. An executable is copied, whole or not at all; the one that was there becomes the one before it when it
 * was the last that reported that it is well, so that the launcher can go back to it. A checkout stays where it is.
 */
export async function installProgram(folder: string, program: OwnProgram, stateDirectory: string): Promise<readonly OsServiceStep[]> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (program.kind === 'checkout') {
    const launcher = await writeSystemFile(join(folder, 'launch'), checkoutLauncherText(program), 0o755);
    const left: OsServiceStep[] = [];
    for (const name of ['rollcall', 'release', 'previous']) {
      const path = join(folder, name);
      if ((await stat(path).catch(() => null)) === null) continue;
      await rm(path, { recursive: true });
      left.push({ did: 'removed', what: path });
    }
    return [launcher, ...left];
  }
  const executable = await installExecutable(folder, program, stateDirectory);
  return [...executable, await writeSystemFile(join(folder, 'launch'), launcherText, 0o755)];
}

async function installExecutable(
  folder: string,
  { file, release }: Extract<OwnProgram, { kind: 'executable' }>,
  stateDirectory: string,
): Promise<readonly OsServiceStep[]> {
  const installed = join(folder, 'rollcall');
  // It runs from there already, or is the one before: nothing to copy over itself.
  if (file.startsWith(`${folder}${sep}`)) return [{ did: 'kept', what: installed }];
  const before = await firstLine(join(folder, 'release'));
  const isThere = (await stat(installed).catch(() => null)) !== null;
  if (isThere && before === release && (await digestOf(installed)) === (await digestOf(file))) {
    return [{ did: 'kept', what: `${installed} (${release})` }];
  }
  const steps: OsServiceStep[] = [];
  if (isThere && before !== '' && before !== release && before === (await firstLine(join(stateDirectory, 'upgrade', 'confirmed')))) {
    steps.push(await keepPrevious(folder, before));
  }
  const draft = `${installed}.new`;
  await rm(draft, { force: true });
  try {
    await copyFile(file, draft);
    const handle = await open(draft, 'r+');
    try {
      await handle.chmod(0o755);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // An end in between leaves no name rather than that of another release: the next installation would keep this one under it.
    await rm(join(folder, 'release'), { force: true });
    await rename(draft, installed);
  } catch (error) {
    // A full disk in the middle leaves the one that was there.
    await rm(draft, { force: true }).catch(() => undefined);
    if (before !== '') await writeSystemFile(join(folder, 'release'), `${before}\n`, 0o644).catch(() => undefined);
    throw error;
  }
  await writeSystemFile(join(folder, 'release'), `${release}\n`, 0o644);
  return [...steps, { did: isThere ? 'changed' : 'made', what: `${installed} (${release})` }];
}

/** A second name of the same file: it costs no room, and stays when the first name is given to another. */
async function keepPrevious(folder: string, release: string): Promise<OsServiceStep> {
  const previous = join(folder, 'previous');
  const file = join(previous, 'rollcall');
  await mkdir(previous, { recursive: true, mode: 0o755 });
  await rm(`${file}.new`, { force: true });
  await link(join(folder, 'rollcall'), `${file}.new`);
  await rename(`${file}.new`, file);
  await writeSystemFile(join(previous, 'release'), `${release}\n`, 0o644);
  return { did: 'kept', what: `${file} (${release}), to go back to when the new one is not well` };
}

/** The first line of a file; empty when there is none. */
export async function firstLine(file: string): Promise<string> {
  // It may belong to the service's account: what is no small file could keep root waiting for ever.
  const facts = await lstat(file).catch(() => null);
  if (facts?.isFile() !== true || facts.size > 4_096) return '';
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n', 1)[0]?.trim() ?? '';
}
