import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../../node_modules/.cache/rollcall-wine', import.meta.url));
/** Debian 13 has Wine 10; Wine 8 of Debian 12 does not run Node. Another number makes a new tree. */
const suite = 'trixie';
const name = `${suite}-1`;
/** Words of unshare: what is mounted and started ends with it. */
export const inNamespaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--'] as const;
const patienceMs = 600_000;

let made: Promise<string> | null = null;

/** A Debian with Wine in a folder: made by debootstrap the first time (about two minutes), kept for the next. */
export function wineTree(): Promise<string> {
  made ??= makeTree();
  return made;
}

async function makeTree(): Promise<string> {
  const tree = join(cache, name);
  if (existsSync(tree)) return tree;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'fresh-'));
  const begun = performance.now();
  try {
    await run('unshare', [
      ...inNamespaces,
      'debootstrap',
      '--variant=minbase',
      '--include=wine,wine64',
      suite,
      fresh,
      await debianMirror(),
    ]);
    await rename(fresh, tree).catch((error: unknown) => {
      // Another test file was faster.
      if (!existsSync(tree)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  process.stderr.write(`a Debian with Wine was made in ${Math.round((performance.now() - begun) / 1000)} s\n`);
  return tree;
}

/** The mirror that this machine's apt is set up with. */
async function debianMirror(): Promise<string> {
  const folder = '/etc/apt/sources.list.d';
  const files = (await readdir(folder).catch(() => [])).map((file) => join(folder, file));
  for (const file of ['/etc/apt/sources.list', ...files]) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const [, found] = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(https?:\/\/\S*\/debian\/?)(?:\s|$)/m.exec(text) ?? [];
    if (found !== undefined) return found;
  }
  return 'http://deb.debian.org/debian';
}

function run(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, [...words], { timeout: patienceMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${words.join(' ')} failed: ${error.message}\n${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`));
    });
  });
}
