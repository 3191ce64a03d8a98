import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { releaseId } from '../../../agent/build-facts.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { type BuiltExecutable, buildExecutable } from '../built-executable.ts';

/** An executable and the id that its package gives it. */
export interface BuiltRelease extends Disposable {
  readonly file: string;
  readonly release: string;
}

/** The present sources under an id of their own. */
export function buildOldRelease(target: { readonly targetName?: string } = {}): Promise<BuiltRelease> {
  return built(buildExecutable({ source: { commit: 'a'.repeat(40), modified: false }, ...target }));
}

/**
 * The same with one more migration, and harm on demand: `TEST_UPGRADE=PLACE:WHAT` makes the service `exit`, `throw` or `hang` at one
 * place. Hanging, it says so on standard error, in its own words.
 */
export function buildNewRelease(target: { readonly targetName?: string } = {}): Promise<BuiltRelease> {
  return built(buildExecutable({ source: { commit: 'b'.repeat(40), modified: false }, plugins: [changed], ...target }));
}

async function built(building: Promise<BuiltExecutable>): Promise<BuiltRelease> {
  const { file, source, [Symbol.dispose]: dispose } = await building;
  return { file, release: releaseId({ version: manifest.version, ...source }), [Symbol.dispose]: dispose };
}

/** What the new release says on standard error when it hangs. */
export function hangsAt(place: Place): string {
  return `harmed at ${place}`;
}

type Place = 'start' | 'configuration' | 'migration' | 'opened' | 'starting';

const harm = `function harm(place) {
  const [where, what] = (process.env.TEST_UPGRADE ?? '').split(':');
  if (where !== place) return;
  if (what === 'exit') process.exit(7);
  if (what === 'throw') throw new Error('harmed');
  require('node:fs').writeSync(2, 'harmed at ' + place + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
`;

interface Edit {
  readonly file: RegExp;
  readonly find: string;
  readonly put: string;
}

const newerStep = `{ id: 1000, name: 'of-the-test', up: async (db) => {
  await db.schema.alterTable('run').addColumn('of_the_test', 'text').execute();
  harm('migration');
} },
];`;

/** What differs from the present sources; a piece that is not found any more makes the build fail. */
const edits: readonly Edit[] = [
  { file: /agent\/main\.ts$/, find: 'const neededMajor', put: `if (process.argv.includes('run')) harm('start');\nconst neededMajor` },
  {
    file: /agent\/config\/load-config\.ts$/,
    find: 'const path = resolve(file);',
    put: `harm('configuration');\nconst path = resolve(file);`,
  },
  { file: /agent\/service\/service\.ts$/, find: 'await beforeReady();', put: `harm('starting');\n    await beforeReady();` },
  { file: /agent\/store\/migrations\/migrations\.ts$/, find: '];', put: newerStep },
  {
    file: /agent\/pipeline\/service-work\.ts$/,
    find: 'for (const organization of services.organizations) await',
    put: `harm('opened');\n  for (const organization of services.organizations) await`,
  },
];

const changed: Plugin = {
  name: 'of-the-test',
  setup(build) {
    for (const { file, find, put } of edits) {
      build.onLoad({ filter: file }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const at = text.lastIndexOf(find);
        if (at < 0) throw new Error(`${path} has no "${find}" any more`);
        return { contents: `${text.slice(0, at)}${put}${text.slice(at + find.length)}\n${harm}`, loader: 'ts' };
      });
    }
  },
};
