import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from './bundle.ts';
import { checksumsOf } from './checksums.ts';
import { writeExecutable } from './executable.ts';
import { collectLicences } from './licences.ts';
import { writeLinuxPackages } from './linux/packages.ts';
import { readLockFile } from './lock-file.ts';
import { makeSbom } from './sbom.ts';
import type { Signer } from './signing/signer.ts';
import { readSourceFacts } from './source-facts.ts';
import { ownTarget, type Target } from './targets.ts';
import { writeWindowsPackages } from './windows/packages.ts';

export interface BuildOptions {
  readonly targets: readonly Target[];
  readonly output: string;
  /** Make packages of the executables too. */
  readonly packages: boolean;
  readonly signer: Signer;
}

/** Builds the executables and what goes with them into a folder; resolves with the names of the files. */
export async function buildAll(options: BuildOptions): Promise<readonly string[]> {
  const { targets, output, signer } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-build-'));
  try {
    const source = await readSourceFacts();
    const bundle = join(folder, 'rollcall.js');
    const { packages: bundled } = await writeBundle(bundle);
    await mkdir(output, { recursive: true });
    for (const target of targets) {
      await writeExecutable({ target, bundle, source, folder, output: join(output, target.file) });
      if (target.name.startsWith('win-')) await signer.windows(join(output, target.file));
    }
    const locked = await readLockFile();
    const names = bundled.map((place) => `${locked.get(place)?.name}@${locked.get(place)?.version}`);
    await writeFile(join(output, 'rollcall.cdx.json'), await makeSbom(source, names));
    // All platforms have the same Node, and its licence is installed with the machine's own.
    const nodePackage = ownTarget()?.nodePackage;
    const licensed = [...(nodePackage === undefined ? [] : [`node_modules/${nodePackage}`]), ...bundled];
    await writeFile(join(output, 'LICENCES.txt'), await collectLicences(licensed));
    const packages = options.packages
      ? [...(await writeLinuxPackages(options, source)), ...(await writeWindowsPackages({ ...options, folder }, source))]
      : [];
    const files = [...targets.map(({ file }) => file), ...packages, 'rollcall.cdx.json', 'LICENCES.txt'];
    await writeFile(join(output, 'SHA256SUMS'), await checksumsOf(output, files));
    const isSigned = await signer.beside(join(output, 'SHA256SUMS'));
    return [...files, 'SHA256SUMS', ...(isSigned ? ['SHA256SUMS.asc'] : [])];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
