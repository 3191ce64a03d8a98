import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.ts';
import { readScript } from './scripts.ts';
import { type PackageParts, writeTree } from './tree.ts';

/** The names by which Linux calls the machines. */
const machines: Readonly<Record<string, string>> = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' };

/** Makes the tarball for systems without a package of their own; `target` is `linux-x64` and its like. The same for the same parts. */
export async function writeTarball({
  executable,
  licences,
  version,
  date,
  output,
  target,
}: PackageParts & { readonly target: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-tarball-'));
  try {
    const name = `rollcall-${version}-${target}`;
    const install = (await readScript('install-tarball.sh')).replaceAll('#MACHINE#', machines[target] ?? '');
    await writeTree(join(folder, name), [
      { place: 'rollcall', mode: 0o755, from: executable },
      { place: 'install', mode: 0o755, text: install },
      { place: 'LICENCES.txt', mode: 0o644, from: licences },
    ]);
    const tar = join(folder, 'rollcall.tar');
    const sameOwner = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=${date}`, '--format=gnu'];
    await run('tar', [...sameOwner, '-cf', tar, '-C', folder, name]);
    // Without the name and the time that gzip would keep.
    await run('gzip', ['-n', '-9', tar]);
    await run('mv', [`${tar}.gz`, output]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
