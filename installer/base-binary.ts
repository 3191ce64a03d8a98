import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readLockFile } from './lock-file.ts';
import { repository } from './repository.ts';
import { run } from './run.ts';
import type { Target } from './targets.ts';

const cache = join(repository, 'node_modules', '.cache', 'rollcall-installer');

/**
 * Brings the tarball of Node for a target and resolves with its file. npm installs only the package that fits the machine, so the others
 * come as it has them in its registry or cache; all are kept for the next build. Each is held against the hash of the lock file each
 * time. Rejects when it cannot be had, or has another hash.
 */
export async function bringBaseTarball(target: Target): Promise<string> {
  const locked = (await readLockFile()).get(`node_modules/${target.nodePackage}`);
  if (locked?.integrity == null) throw new Error(`package-lock.json has no hash of ${target.nodePackage}.`);
  const file = `${locked.name}-${locked.version}.tgz`;
  const kept = await readFile(join(cache, file)).catch(() => null);
  if (kept !== null && integrityOf(kept) === locked.integrity) return join(cache, file);
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fresh-'));
  try {
    await run('npm', ['pack', `${locked.name}@${locked.version}`, '--pack-destination', folder, '--prefer-offline', '--silent']);
    assertIntegrity(locked.name, await readFile(join(folder, file)), locked.integrity);
    await rename(join(folder, file), join(cache, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return join(cache, file);
}

/** Unpacks Node for a target below `folder` and resolves with its file. */
export async function unpackBaseBinary(target: Target, folder: string): Promise<string> {
  const tarball = await bringBaseTarball(target);
  await run('tar', ['-xzf', tarball, '-C', folder, `package/${target.nodePath}`]);
  return join(folder, 'package', target.nodePath);
}

/** Throws unless the bytes have the hash, written as in a lock file. */
export function assertIntegrity(name: string, bytes: Uint8Array, integrity: string): void {
  const found = integrityOf(bytes);
  if (found !== integrity) throw new Error(`${name} has the hash ${found}, and package-lock.json has ${integrity}.`);
}

function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}
