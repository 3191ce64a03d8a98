import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Plugin } from 'esbuild';
import { bringBaseTarball } from '../../installer/base-binary.ts';
import { writeBundle } from '../../installer/bundle.ts';
import { writeExecutable } from '../../installer/executable.ts';
import { readSourceFacts, type SourceFacts } from '../../installer/source-facts.ts';
import { ownTarget, type Target, targets } from '../../installer/targets.ts';

/** The executable of this machine, built from the sources as they are. */
export interface BuiltExecutable extends Disposable {
  readonly file: string;
  readonly target: Target;
  readonly source: SourceFacts;
}

export interface BuildChange {
  /** In place of the checkout's. */
  readonly source?: Partial<SourceFacts>;
  readonly plugins?: readonly Plugin[];
  /** In place of this machine's: `win-x64` and its like. */
  readonly targetName?: string;
}

export async function buildExecutable({ source: changed = {}, plugins = [], targetName }: BuildChange = {}): Promise<BuiltExecutable> {
  const target = targetName === undefined ? ownTarget() : targets.find(({ name }) => name === targetName);
  if (target == null) throw new Error('no executable is made for this platform');
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-executable-'));
  const source = { ...(await readSourceFacts()), ...changed };
  const bundle = join(folder, 'rollcall.js');
  const file = join(folder, target.file);
  await writeBundle(bundle, plugins);
  await writeExecutable({ target, bundle, source, folder, output: file });
  return { file, target, source, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Why no executable can be built here, said on standard error too; `null` when one can. Where the environment says CI, it is a failure. */
export async function executableMissing(suite: string): Promise<string | null> {
  const reason = await reasonAgainst();
  if (reason === null) return null;
  if ((process.env['CI'] ?? '') !== '') throw new Error(`${suite}: ${reason}; CI needs it`);
  process.stderr.write(`SKIPPED: ${suite}: ${reason}\n`);
  return reason;
}

async function reasonAgainst(): Promise<string | null> {
  const target = ownTarget();
  if (target === null) return 'no executable is made for this platform';
  if (spawnSync('tar', ['--version']).status !== 0) return 'tar cannot be run';
  try {
    await bringBaseTarball(target);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
