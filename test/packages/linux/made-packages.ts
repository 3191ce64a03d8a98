import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDeb } from '../../../installer/linux/deb.ts';
import { writeRpm } from '../../../installer/linux/rpm.ts';
import { writeTarball } from '../../../installer/linux/tarball.ts';
import type { PackageParts } from '../../../installer/linux/tree.ts';
import { buildNewRelease, buildOldRelease } from '../../e2e/upgrade/releases.ts';

/** The same packages of two releases: an old one, and a new one that can be told to be unwell (see releases.ts). */
export interface MadePackages extends AsyncDisposable {
  readonly old: MadeRelease;
  readonly fresh: MadeRelease;
}

export interface MadeRelease {
  readonly release: string;
  readonly version: string;
  readonly executable: string;
  /** The file of the package. */
  readonly file: string;
}

const makers = {
  deb: (parts: PackageParts) => writeDeb({ ...parts, architecture: 'amd64' }),
  rpm: (parts: PackageParts) => writeRpm({ ...parts, architecture: 'x86_64' }),
  tarball: (parts: PackageParts) => writeTarball({ ...parts, target: 'linux-x64' }),
} as const;

export async function makePackages(kind: keyof typeof makers): Promise<MadePackages> {
  await using open = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-packages-'));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  const licences = join(folder, 'LICENCES.txt');
  await writeFile(licences, 'licences of others\n');
  const build = async (builder: typeof buildOldRelease, version: string): Promise<MadeRelease> => {
    const { file: executable, release, [Symbol.dispose]: dispose } = await builder();
    open.defer(dispose);
    return { release, version, executable, file: join(folder, `${version}.${kind}`) };
  };
  const old = await build(buildOldRelease, '1.0.0');
  const fresh = await build(buildNewRelease, '1.1.0');
  const make = ({ executable, release, version, file }: MadeRelease): Promise<void> =>
    makers[kind]({ executable, licences, version, release, date: '2026-11-02T08:00:00Z', output: file });
  await Promise.all([make(old), make(fresh)]);
  const owned = open.move();
  return { old, fresh, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
