import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { UserId } from '../model/ids.ts';
import type { Change } from '../model/plan.ts';
import type { UserPlan } from './contact-changes.ts';
import type { PlanContext } from './plan-context.ts';

const inactive: ReadonlySet<AdStatus> = new Set<AdStatus>(['Disabled', 'Expired', 'Gone']);

/**
 * Users who became Disabled, Expired or Gone since the last plan that was applied, whatever is then written for them, and leavers
 * whom this plan acts on (A3, E8): those may have left long before the setting was made, or its days were over. A user that no
 * applied plan knew has not become anything.
 */
export function deactivations(
  context: PlanContext,
  { contacts, changes }: { readonly contacts: readonly UserPlan[]; readonly changes: readonly Change[] },
): readonly DirectoryUser[] {
  const actedOn = leaversActedOn(contacts, changes);
  return context.users.filter((user) => {
    if (actedOn.has(user.id)) return true;
    const before = context.userStatesById.get(user.id)?.appliedStatus ?? null;
    return before !== null && !inactive.has(before) && inactive.has(context.statusOf(user));
  });
}

function leaversActedOn(contacts: readonly UserPlan[], changes: readonly Change[]): ReadonlySet<UserId> {
  const acting = new Map<UserId, string>();
  for (const { user, leaver, choice } of contacts) if (leaver?.acts === true) acting.set(user.id, choice.rule);
  if (acting.size === 0) return new Set();
  return new Set(
    changes.flatMap((change) => {
      if (change.user === null) return [];
      const isTyped = change.kind === 'update' && change.patch.contactTypeId !== undefined && acting.get(change.user) === 'E8';
      return isTyped || (change.kind === 'psa-update' && change.patch.active === false) ? [change.user] : [];
    }),
  );
}
