import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repository } from '../repository.ts';

/** A file of a package: its place below the root, its mode, and what it holds: a file to copy, or text. */
export interface PackagedFile {
  readonly place: string;
  readonly mode: number;
  readonly from?: string;
  readonly text?: string;
}

/** Files that belong to the administrator once they are installed. */
export const configurationFiles: readonly string[] = ['etc/default/rollcall'];

/** What every package for Linux installs. `licences` is the file with the licences of what is in the executable. */
export async function packagedFiles(options: { readonly executable: string; readonly licences: string }): Promise<readonly PackagedFile[]> {
  const own = join(repository, 'installer', 'linux');
  const copyright = `${await readFile(join(repository, 'LICENSE'), 'utf8')}\n${await readFile(options.licences, 'utf8')}`;
  return [
    { place: 'usr/lib/rollcall/rollcall', mode: 0o755, from: options.executable },
    { place: 'usr/bin/rollcall', mode: 0o755, from: join(own, 'rollcall.sh') },
    { place: 'usr/lib/systemd/system/rollcall.service', mode: 0o644, from: join(own, 'rollcall.service') },
    { place: 'etc/default/rollcall', mode: 0o600, from: join(own, 'environment') },
    { place: 'usr/share/doc/rollcall/copyright', mode: 0o644, text: copyright },
  ];
}

/** Writes files below a folder; folders on the way are open to read. */
export async function writeTree(folder: string, files: readonly PackagedFile[]): Promise<void> {
  const before = process.umask(0o022);
  try {
    for (const { place, mode, from, text = '' } of files) {
      const file = join(folder, place);
      await mkdir(dirname(file), { recursive: true });
      if (from === undefined) await writeFile(file, text);
      else await copyFile(from, file);
      await chmod(file, mode);
    }
  } finally {
    process.umask(before);
  }
}
