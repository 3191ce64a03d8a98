import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from './bundle.ts';
import { checksumsOf } from './checksums.ts';
import { writeExecutable } from './executable.ts';
import { collectLicences } from './licences.ts';
import { readLockFile } from './lock-file.ts';
import { makeSbom } from './sbom.ts';
import { readSourceFacts } from './source-facts.ts';
import { ownTarget, type Target } from './targets.ts';

/** Builds the executables and what goes with them into a folder; resolves with the names of the files. */
export async function buildAll(options: { readonly targets: readonly Target[]; readonly output: string }): Promise<readonly string[]> {
  const { targets, output } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-build-'));
  try {
    const source = await readSourceFacts();
    const bundle = join(folder, 'rollcall.js');
    const { packages } = await writeBundle(bundle);
    await mkdir(output, { recursive: true });
    for (const target of targets) {
      await writeExecutable({ target, bundle, source, folder, output: join(output, target.file) });
    }
    const locked = await readLockFile();
    const names = packages.map((place) => `${locked.get(place)?.name}@${locked.get(place)?.version}`);
    await writeFile(join(output, 'rollcall.cdx.json'), await makeSbom(source, names));
    // All platforms have the same Node, and its licence is installed with the machine's own.
    const nodePackage = ownTarget()?.nodePackage;
    const licensed = [...(nodePackage === undefined ? [] : [`node_modules/${nodePackage}`]), ...packages];
    await writeFile(join(output, 'LICENCES.txt'), await collectLicences(licensed));
    const files = [...targets.map(({ file }) => file), 'rollcall.cdx.json', 'LICENCES.txt'];
    await writeFile(join(output, 'SHA256SUMS'), await checksumsOf(output, files));
    return [...files, 'SHA256SUMS'];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
