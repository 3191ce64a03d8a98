import type { AdStatus } from '../model/directory-user.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { Change, Conflict, Guard, OverlayChange, Plan, PlanObservations } from '../model/plan.ts';
import type { PushWant } from '../model/state.ts';
import { observeAwaited } from './awaited.ts';
import type { UserPlan } from './contact-changes.ts';
import { deactivations } from './deactivations.ts';
import { filledCreate, filledUpdate, fillingUpdate } from './fill-from-psa.ts';
import { contactFingerprint } from './fingerprint.ts';
import { countGuards } from './guards.ts';
import { labelOf, type PlanContext } from './plan-context.ts';
import { planHash } from './plan-hash.ts';
import { planNotices } from './plan-notices.ts';
import type { PushPlan } from './push-changes.ts';
import { letThroughNotice, standingApproval } from './standing-approval.ts';

interface Parts {
  readonly contacts: readonly UserPlan[];
  readonly pushes: readonly PushPlan[];
  readonly overlays: readonly OverlayChange[];
}

/** Puts the changes in the order in which they are applied, counts the guards, and says whether the plan is held (A1, A3). */
export function finishPlan(context: PlanContext, parts: Parts): Plan {
  const changes = context.pushRequest === null ? allChanges(parts) : parts.pushes.flatMap((push) => push.change ?? []);
  const fresh = changes.filter((change) => !context.wasApproved(change));
  const deactivated =
    context.pushRequest === null && context.watch === undefined ? deactivations(context, { contacts: parts.contacts, changes: fresh }) : [];
  const guards = countGuards({
    changes: fresh,
    limits: context.settings.limits,
    usersInScope: context.watch?.usersInScope ?? context.users.filter((user) => user.presence === 'present').length,
    deactivated: deactivated.map(labelOf),
  });
  const deactivatedIds = guards.some((guard) => guard.kind === 'deactivate' && guard.exceeded) ? deactivated.map((user) => user.id) : [];
  const hash = planHash(context.settings.organization, { changes, deactivated: deactivatedIds }, context.hash);
  const reasons = reasonsToHold(context, { changes, guards });
  const letThrough = isSync(context)
    ? standingApproval({
        reasons,
        guards,
        onboarded: context.organizationState.onboarded,
        policy: context.settings.limits.standingApproval,
      })
    : null;
  return {
    organization: context.settings.organization,
    madeAt: context.now,
    hash,
    changes,
    guards,
    held: reasons.length === 0 || letThrough !== null ? null : { reason: reasons.join(', '), hash },
    ...(letThrough === null ? {} : { letThrough }),
    conflicts: conflictsOf(parts).filter(({ contactId }) => isAsked(context, contactId)),
    notices: [...planNotices(context, parts), ...(letThrough === null ? [] : [letThroughNotice(letThrough)])],
    observations: observationsOf(context, parts),
  };
}

function allChanges({ contacts, pushes, overlays }: Parts): readonly Change[] {
  const fillings = new Map<string, PushPlan>();
  for (const push of pushes) if (push.filled !== null) fillings.set(push.contact?.id ?? push.userPlan?.user.id ?? '', push);

  const matches = contacts.flatMap((plan) => plan.match ?? []);
  const creates = contacts.flatMap((plan) => (plan.create === null ? [] : [filledCreate(plan.create, fillings.get(plan.user.id))]));
  const updates = contacts.flatMap((plan) => (plan.update === null ? [] : filledUpdate(plan.update, fillings.get(plan.update.contactId))));
  const updated = new Set(contacts.flatMap((plan) => plan.update?.contactId ?? []));
  const onlyFilled = [...fillings.values()].flatMap((push) =>
    push.contact === null || updated.has(push.contact.id) ? [] : [fillingUpdate(push)],
  );
  const pushed = pushes.flatMap((push) => push.change ?? []);
  return [...matches, ...creates, ...updates, ...onlyFilled.filter((update) => update !== null), ...pushed, ...overlays];
}

/** Neither a look of the watch, which leaves what is held to a sync, nor a push of chosen contacts. */
function isSync({ pushRequest, watch }: PlanContext): boolean {
  return pushRequest === null && watch === undefined;
}

function reasonsToHold(
  context: PlanContext,
  { changes, guards }: { readonly changes: readonly Change[]; readonly guards: readonly Guard[] },
): readonly string[] {
  const reasons: string[] = [];
  const { organizationState, settings, psa } = context;
  if (context.pushRequest === null) {
    if (!organizationState.onboarded && settings.limits.firstRun === 'hold' && changes.length > 0) reasons.push('onboarding');
    reasons.push(...guards.filter((guard) => guard.exceeded).map((guard) => guard.kind));
  }
  if (psa !== null && settings.psa.push === 'direct' && organizationState.canary?.state === 'tripped') reasons.push('PSA_DOUBLE_PUSH');
  return reasons;
}

/** Who pushes chosen contacts is told of them alone (P5). */
function isAsked({ pushRequest }: PlanContext, contact: ContactId | null): boolean {
  return pushRequest === null || pushRequest.all || (contact !== null && pushRequest.contactIds.includes(contact));
}

function conflictsOf({ contacts, pushes }: Parts): readonly Conflict[] {
  // What goes to the PSA by this plan comes back to IT Glue from there (E9).
  const onTheWay = new Map<ContactId, ReadonlySet<string> | 'all'>();
  for (const { contact, change } of pushes) {
    if (contact === null || change === null) continue;
    if (change.kind === 'psa-update') onTheWay.set(contact.id, new Set(Object.keys(change.fields)));
    else if (change.kind === 'push' && change.bases !== undefined) onTheWay.set(contact.id, 'all');
  }
  const ofContacts = contacts.flatMap((plan) => {
    const fields = plan.contact === null ? undefined : onTheWay.get(plan.contact.id);
    if (fields === undefined) return contactConflicts(plan);
    return contactConflicts(plan).filter(
      ({ field }) => plan.enrichment?.fields[field] === undefined || (fields !== 'all' && !fields.has(field)),
    );
  });
  return [...ofContacts, ...pushes.flatMap((push) => push.conflicts)];
}

/** Differences that are left alone: conflicts of the merge, and all that would be written to a contact that others own (E4, E9). */
function contactConflicts({ user, contact, enrichment, owned, update }: UserPlan): readonly Conflict[] {
  if (contact === null || enrichment === null) return [];
  const where = { user: user.id, contactId: contact.id, with: 'it-glue' as const };
  const kept = enrichment.conflicts.map((conflict) => ({ ...where, ...conflict }));
  if (owned === null || update !== null) return kept;
  return [
    ...kept,
    ...Object.entries(enrichment.fields).map(([field, change]) => ({ ...where, field, ours: change.to, theirs: change.from })),
  ];
}

function observationsOf(context: PlanContext, { contacts, pushes }: Parts): PlanObservations {
  const statuses: Record<UserId, AdStatus> = {};
  for (const { user, status } of contacts) {
    if (context.userStatesById.get(user.id)?.appliedStatus !== status) statuses[user.id] = status;
  }
  const fingerprints: Record<ContactId, string> = {};
  const wants: Record<ContactId, PushWant> = {};
  // A one-time push that waits for the canary goes with the next run after it (P10).
  for (const { contact, change } of context.pushRequest === null ? [] : pushes) {
    if (contact !== null && change?.kind === 'push' && change.turn === 'wait') wants[contact.id] = change.pushWant;
  }
  if (context.pushRequest === null && context.settings.psa.push !== 'off') {
    for (const { contact, view, want } of pushes) {
      if (contact === null || view.state === 'pushed' || view.state === 'linked' || view.state === 'off') continue;
      const fingerprint = contactFingerprint(contact);
      if (context.contactStatesById.get(contact.id)?.fingerprint !== fingerprint) fingerprints[contact.id] = fingerprint;
      if (want !== null && context.contactStatesById.get(contact.id)?.pushWant == null) wants[contact.id] = want;
    }
  }
  const stillApproved = pushes.flatMap((push) => push.stillApproved ?? []);
  return {
    statuses: context.pushRequest === null && context.watch === undefined ? statuses : {},
    fingerprints,
    wants,
    stillApproved,
    ...observeAwaited(context, pushes),
  };
}
