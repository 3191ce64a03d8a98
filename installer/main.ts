import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { buildAll } from './build.ts';
import { repository } from './repository.ts';
import { readSigningSettings } from './signing/settings.ts';
import { createSigner } from './signing/signer.ts';
import { targets } from './targets.ts';

/** `node installer/main.ts [--target NAME]… [--output FOLDER] [--packages] [--signing FILE]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      output: { type: 'string' },
      packages: { type: 'boolean' },
      signing: { type: 'string' },
    },
  });
  const wanted = targets.filter(({ name }) => values.target === undefined || values.target.includes(name));
  const unknown = values.target?.filter((name) => !targets.some((target) => target.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`Unknown target ${unknown.join(', ')}; there are ${targets.map(({ name }) => name).join(', ')}.`);
  const output = values.output ?? join(repository, 'dist');
  const signer = createSigner(values.signing === undefined ? {} : await readSigningSettings(values.signing));
  const begun = performance.now();
  // A folder of one's own choice may hold other things.
  if (values.output === undefined) await rm(output, { recursive: true, force: true });
  for (const file of await buildAll({ targets: wanted, output, packages: values.packages ?? false, signer })) {
    const { size } = await stat(join(output, file));
    process.stdout.write(`${file.padEnd(36)} ${(size / 1_000_000).toFixed(1).padStart(7)} MB\n`);
  }
  process.stdout.write(`${output}, in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
}

await main();
