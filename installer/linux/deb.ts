import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { repository } from '../repository.ts';
import { run } from '../run.ts';
import { configurationFiles, type PackagedFile, packagedFiles, writeTree } from './tree.ts';

/** Debian's names of the architectures. */
export const debianArchitectures: Readonly<Record<string, string>> = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' };

interface DebOptions {
  readonly executable: string;
  readonly licences: string;
  readonly architecture: string;
  /** RFC 3339: the time of all files. */
  readonly date: string;
  readonly output: string;
}

/** Makes a Debian package by dpkg-deb; the same for the same parts. */
export async function writeDeb(options: DebOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-deb-'));
  try {
    const files = await packagedFiles(options);
    // A folder below, since the one that was made is for this account alone, and its mode would be that of the package's root.
    const tree = join(folder, 'tree');
    await writeTree(tree, [...files, ...(await controlFiles(files, options.architecture))]);
    const words = ['--root-owner-group', '--threads-max=1', '-Zxz', '-z3', '--build', tree, options.output];
    await run('dpkg-deb', words, { environment: { SOURCE_DATE_EPOCH: String(Date.parse(options.date) / 1000) } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function controlFiles(files: readonly PackagedFile[], architecture: string): Promise<readonly PackagedFile[]> {
  const contents = await Promise.all(files.map(async ({ from, text = '' }) => (from === undefined ? Buffer.from(text) : readFile(from))));
  const kilobytes = contents.reduce((sum, { length }) => sum + Math.ceil(length / 1024), 0);
  const sums = files.map(
    ({ place }, index) =>
      `${createHash('md5')
        .update(contents[index] ?? '')
        .digest('hex')}  ${place}\n`,
  );
  const control = [
    'Package: rollcall',
    `Version: ${manifest.version}`,
    `Architecture: ${architecture}`,
    'Maintainer: rollcall <rollcall@example.invalid>',
    `Installed-Size: ${kilobytes}`,
    // What the executable asks for, and the programs that the scripts and the service call.
    'Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1, libatomic1, passwd, util-linux, systemd',
    'Recommends: ca-certificates',
    'Section: admin',
    'Priority: optional',
    'Description: Active Directory users to IT Glue contacts and the PSA',
    ' An agent for managed service providers: it reads a directory, plans what',
    ' would change, and changes it once that was approved; all of it can be undone.',
    '',
  ].join('\n');
  return [
    { place: 'DEBIAN/control', mode: 0o644, text: control },
    { place: 'DEBIAN/conffiles', mode: 0o644, text: configurationFiles.map((place) => `/${place}\n`).join('') },
    { place: 'DEBIAN/md5sums', mode: 0o644, text: sums.join('') },
    { place: 'DEBIAN/postinst', mode: 0o755, text: await script('postinst') },
    { place: 'DEBIAN/prerm', mode: 0o755, text: await script('prerm') },
    { place: 'DEBIAN/postrm', mode: 0o755, text: await script('postrm') },
  ];
}

/** A script of the package, with what all kinds of packages do in its place. */
async function script(name: string): Promise<string> {
  const folder = join(repository, 'installer', 'linux');
  const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  const [text, afterInstall, afterPurge] = await Promise.all([read(`debian/${name}`), read('after-install.sh'), read('after-purge.sh')]);
  return text.replace(/^ *#AFTER-INSTALL#\n/m, () => afterInstall).replace(/^ *#AFTER-PURGE#\n/m, () => afterPurge);
}
