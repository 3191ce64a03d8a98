import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { buildFacts, releaseId } from '../build-facts.ts';
import { version } from '../version.ts';

/** The program that runs: what `service install` makes a service of. */
export type OwnProgram =
  | { readonly kind: 'executable'; readonly file: string; readonly release: string }
  | { readonly kind: 'checkout'; readonly node: string; readonly main: string };

export function ownProgram(): OwnProgram {
  if (isSea() && buildFacts !== null) {
    return { kind: 'executable', file: process.execPath, release: releaseId({ version, ...buildFacts }) };
  }
  return { kind: 'checkout', node: process.execPath, main: fileURLToPath(new URL('../main.ts', import.meta.url)) };
}
