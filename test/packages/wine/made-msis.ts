import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileNativeParts } from '../../../installer/windows/compile.ts';
import { writeMsi } from '../../../installer/windows/msi.ts';
import { buildNewRelease, buildOldRelease } from '../../e2e/upgrade/releases.ts';

export interface MadeMsi {
  readonly release: string;
  readonly version: string;
  readonly executable: string;
  readonly file: string;
}

/** The MSI of two releases: an old one, and a new one that can be told to be unwell (see releases.ts). */
export interface MadeMsis extends AsyncDisposable {
  readonly old: MadeMsi;
  readonly fresh: MadeMsi;
  /** Makes one of them again. */
  again(of: MadeMsi, file: string): Promise<void>;
}

export async function makeMsis(): Promise<MadeMsis> {
  await using open = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-msis-'));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  const licences = join(folder, 'LICENCES.txt');
  await writeFile(licences, 'licences of others\n');
  const native = await compileNativeParts({ folder, hostFolder: folder });
  const build = async (builder: typeof buildOldRelease, version: string): Promise<MadeMsi> => {
    const { file: executable, release, [Symbol.dispose]: dispose } = await builder({ targetName: 'win-x64' });
    open.defer(dispose);
    return { release, version, executable, file: join(folder, `${version}.msi`) };
  };
  const again = ({ executable, release, version }: MadeMsi, file: string): Promise<void> =>
    writeMsi({ ...native, executable, licences, version, release, date: '2026-11-02T08:00:00Z', output: file });
  const old = await build(buildOldRelease, '1.0.0');
  const fresh = await build(buildNewRelease, '1.1.0');
  await again(old, old.file);
  await again(fresh, fresh.file);
  const owned = open.move();
  return { old, fresh, again, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
