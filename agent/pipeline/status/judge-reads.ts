import type { Moment } from '../../../core/model/time.ts';
import type { ReadRecord } from '../../../core/ports/store.ts';
import { isRefusedSignIn, refusedFinding } from './judge-sign-in.ts';
import type { OrganizationFacts } from './organization-facts.ts';
import { type Finding, knownCode, spanText } from './problem.ts';

export type ReadSource = Pick<ReadRecord, 'collector' | 'directory'>;

/** Users who are gone for longer are a fact that somebody has looked at. */
export const vanishedWithinMs = 7 * 86_400_000;
const fewUsers = 10;
const shareOfUsers = 0.05;

/** Directories whose newest read failed, was not proven, or showed nobody. `isRead`: whether the configuration still names them. */
export function judgeReads(
  { reads, refused }: OrganizationFacts,
  now: Moment,
  isRead: (source: ReadSource) => boolean,
): readonly Finding[] {
  return reads.flatMap(({ latest, latestComplete, latestFull }): readonly Finding[] => {
    const { directory, outcome, startedAt } = latest;
    if (!isRead(latest)) return [];
    const place = { directory };
    // That nothing changed since is what most reads of changes bring (C9).
    if (outcome === 'complete' && latest.proof?.users === 0 && latestFull?.proof?.users === 0) {
      const message = `The last read of directory ${directory} showed no user.`;
      const hint = 'Check the search bases, the filter and the groups, and that the account may read the users ("rollcall doctor").';
      return [{ code: 'DIRECTORY_RIGHTS', severity: 'degraded', message, hint, since: startedAt, place }];
    }
    if (outcome !== 'failed' && outcome !== 'incomplete') return [];
    const good = latestComplete === null ? 'none was good yet' : `the last good one was ${spanText(now - ended(latestComplete))} ago`;
    if (isRefusedSignIn(latest.error)) {
      const known = refused.get(latest.id);
      if (known !== undefined) return [refusedFinding(directory, known, now)];
    }
    const message = `The last read of directory ${directory} ${outcome === 'failed' ? 'failed' : 'is not proven complete'}; ${good}.`;
    const since = latestComplete === null ? startedAt : ended(latestComplete);
    return [{ code: knownCode(latest.error, 'DIRECTORY_INCOMPLETE'), severity: 'failed', message, since, place }];
  });
}

/**
 * Many users who are in no read any more. Single ones leave every day; many within days look like lost rights or a moved OU, and
 * nothing else tells the two apart.
 */
export function judgeAbsence({ counts }: OrganizationFacts): readonly Finding[] {
  const limit = Math.max(fewUsers, Math.floor(counts.users * shareOfUsers));
  if (counts.vanished <= limit) return [];
  const message = `${counts.vanished} of ${counts.users} users left the reads within ${spanText(vanishedWithinMs)}. Their contacts stay as they are.`;
  return [{ code: 'DIRECTORY_USERS_MISSING', severity: 'degraded', message, since: null }];
}

function ended(read: { readonly finishedAt: Moment | null; readonly startedAt: Moment }): Moment {
  return read.finishedAt ?? read.startedAt;
}
