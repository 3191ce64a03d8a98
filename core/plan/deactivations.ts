import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { PlanContext } from './plan-context.ts';

const inactive: ReadonlySet<AdStatus> = new Set<AdStatus>(['Disabled', 'Expired', 'Gone']);

/**
 * Users who became Disabled, Expired or Gone since the last plan that was applied, whatever is then written for them (A3). A user
 * that no applied plan knew has not become anything.
 */
export function deactivations(context: PlanContext): readonly DirectoryUser[] {
  return context.users.filter((user) => {
    const before = context.userStatesById.get(user.id)?.appliedStatus ?? null;
    return before !== null && !inactive.has(before) && inactive.has(context.statusOf(user));
  });
}
