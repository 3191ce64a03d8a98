import { chmod, lchown, lstat, mkdir, opendir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import type { OsServiceStep } from '../os-service.ts';
import { must, type SystemdHost } from './host.ts';
import { account, configFolder, stateFolder } from './places.ts';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The account that the service runs as: one without a home, a shell or a password. */
export async function makeAccount(host: SystemdHost): Promise<OsServiceStep> {
  const what = `the account ${account}`;
  if ((await host.run('getent', ['passwd', account])).exit === 0) return { did: 'kept', what };
  const words = ['--system', '--user-group', '--home-dir', stateFolder, '--no-create-home', '--shell', '/usr/sbin/nologin', account];
  await must(host, 'useradd', ...words);
  return { did: 'made', what };
}

/**
 * Makes the folders of configuration and state for the service's account. What root made there before there was a service is given to it:
 * all of the standard folders and of the state, and of another folder the configuration file alone.
 */
export async function makeFolders(
  host: SystemdHost,
  { configFile, stateDirectory }: { readonly configFile: string; readonly stateDirectory: string },
): Promise<readonly OsServiceStep[]> {
  const owner = await ownerOf(host);
  const folder = dirname(configFile);
  const steps = [await makeFolder(folder, owner, folder === configFolder), await makeFolder(stateDirectory, owner, true)];
  // The service's account may own the folder, and put a link to any file of root's there.
  const file = await lstat(configFile).catch(() => null);
  if (file !== null && folder !== configFolder && file.uid === 0 && file.isFile() && file.nlink === 1) {
    await lchown(configFile, owner.uid, owner.gid);
    steps.push({ did: 'changed', what: `${configFile} belongs to ${account} now` });
  }
  return steps;
}

async function ownerOf(host: SystemdHost): Promise<Owner> {
  const { stdout } = await must(host, 'getent', 'passwd', account);
  const [, , uid = '', gid = ''] = stdout.trim().split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function makeFolder(path: string, owner: Owner, isOwn: boolean): Promise<OsServiceStep> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    await lchown(path, owner.uid, owner.gid);
    // Folders on the way are nobody's in particular, and have to be passed through.
    for (const above of foldersBetween(first ?? path, path)) await chmod(above, 0o755);
    return { did: 'made', what: path };
  }
  if (!isOwn || facts.uid !== 0) return { did: 'kept', what: path };
  await proveOwn(path);
  await giveAll(path, owner);
  return { did: 'changed', what: `${path} belongs to ${account} now` };
}

/** What rollcall keeps in a state folder, by one of which it is known to be one. */
const stateFiles: ReadonlySet<string> = new Set(['rollcall.db', 'vault.json', 'hub-identity.json', 'service.json', 'schedule.json']);

/** A folder of root with other things in it is not given away, whoever named it. Throws `OS_SERVICE_PLACE`. */
async function proveOwn(path: string): Promise<void> {
  if (path === configFolder || path === stateFolder) return;
  const names = await readdir(path);
  if (names.length === 0 || names.some((name) => stateFiles.has(name))) return;
  throw new RollcallError('OS_SERVICE_PLACE', `${path} belongs to root and holds other things than rollcall's state.`, { place: { path } });
}

/** Those above `path` up to `first`, which is one of them or `path` itself. */
function foldersBetween(first: string, path: string): readonly string[] {
  const above = dirname(path);
  return above.length < first.length ? [] : [above, ...foldersBetween(first, above)];
}

/** Links are given away themselves, never what they lead to. */
async function giveAll(path: string, owner: Owner): Promise<void> {
  for await (const entry of await opendir(path)) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) await giveAll(below, owner);
    else await lchown(below, owner.uid, owner.gid);
  }
  await lchown(path, owner.uid, owner.gid);
}

/** Throws `OS_SERVICE_PLACE` when the service's account cannot get at a file. */
export async function proveReadable(host: SystemdHost, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const words = [`--reuid=${account}`, `--regid=${account}`, '--clear-groups', '--', 'test', '-r', file];
    if ((await host.run('setpriv', words)).exit === 0) continue;
    throw new RollcallError('OS_SERVICE_PLACE', `The account ${account}, which the service runs as, cannot read ${file}.`, {
      place: { file },
    });
  }
}
