import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../../installer/repository.ts';
import { callWell, timed } from './call.ts';

/** Besides the smallest Debian: systemd, what our packages depend on, and rpm, to install the other kind of package. */
const included = ['systemd', 'systemd-sysv', 'dbus', 'libatomic1', 'libstdc++6', 'ca-certificates', 'rpm'];

/** The tree of a Debian 12; made by debootstrap once (half a minute) and kept, not to be written to. */
export function debianTree(): Promise<string> {
  return keptTree('amd64', included, async (tree) => {
    await callWell('debootstrap', '--variant=minbase', `--include=${included.join(',')}`, 'bookworm', tree);
    await rm(join(tree, 'var', 'cache', 'apt'), { recursive: true });
  });
}

/** The libraries of a Debian 12 for arm64, unpacked and not set up: what an emulator needs to run a program of it. */
export function arm64Libraries(): Promise<string> {
  const wanted = ['libstdc++6', 'libatomic1'];
  return keptTree('arm64', wanted, async (tree) => {
    const words = ['--arch=arm64', '--foreign', '--variant=minbase', `--include=${wanted.join(',')}`, 'bookworm', tree];
    await callWell('debootstrap', ...words);
    const archives = join(tree, 'var', 'cache', 'apt', 'archives');
    for (const name of await readdir(archives)) {
      if (wanted.some((own) => name.startsWith(`${own}_`))) await callWell('dpkg-deb', '--extract', join(archives, name), tree);
    }
    await rm(join(tree, 'var', 'cache', 'apt'), { recursive: true });
  });
}

async function keptTree(machine: string, contents: readonly string[], make: (tree: string) => Promise<void>): Promise<string> {
  const cache = join(repository, 'node_modules', '.cache', 'rollcall-packages');
  const key = createHash('sha256').update(contents.join(' ')).digest('hex').slice(0, 12);
  const kept = join(cache, `bookworm-${machine}-${key}`);
  if (existsSync(kept)) return kept;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fresh-'));
  try {
    const tree = join(folder, 'tree');
    await timed(`debootstrap for ${machine}`, () => make(tree));
    await rename(tree, kept);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return kept;
}
