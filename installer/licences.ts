import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './repository.ts';

const licenceNames = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** The licences of what is in the executables, in full; `places` are folders, `node_modules/pg` and its like. */
export async function collectLicences(places: readonly string[]): Promise<string> {
  const parts = await Promise.all(places.map(licencesOf));
  return `rollcall contains the following works under their own licences.\n\n${parts.join('\n')}`;
}

async function licencesOf(place: string): Promise<string> {
  const folder = join(repository, place);
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Readonly<Record<string, string>>;
  const files = (await readdir(folder)).filter((file) => licenceNames.test(file)).sort();
  const texts = await Promise.all(files.map(async (file) => (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim()));
  return `${'='.repeat(80)}\n${name} ${version} (${license ?? 'no licence named'})\n\n${texts.join('\n\n')}\n`;
}
