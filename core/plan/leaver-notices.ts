import type { PlanContext } from './plan-context.ts';
import { activeField } from './psa-updates.ts';
import type { PushPlan } from './push-changes.ts';

/** What stands in the way of the rules about contact types: a type that IT Glue lacks, a group that no read knows (E8, E10). */
export function typeNotices({ typeRules, users }: PlanContext): readonly string[] {
  const unknown = typeRules.unknown.map(
    ({ name, settings }) =>
      `ITGLUE_CONTACT_TYPE_NOT_FOUND: IT Glue has no contact type "${name}" (${settings.join(', ')}), so no contact gets it; all else goes on`,
  );
  if (typeRules.groups.size === 0) return unknown;
  const read = new Set<string>();
  for (const list of new Set(users.map((user) => user.groupsRead))) for (const group of list) read.add(group);
  const unread = [...typeRules.groups].filter(([key]) => !read.has(key));
  return [
    ...unknown,
    ...unread.map(
      ([, group]) =>
        `The members of ${group} (contacts.contactTypeRules) are not known yet, so its rule decides nothing: the next read of its domain asks for them`,
    ),
  ];
}

/** Users who came back and whose PSA contact stays inactive (E8). */
export function leaverNotices(pushes: readonly PushPlan[], displayName: string): readonly string[] {
  const back = pushes.filter(({ conflicts }) => conflicts.some(({ field, ours }) => field === activeField && ours === 'active'));
  if (back.length === 0) return [];
  const names = back.slice(0, 5).map(({ userPlan }) => userPlan?.label ?? '');
  return [
    `${back.length} ${back.length === 1 ? 'user' : 'users'} came back (${names.join(', ')}): rollcall made the contact inactive in ${displayName} and does not make it active again; do that there`,
  ];
}
