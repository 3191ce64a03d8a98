import process from 'node:process';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { buildFacts } from '../build-facts.ts';
import { version } from '../version.ts';

/** The program that runs: what `service install` makes a service of. */
export type OwnProgram =
  | { readonly kind: 'executable'; readonly file: string; readonly release: string }
  | { readonly kind: 'checkout'; readonly node: string; readonly main: string };

export function ownProgram(): OwnProgram {
  if (isSea() && buildFacts !== null) {
    const { commit, modified } = buildFacts;
    const release = `${version}+${commit.slice(0, 12)}${modified ? '.modified' : ''}`;
    return { kind: 'executable', file: process.execPath, release };
  }
  return { kind: 'checkout', node: process.execPath, main: fileURLToPath(new URL('../main.ts', import.meta.url)) };
}
