import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
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

/**
 * Copies executable and host into the folder of the service, each whole or not at all. The service has to be stopped. The one that was
 * there stays as the one before it when it was the last that reported that it is well.
 */
export async function installProgram(
  tools: WindowsTools,
  folder: string,
  program: Extract<OwnProgram, { kind: 'executable' }>,
  { host, stateDirectory }: { readonly host: string; readonly stateDirectory: string },
): Promise<readonly OsServiceStep[]> {
  const installed = join(folder, 'rollcall.exe');
  if (dirname(program.file) === folder) return [{ did: 'kept', what: installed }];
  await mkdir(folder, { recursive: true });
  const isThere = (await stat(installed).catch(() => null)) !== null;
  if (isThere && (await readFile(join(folder, 'release'), 'utf8').catch(() => '')).trim() !== program.release) {
    const ended = await tools.runFile(host, 'keep-previous', '--program', folder, '--state', stateDirectory);
    if (ended.exit !== 0) {
      throw new RollcallError('OS_SERVICE_FAILED', `${installed} could not be kept as the release before this one (error ${ended.exit}).`);
    }
  }
  for (const [from, to] of [
    [host, join(folder, hostFile)],
    [program.file, installed],
  ] as const) {
    const draft = `${to}.new`;
    try {
      await copyFile(from, draft);
      await rename(draft, to);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }
  await writeFile(join(folder, 'release'), `${program.release}\n`);
  return [{ did: isThere ? 'changed' : 'made', what: `${installed} (${program.release})` }];
}
