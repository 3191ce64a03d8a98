import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** All files that are, or are about to be, in the repository, by their paths with `/`. */
export function listFiles(): readonly string[] {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  return listed.stdout
    .split('\0')
    .filter((file) => file !== '' && existsSync(posix.join(root, file)))
    .sort();
}

export function readText(file: string): string {
  return readFileSync(posix.join(root, file), 'utf8');
}

/** One import of a source file: of another file of the repository (`target` is its path) or of a package. */
export interface Import {
  readonly from: string;
  readonly target: string;
  readonly isFile: boolean;
}

/** `import … from 'x'` and `export … from 'x'`, `import 'x'`, `import('x')`. */
const importWords = /^(?:import|export)\b[^;'"`]*?\bfrom\s*'([^']+)'|^import\s*'([^']+)'|\bimport\(\s*['"`]([^'"`]+)['"`]/gm;

/** Static, dynamic and type imports of the TypeScript files below `folder`. */
export function listImports(folder: string): readonly Import[] {
  return listFiles()
    .filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.ts'))
    .flatMap((from) =>
      [...readText(from).matchAll(importWords)].map(([, fromWords, bareWords, calledWords]) => {
        const words = fromWords ?? bareWords ?? calledWords ?? '';
        const isFile = words.startsWith('.');
        return { from, target: isFile ? posix.join(posix.dirname(from), words) : words, isFile };
      }),
    );
}

/** Runs a program of `node_modules/.bin` or the PATH; what it printed, and its exit code. */
export function runProgram(
  words: readonly string[],
  options: { readonly cwd?: string } = {},
): { readonly status: number | null; readonly output: string } {
  const [program = '', ...rest] = words;
  const ended = spawnSync(program, rest, {
    cwd: options.cwd ?? root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${posix.join(root, 'node_modules/.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env['PATH'] ?? ''}`,
    },
    shell: process.platform === 'win32',
  });
  return { status: ended.status, output: `${ended.stdout}${ended.stderr}${ended.error?.message ?? ''}` };
}
