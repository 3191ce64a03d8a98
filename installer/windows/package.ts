import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import type { Signer } from '../signing/signer.ts';
import type { SourceFacts } from '../source-facts.ts';
import { compileNativeParts } from './compile.ts';
import { writeMsi } from './msi.ts';

interface WindowsPackageOptions {
  /** The executable for Windows, signed where it is to be. */
  readonly executable: string;
  readonly licences: string;
  readonly source: SourceFacts;
  readonly release: string;
  /** For files on the way. */
  readonly folder: string;
  readonly output: string;
  readonly signer: Signer;
}

/** Makes the MSI, and beside it the service's host, which `rollcall service install` needs without an MSI. Resolves with their names. */
export async function packageForWindows(options: WindowsPackageOptions): Promise<readonly string[]> {
  const { source, folder, output, signer } = options;
  const native = await compileNativeParts({ folder, hostFolder: output });
  for (const file of Object.values(native)) await signer.windows(file);
  const msi = `rollcall-${manifest.version}-x64.msi`;
  await writeMsi({
    ...native,
    executable: options.executable,
    licences: options.licences,
    version: manifest.version,
    release: options.release,
    date: source.date,
    output: join(output, msi),
  });
  await signer.windows(join(output, msi));
  return ['rollcall-service.exe', msi];
}
