import { run } from './run.ts';
import { ownTarget, type Target } from './targets.ts';

/** Debian's packages that bring the programs. */
const programs: Readonly<Record<string, { readonly program: string; readonly from: string }>> = {
  'linux-x64': { program: 'x86_64-linux-gnu-strip', from: 'binutils-x86-64-linux-gnu' },
  'linux-arm64': { program: 'aarch64-linux-gnu-strip', from: 'binutils-aarch64-linux-gnu' },
};

/**
 * Takes the symbols of a Node for Linux out of its file: a quarter of it, which nothing reads. Before the program is put in: afterwards it
 * would not run. Rejects with the name of what has to be installed.
 */
export async function stripSymbols(target: Target, file: string): Promise<void> {
  const foreign = programs[target.name];
  if (foreign === undefined) return;
  const { program, from } = target === ownTarget() ? { program: 'strip', from: 'binutils' } : foreign;
  try {
    await run(program, [file]);
  } catch (error) {
    throw new Error(`${target.file} needs ${program} (apt-get install ${from}): ${String(error)}`, { cause: error });
  }
}
