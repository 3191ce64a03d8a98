import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type BuildFacts, buildFactsAsset } from '../agent/build-facts.ts';
import { unpackBaseBinary } from './base-binary.ts';
import { run } from './run.ts';
import type { SourceFacts } from './source-facts.ts';
import { stripSymbols } from './strip.ts';
import { ownTarget, type Target } from './targets.ts';
import { withoutSignature } from './unsign.ts';

/** Puts the bundle, a file of `folder`, into the target's Node and writes the executable. `folder` is also for files on the way. */
export async function writeExecutable(options: {
  readonly target: Target;
  readonly bundle: string;
  readonly source: SourceFacts;
  readonly folder: string;
  readonly output: string;
}): Promise<void> {
  const { target, bundle, source, output } = options;
  const folder = join(options.folder, target.name);
  await mkdir(folder, { recursive: true });
  await mkdir(dirname(output), { recursive: true });
  const node = await unpackBaseBinary(target, folder);
  // What is added would leave a signature that no longer holds.
  if (target.name.startsWith('win-')) await writeFile(node, withoutSignature(await readFile(node)));
  await stripSymbols(target, node);
  const facts: BuildFacts = { ...source, target: target.name };
  await writeFile(join(folder, buildFactsAsset), JSON.stringify(facts));
  const config = {
    // Without its folder, which has another name each time: it is kept in the executable.
    main: basename(bundle),
    executable: node,
    output,
    disableExperimentalSEAWarning: true,
    // Compiled code fits only the platform that compiled it.
    useCodeCache: target === ownTarget(),
    // A variable of the environment does not change what a service runs.
    execArgvExtension: 'none',
    assets: { [buildFactsAsset]: join(folder, buildFactsAsset) },
  };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(config));
  // Compiled code holds hashes of its names: with a seed of their own, two builds would differ.
  await run(process.execPath, ['--random-seed=1', '--build-sea', join(folder, 'sea.json')], { cwd: dirname(bundle) });
}
