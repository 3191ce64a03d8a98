import manifest from '../package.json' with { type: 'json' };
import type { SourceFacts } from './source-facts.ts';

/** The release id of what is built, `0.1.0+1a2b3c4d5e6f`: the text that an installation holds beside its executable. */
export function releaseOf({ commit, modified }: SourceFacts, version: string = manifest.version): string {
  return `${version}+${commit.slice(0, 12)}${modified ? '.modified' : ''}`;
}
