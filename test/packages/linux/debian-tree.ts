import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../../installer/repository.ts';
import { callWell } from './call.ts';

/** Besides the smallest Debian: systemd, what our packages depend on, and rpm, to install the other kind of package. */
const included = ['systemd', 'systemd-sysv', 'dbus', 'libatomic1', 'libstdc++6', 'ca-certificates', 'rpm'];

/** The tree of a Debian 12; made by debootstrap once (half a minute) and kept, not to be written to. */
export async function debianTree(): Promise<string> {
  const cache = join(repository, 'node_modules', '.cache', 'rollcall-packages');
  const key = createHash('sha256').update(included.join(' ')).digest('hex').slice(0, 12);
  const tree = join(cache, `bookworm-${key}`);
  if (existsSync(tree)) return tree;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fresh-'));
  try {
    await callWell('debootstrap', '--variant=minbase', `--include=${included.join(',')}`, 'bookworm', join(folder, 'tree'));
    await rm(join(folder, 'tree', 'var', 'cache', 'apt'), { recursive: true });
    await rename(join(folder, 'tree'), tree);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return tree;
}
