import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import { run } from '../run.ts';

const compiler = 'x86_64-w64-mingw32-gcc';
const folder = join(repository, 'installer', 'windows');
const dialect = ['-std=c17', '-Os', '-s', '-static', '-D_WIN32_WINNT=0x0A00', '-DUNICODE', '-D__USE_MINGW_ANSI_STDIO=1'];
const warnings = ['-Wall', '-Wextra', '-Werror', '-Wshadow', '-Wconversion', '-Wformat=2'];
/** No time in the file, so that two builds are the same, and the protections that Windows has for those who ask. */
const linked = ['-Wl,--no-insert-timestamp', '-Wl,--dynamicbase', '-Wl,--nxcompat', '-Wl,--high-entropy-va'];

/** What is written in C: the service's host, the command in a shell, and the actions of the MSI. */
export interface NativeParts {
  readonly host: string;
  readonly launcher: string;
  readonly customActions: string;
}

/** Compiles the C parts into folders; two builds give the same bytes. Rejects with the compiler's words, of which a warning is one. */
export async function compileNativeParts(to: { readonly folder: string; readonly hostFolder: string }): Promise<NativeParts> {
  const sources = (await readdir(join(folder, 'host'))).filter((file) => file.endsWith('.c')).sort();
  const host = join(to.hostFolder, 'rollcall-service.exe');
  const launcher = join(to.folder, 'rollcall-launcher.exe');
  const customActions = join(to.folder, 'rollcall-actions.dll');
  await compile(['-municode', '-o', host, ...sources.map((file) => `host/${file}`)]);
  await compile(['-municode', '-o', launcher, 'launcher/main.c', 'host/release.c', 'host/text.c']);
  // Else the linker makes the address of the file's path.
  await compile([
    '-shared',
    '-Wl,--image-base=0x180000000',
    '-o',
    customActions,
    'custom-actions/custom-actions.c',
    'host/text.c',
    '-lmsi',
  ]);
  return { host, launcher, customActions };
}

/** Compiles with the settings of the product, in the folder installer/windows. */
export async function compile(words: readonly string[]): Promise<void> {
  try {
    await run(compiler, [...dialect, ...warnings, ...linked, ...words], { cwd: folder });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('ENOENT')) throw error;
    throw new Error(`${compiler} is not there: install the package gcc-mingw-w64-x86-64-posix.`, { cause: error });
  }
}
