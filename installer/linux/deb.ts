import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.ts';
import { fillScript, readScript } from './scripts.ts';
import { configurationFiles, type PackagedFile, type PackageParts, packagedFiles, writeTree } from './tree.ts';

/** Debian's names of the architectures. */
export const debianArchitectures: Readonly<Record<string, string>> = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' };

/** Makes a Debian package by dpkg-deb; the same for the same parts. */
export async function writeDeb(options: PackageParts & { readonly architecture: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-deb-'));
  try {
    const files = await packagedFiles(options);
    // A folder below, since the one that was made is for this account alone, and its mode would be that of the package's root.
    const tree = join(folder, 'tree');
    await writeTree(tree, [...files, ...(await controlFiles(files, options))]);
    const words = ['--root-owner-group', '--threads-max=1', '-Zxz', '-z3', '--build', tree, options.output];
    await run('dpkg-deb', words, { environment: { SOURCE_DATE_EPOCH: String(Date.parse(options.date) / 1000) } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function controlFiles(
  files: readonly PackagedFile[],
  { architecture, version, release }: PackageParts & { readonly architecture: string },
): Promise<readonly PackagedFile[]> {
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
    `Version: ${version}`,
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
    ...(await Promise.all(
      ['preinst', 'postinst', 'prerm', 'postrm'].map(async (name) => ({
        place: `DEBIAN/${name}`,
        mode: 0o755,
        text: await fillScript(await readScript(`debian/${name}`), release),
      })),
    )),
  ];
}
