import type { Moment } from '../../core/model/time.ts';
import { releaseFacts } from './release-facts.ts';
import { readUpgradeFiles, upgradeFolder } from './upgrade-files.ts';

/** A release that was given up, so that the one before it runs. */
export interface RefusedRelease {
  readonly release: string;
  /** The one that speaks; `null`: a checkout. */
  readonly own: string | null;
  readonly since: Moment;
  /** What it found itself; `null`: it ended before it could say. */
  readonly unwell: { readonly code: string; readonly message: string } | null;
  /** What made whoever starts the service give it up. */
  readonly reason: string | null;
  /** Where all of it is written down. */
  readonly folder: string;
}

/** Never throws. */
export async function refusedRelease(stateDirectory: string): Promise<RefusedRelease | null> {
  const { refused, unwell } = await readUpgradeFiles(stateDirectory);
  if (refused === null) return null;
  const { own, confirmed } = await releaseFacts(stateDirectory);
  if (refused.release === own || refused.release === confirmed) return null;
  return {
    release: refused.release,
    own,
    since: refused.at,
    unwell: unwell?.release === refused.release ? { code: unwell.code, message: unwell.message } : null,
    reason: refused.reason,
    folder: upgradeFolder(stateDirectory),
  };
}
