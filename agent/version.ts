import packageFile from '../package.json' with { type: 'json' };
import { type BuildFacts, buildFacts } from './build-facts.ts';

/** The program's version. */
export const version: string = packageFile.version;

/** `0.1.0` in a checkout, `0.1.0 (63dcffe015, built 2026-11-22, linux-x64)` in the executable. */
export function versionText(build: BuildFacts | null = buildFacts): string {
  if (build === null) return version;
  const commit = `${build.commit.slice(0, 10)}${build.modified ? ' with changes' : ''}`;
  return `${version} (${commit}, built ${build.date.slice(0, 10)}, ${build.target})`;
}
