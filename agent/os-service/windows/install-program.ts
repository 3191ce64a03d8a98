import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import { digestOf } from '../digest-of.ts';
import type { OsServiceStep } from '../os-service.ts';
import type { OwnProgram } from '../own-program.ts';
import { hostFile } from './places.ts';
import type { WindowsTools } from './tools.ts';

/**
 * The service's host that came with the program: beside an executable, in `dist` of a checkout. Throws `OS_SERVICE_PLACE` when it is
 * not there.
 */
export async function findHost(program: OwnProgram): Promise<string> {
  const host =
    program.kind === 'executable' ? join(dirname(program.file), hostFile) : join(dirname(dirname(program.main)), 'dist', hostFile);
  if ((await stat(host).catch(() => null)) !== null) return host;
  const where = program.kind === 'executable' ? 'It comes with the executable, in the same download' : '"npm run package" makes it';
  throw new RollcallError(
    'OS_SERVICE_PLACE',
    `${hostFile}, which holds rollcall for the service manager, is not at ${host}. ${where}; put it there, or use the MSI.`,
    { place: { file: host } },
  );
}

interface Surroundings {
  readonly host: string;
  readonly stateDirectory: string;
  /** Stops the service. Called once all is copied, just before it is exchanged; not called when there is nothing to exchange. */
  readonly stop: () => Promise<void>;
}

/**
 * Copies executable and host into the folder of the service, each whole or not at all. The one that was there stays as the one before it
 * when it was the last that reported that it is well.
 */
export async function installProgram(
  tools: WindowsTools,
  folder: string,
  program: Extract<OwnProgram, { kind: 'executable' }>,
  { host, stateDirectory, stop }: Surroundings,
): Promise<readonly OsServiceStep[]> {
  const installed = join(folder, 'rollcall.exe');
  if (dirname(program.file) === folder) return [{ did: 'kept', what: installed }];
  await mkdir(folder, { recursive: true });
  const isThere = (await stat(installed).catch(() => null)) !== null;
  const before = await readFile(join(folder, 'release'), 'utf8').catch(() => '');
  const isSameRelease = before.trim() === program.release;
  const copies = [
    [host, join(folder, hostFile)],
    [program.file, installed],
  ] as const;
  if (isSameRelease && (await areSame(copies))) return [{ did: 'kept', what: `${installed} (${program.release})` }];
  try {
    for (const [from, to] of copies) await copyFile(from, draftOf(to));
    await stop();
    if (isThere && !isSameRelease) await keepPrevious(tools, host, { folder, stateDirectory });
    await exchange(copies, { file: join(folder, 'release'), before });
  } catch (error) {
    for (const [, to] of copies) await rm(draftOf(to), { force: true }).catch(() => undefined);
    throw error;
  }
  await writeFile(join(folder, 'release'), `${program.release}\n`);
  return [{ did: isThere ? 'changed' : 'made', what: `${installed} (${program.release})` }];
}

type Copies = readonly (readonly [from: string, to: string])[];

function draftOf(file: string): string {
  return `${file}.new`;
}

async function areSame(copies: Copies): Promise<boolean> {
  for (const [from, to] of copies) {
    if ((await digestOf(to).catch(() => null)) !== (await digestOf(from))) return false;
  }
  return true;
}

async function keepPrevious(
  tools: WindowsTools,
  host: string,
  { folder, stateDirectory }: { readonly folder: string; readonly stateDirectory: string },
): Promise<void> {
  const { exit } = await tools.runFile(host, 'keep-previous', '--program', folder, '--state', stateDirectory);
  if (exit === 0) return;
  const installed = join(folder, 'rollcall.exe');
  throw new RollcallError('OS_SERVICE_FAILED', `${installed} could not be kept as the release before this one (error ${exit}).`);
}

/**
 * Puts the drafts, the executable's last, in their places. An end in between leaves no name of a release rather than that of another one:
 * the next installation would keep the new executable under it.
 */
async function exchange(copies: Copies, release: { readonly file: string; readonly before: string }): Promise<void> {
  await rm(release.file, { force: true });
  try {
    for (const [, to] of copies) await rename(draftOf(to), to);
  } catch (error) {
    if (release.before !== '') await writeFile(release.file, release.before).catch(() => undefined);
    throw error;
  }
}
