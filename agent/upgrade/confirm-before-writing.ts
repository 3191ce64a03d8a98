import { hasToConfirm } from '../../core/upgrade/standing.ts';
import { releaseFacts } from './release-facts.ts';
import { confirmRelease } from './upgrade-files.ts';

/**
 * For a command that has the store open to write to it, so that its release is well enough: says so before anything is written. Whoever
 * would put an older state back waits for the same store, and asks again once it has it. Throws what the file system throws; then
 * nothing may be written.
 */
export async function confirmBeforeWriting(stateDirectory: string): Promise<void> {
  const facts = await releaseFacts(stateDirectory);
  if (facts.own !== null && hasToConfirm(facts)) await confirmRelease(stateDirectory, facts.own);
}
