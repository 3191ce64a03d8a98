import { matchUsers } from './match/match-users.ts';
import type { OrganizationState } from './model/state.ts';
import { judgeCanaryNow } from './plan/canary-now.ts';
import { contactChanges, type UserPlan } from './plan/contact-changes.ts';
import { decisionsOf } from './plan/decisions.ts';
import { finishPlan } from './plan/finish-plan.ts';
import { observedStates } from './plan/observed.ts';
import { overlayChanges } from './plan/overlay-changes.ts';
import { makePlanContext } from './plan/plan-context.ts';
import { pushChanges } from './plan/push-changes.ts';
import type { Reconciled, ReconcileInput } from './reconcile-input.ts';

/**
 * The way of the data within one organization: directory users → matches → wanted contacts → plan. Pure: the same input gives the
 * same plan, so that `plan` shows what `sync` does (A1).
 */
export function reconcile(input: ReconcileInput): Reconciled {
  // The watch does not see enough to judge the canary, and is no plan of the organization.
  const organizationState: OrganizationState =
    input.watch === undefined
      ? { ...input.organizationState, canary: judgeCanaryNow(input), lastPlanAt: input.now }
      : input.organizationState;
  const context = makePlanContext({ ...input, organizationState });
  const matched = matchUsers({
    users: input.users,
    contacts: input.contacts,
    states: input.userStates,
    lost: input.lost,
    matchByName: input.settings.contacts.matchByName,
  });

  const all = contactChanges(context, matched);
  const contacts = input.pushRequest === null && input.watch === undefined ? all : all.map(untouched);
  const pushes = pushChanges(context, contacts);
  const overlays = input.watch === undefined ? overlayChanges(context, contacts) : [];
  const plan = finishPlan(context, { contacts, pushes, overlays });

  return {
    plan,
    decisions: decisionsOf(contacts, pushes, plan),
    contactViews: pushes.flatMap(({ contact, view }) =>
      contact === null ? [] : [{ contactId: contact.id, label: contact.name, psa: view }],
    ),
    observed: observedStates(context, contacts, pushes),
  };
}

/** P5 pushes contacts as they are, and the watch brings into step what is there: the directory has no say in it. */
function untouched(plan: UserPlan): UserPlan {
  return { ...plan, match: null, create: null, update: null, want: null };
}
