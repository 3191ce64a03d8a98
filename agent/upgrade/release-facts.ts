import type { ReleaseFacts } from '../../core/upgrade/standing.ts';
import { buildFacts, releaseId } from '../build-facts.ts';
import { version } from '../version.ts';
import { installedRelease } from './program-folder.ts';
import { readUpgradeFiles } from './upgrade-files.ts';

/** What this process is to know of its own release and of those beside it; reads a few small files, and never throws. */
export async function releaseFacts(stateDirectory: string): Promise<ReleaseFacts> {
  const own = buildFacts === null ? null : await installedRelease(process.execPath, releaseId({ version, ...buildFacts }));
  const { confirmed, refused } = await readUpgradeFiles(stateDirectory);
  return {
    own: own?.release ?? null,
    isPrevious: own?.isPrevious ?? false,
    hasPrevious: own?.hasPrevious ?? false,
    confirmed,
    refused: refused?.release ?? null,
  };
}
