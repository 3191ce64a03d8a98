import { join } from 'node:path';
import { releaseId } from '../../agent/build-facts.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { Signer } from '../signing/signer.ts';
import type { SourceFacts } from '../source-facts.ts';
import type { Target } from '../targets.ts';
import { debianArchitectures, writeDeb } from './deb.ts';
import { rpmArchitectures, writeRpm } from './rpm.ts';
import { writeTarball } from './tarball.ts';

/** Makes .deb, .rpm and tarball of the executables for Linux in a folder that has them and `LICENCES.txt`; resolves with their names. */
export async function writeLinuxPackages(
  { targets, output, signer }: { readonly targets: readonly Target[]; readonly output: string; readonly signer: Signer },
  source: SourceFacts,
): Promise<readonly string[]> {
  const { version } = manifest;
  const made: string[] = [];
  for (const { name, file } of targets) {
    const debian = debianArchitectures[name];
    const rpm = rpmArchitectures[name];
    if (debian === undefined || rpm === undefined) continue;
    const parts = {
      executable: join(output, file),
      licences: join(output, 'LICENCES.txt'),
      version,
      release: releaseId({ version, ...source }),
      date: source.date,
    };
    const names = [`rollcall_${version}_${debian}.deb`, `rollcall-${version}-1.${rpm}.rpm`, `rollcall-${version}-${name}.tar.gz`] as const;
    const [debFile, rpmFile, tarball] = [join(output, names[0]), join(output, names[1]), join(output, names[2])];
    // Each of them compresses by one thread, so that it comes out the same everywhere.
    await Promise.all([
      writeDeb({ ...parts, architecture: debian, output: debFile }),
      writeRpm({ ...parts, architecture: rpm, output: rpmFile }),
      writeTarball({ ...parts, target: name, output: tarball }),
    ]);
    await signer.deb(debFile);
    await signer.rpm(rpmFile);
    made.push(...names);
  }
  return made;
}
