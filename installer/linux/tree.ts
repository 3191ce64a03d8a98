import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentText } from '../../agent/os-service/systemd/environment-text.ts';
import { launcherText } from '../../agent/os-service/systemd/launcher.ts';
import { configFile, packagedProgramFolder, stateFolder } from '../../agent/os-service/systemd/places.ts';
import { unitText } from '../../agent/os-service/systemd/unit.ts';
import { wrapperText } from '../../agent/os-service/systemd/wrapper.ts';
import { repository } from '../repository.ts';

/** A file of a package: its place below the root, its mode, and what it holds: a file to copy, or text. */
export interface PackagedFile {
  readonly place: string;
  readonly mode: number;
  readonly from?: string;
  readonly text?: string;
}

/** What every package for Linux is made of. */
export interface PackageParts {
  readonly executable: string;
  /** The file with the licences of what is in the executable. */
  readonly licences: string;
  readonly version: string;
  /** The release id of the executable: its version and commit. */
  readonly release: string;
  /** RFC 3339: the time of all files. */
  readonly date: string;
  readonly output: string;
}

/** Files that belong to the administrator once they are installed. */
export const configurationFiles: readonly string[] = ['etc/default/rollcall'];

/** What every package for Linux installs. */
export async function packagedFiles(parts: Pick<PackageParts, 'executable' | 'licences' | 'release'>): Promise<readonly PackagedFile[]> {
  const places = { programFolder: packagedProgramFolder, configFile, stateDirectory: stateFolder };
  const copyright = `${await readFile(join(repository, 'LICENSE'), 'utf8')}\n${await readFile(parts.licences, 'utf8')}`;
  return [
    { place: 'usr/lib/rollcall/rollcall', mode: 0o755, from: parts.executable },
    { place: 'usr/lib/rollcall/release', mode: 0o644, text: `${parts.release}\n` },
    { place: 'usr/lib/rollcall/launch', mode: 0o755, text: launcherText },
    { place: 'usr/bin/rollcall', mode: 0o755, text: wrapperText(places) },
    { place: 'usr/lib/systemd/system/rollcall.service', mode: 0o644, text: unitText(places) },
    { place: 'etc/default/rollcall', mode: 0o600, text: environmentText },
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
