import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../repository.ts';

/**
 * A script of a package with what all kinds of packages do in the places that are marked for it, as in `#AFTER-INSTALL#` for
 * after-install.sh; `#RELEASE#` is the release that the package brings.
 */
export async function fillScript(text: string, release: string): Promise<string> {
  let filled = text;
  for (const [mark, name = ''] of text.matchAll(/^ *#([A-Z]+(?:-[A-Z]+)+)#\n/gm)) {
    const part = await readScript(`${name.toLowerCase()}.sh`);
    filled = filled.replace(mark, () => part);
  }
  return filled.replaceAll('#RELEASE#', () => release);
}

/** A file of this folder. */
export function readScript(name: string): Promise<string> {
  return readFile(join(repository, 'installer', 'linux', name), 'utf8');
}
