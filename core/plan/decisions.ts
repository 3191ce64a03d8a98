import type { PsaView } from '../eligibility/decide-push.ts';
import type { ContactId, UserId } from '../model/ids.ts';
import type { Conflict, Plan } from '../model/plan.ts';
import type { UserPlan } from './contact-changes.ts';
import type { UserDecision } from './decision.ts';
import type { PushPlan } from './push-changes.ts';

const noContact: PsaView = { badge: false, state: 'off', message: 'Not pushed: the user has no contact yet', missing: [], candidates: [] };
const noPsa: PsaView = { badge: false, state: 'off', message: null, missing: [], candidates: [] };

/** What was decided about every user, for the contact table and for `explain` (M11). */
export function decisionsOf(userPlans: readonly UserPlan[], pushes: readonly PushPlan[], plan: Plan): readonly UserDecision[] {
  const byContact = new Map<ContactId, PushPlan>();
  const byUser = new Map<UserId, PushPlan>();
  for (const push of pushes) {
    if (push.contact !== null) byContact.set(push.contact.id, push);
    else if (push.userPlan !== null) byUser.set(push.userPlan.user.id, push);
  }
  const changes = new Map<UserId, string[]>();
  for (const change of plan.changes) {
    if (change.user === null) continue;
    const known = changes.get(change.user);
    if (known === undefined) changes.set(change.user, [change.id]);
    else known.push(change.id);
  }
  const conflicts = new Map<UserId, Conflict[]>();
  for (const conflict of plan.conflicts) {
    if (conflict.user === null) continue;
    const known = conflicts.get(conflict.user);
    if (known === undefined) conflicts.set(conflict.user, [conflict]);
    else known.push(conflict);
  }
  const without = pushes.length > 0 ? noContact : noPsa;
  return userPlans.map((userPlan) => {
    const push = userPlan.contact === null ? byUser.get(userPlan.user.id) : byContact.get(userPlan.contact.id);
    const { id } = userPlan.user;
    return decisionOf(userPlan, push?.view ?? without, { changes: changes.get(id) ?? [], conflicts: conflicts.get(id) ?? [] });
  });
}

function decisionOf(userPlan: UserPlan, psa: PsaView, of: Pick<UserDecision, 'changes' | 'conflicts'>): UserDecision {
  const { user, status, outcome, contact, verdict, enrichment, wanted, owned, choice, leaver } = userPlan;
  return {
    user,
    status,
    match: outcome,
    contactName: contact?.name ?? null,
    choice,
    leaver,
    create: verdict,
    enrich: enrichment?.notes ?? [],
    location: wanted.location === null ? null : `${wanted.location.name}: ${wanted.location.why}`,
    owned: owned?.why ?? null,
    psa,
    ...of,
  };
}
