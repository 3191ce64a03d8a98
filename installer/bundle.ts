import { build, type Plugin } from 'esbuild';
import { repository } from './repository.ts';

/** The program as one file. */
export interface Bundle {
  /** The folders of the packages in it, `node_modules/pg` and its like, sorted. */
  readonly packages: readonly string[];
  /** The own files in it. */
  readonly sources: readonly string[];
}

/** In an executable `__filename` is the executable itself. */
const ownUrl = "const executableUrl = require('node:url').pathToFileURL(__filename).href;";

/**
 * Writes the program with all its packages into one file, as CommonJS: an executable starts that in three quarters of the time of ESM.
 * `plugins` are for tests, which build releases that differ.
 */
export async function writeBundle(file: string, plugins: readonly Plugin[] = []): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: ['agent/main.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node}`,
    // Names stay: errors are told by theirs.
    minifyWhitespace: true,
    minifySyntax: true,
    // They are listed beside the executable, whole.
    legalComments: 'none',
    define: { 'import.meta.url': 'executableUrl' },
    banner: { js: ownUrl },
    // pg works without it, and asks for it only when told to.
    external: ['pg-native'],
    plugins: [...plugins],
    metafile: true,
    logLevel: 'warning',
  });
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs: parts }) => Object.keys(parts));
  const packages = inputs.flatMap((input) => /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return {
    packages: [...new Set(packages)].sort(),
    sources: inputs.filter((input) => !input.includes('node_modules/')).sort(),
  };
}
