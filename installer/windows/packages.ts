import { join } from 'node:path';
import { releaseId } from '../../agent/build-facts.ts';
import manifest from '../../package.json' with { type: 'json' };

import type { Signer } from '../signing/signer.ts';
import type { SourceFacts } from '../source-facts.ts';
import type { Target } from '../targets.ts';
import { compileNativeParts } from './compile.ts';
import { writeMsi } from './msi.ts';

interface WindowsPackagesOptions {
  readonly targets: readonly Target[];
  /** Has the executables and `LICENCES.txt`, and gets what is made. */
  readonly output: string;
  /** For files on the way. */
  readonly folder: string;
  readonly signer: Signer;
}

/**
 * Makes the MSI of the executable for Windows, and beside it the service's host, which `rollcall service install` needs where there is no
 * MSI. Resolves with their names: none when Windows is no target.
 */
export async function writeWindowsPackages(
  { targets, output, folder, signer }: WindowsPackagesOptions,
  source: SourceFacts,
): Promise<readonly string[]> {
  const target = targets.find(({ name }) => name === 'win-x64');
  if (target === undefined) return [];
  const native = await compileNativeParts({ folder, hostFolder: output });
  for (const file of Object.values(native)) await signer.windows(file);
  const msi = `rollcall-${manifest.version}-x64.msi`;
  await writeMsi({
    ...native,
    executable: join(output, target.file),
    licences: join(output, 'LICENCES.txt'),
    version: manifest.version,
    release: releaseId({ version: manifest.version, ...source }),
    date: source.date,
    output: join(output, msi),
  });
  await signer.windows(join(output, msi));
  return ['rollcall-service.exe', msi];
}
