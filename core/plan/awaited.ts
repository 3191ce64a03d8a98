import { clockText, durationText } from '../eligibility/awaited-push.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { PlanObservations } from '../model/plan.ts';
import type { Moment } from '../model/time.ts';
import type { PlanContext } from './plan-context.ts';
import type { PushPlan } from './push-changes.ts';

/** How many names a sentence holds. */
const namesShown = 5;

type Awaits = Pick<PlanObservations, 'awaits' | 'awaitsOf' | 'notSeen'>;

/** What is to be remembered of the contacts that IT Glue is to push by itself (P10). */
export function observeAwaited(context: PlanContext, pushes: readonly PushPlan[]): Awaits {
  const { psa, settings, pushRequest } = context;
  if (psa === null || pushRequest !== null || context.watch !== undefined) return {};
  const isItGlues = settings.psa.push === 'it-glue';
  const awaits: Record<ContactId, 'awaited' | 'arrived' | 'not'> = {};
  const awaitsOf: UserId[] = [];
  for (const { contact, userPlan, view, awaited } of pushes) {
    if (contact === null) {
      if (awaited !== null && userPlan !== null) awaitsOf.push(userPlan.user.id);
      continue;
    }
    const state = context.contactStatesById.get(contact.id);
    const since = state?.awaitedSince ?? null;
    const isThere = view.state === 'linked' || view.state === 'pushed';
    if (isThere) {
      if (since !== null || (isItGlues && state?.pushWant != null)) awaits[contact.id] = 'arrived';
    } else if (awaited !== null) {
      if (since === null) awaits[contact.id] = 'awaited';
    } else if (since !== null && isItGlues) {
      awaits[contact.id] = 'not';
    }
  }
  const overdue = overdueOf(pushes).length;
  return {
    ...(Object.keys(awaits).length === 0 ? {} : { awaits }),
    ...(awaitsOf.length === 0 ? {} : { awaitsOf }),
    ...(overdue === 0 ? {} : { notSeen: { contacts: overdue, psa: psa.displayName } }),
  };
}

/** What a plan tells of IT Glue's own push: what did not come in time, and how many are on their way. */
export function awaitedNotices({ psa, settings, pushRequest }: PlanContext, pushes: readonly PushPlan[]): readonly string[] {
  if (psa === null || settings.psa.push !== 'it-glue') return [];
  const { displayName } = psa;
  if (pushRequest !== null) return [`psa.push is "it-glue": IT Glue pushes to ${displayName}, rollcall pushes nothing there by itself`];
  const overdue = overdueOf(pushes);
  const onTheWay = pushes.filter((push) => push.awaited !== null).length - overdue.length;
  const notices = onTheWay === 0 ? [] : [`IT Glue is to push ${counted(onTheWay)} to ${displayName} by itself; each sync looks for them`];
  const [longest] = overdue;
  if (longest === undefined) return notices;
  const names = overdue.slice(0, namesShown).map(({ label }) => label);
  const more = overdue.length > names.length ? ` and ${overdue.length - names.length} more` : '';
  const first = `since ${clockText(longest.since)}, ${durationText(longest.waited)}`;
  const unlinked =
    psa.companyHow === null || psa.companyHow.includes('IT Glue') ? '' : `; IT Glue may not link the organization with ${displayName}`;
  return [
    `PSA_PUSH_NOT_SEEN: IT Glue has not pushed ${counted(overdue.length)} to ${displayName} (${names.join(', ')}${more}), the first ${first}${unlinked}`,
    ...notices,
  ];
}

function overdueOf(pushes: readonly PushPlan[]): readonly { readonly label: string; readonly since: Moment; readonly waited: number }[] {
  return pushes
    .flatMap(({ contact, userPlan, awaited }) =>
      awaited === null || !awaited.isOverdue || awaited.since === null
        ? []
        : [{ label: userPlan?.label ?? contact?.name ?? '', since: awaited.since, waited: awaited.waited }],
    )
    .toSorted((one, other) => one.since - other.since);
}

function counted(count: number): string {
  return `${count} contact${count === 1 ? '' : 's'}`;
}
