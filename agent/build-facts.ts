import { getAsset, isSea } from 'node:sea';

/** What the build wrote into the executable. */
export interface BuildFacts {
  /** In full. */
  readonly commit: string;
  /** Files of the checkout differed from the commit. */
  readonly modified: boolean;
  /** RFC 3339; the commit's, or what `SOURCE_DATE_EPOCH` said. */
  readonly date: string;
  /** `linux-x64` and its like. */
  readonly target: string;
}

/** The name under which the executable holds its facts. */
export const buildFactsAsset = 'build.json';

/** `null` in a checkout. */
export const buildFacts: BuildFacts | null = isSea() ? (JSON.parse(getAsset(buildFactsAsset, 'utf8')) as BuildFacts) : null;

/** Tells releases apart: `0.1.0+1a2b3c4d5e6f`, with `.modified` where files of the checkout differed. Packages install it as the file `release`. */
export function releaseId({
  version,
  commit,
  modified,
}: {
  readonly version: string;
  readonly commit: string;
  readonly modified: boolean;
}): string {
  return `${version}+${commit.slice(0, 12)}${modified ? '.modified' : ''}`;
}
