import { lostOf } from '../eligibility/decide-push.ts';
import type { ContactBase, ContactState, LeaverSince, UserState } from '../model/state.ts';
import type { Observed } from '../reconcile-input.ts';
import { newContactState } from './after-write.ts';
import type { UserPlan } from './contact-changes.ts';
import type { PlanContext } from './plan-context.ts';
import type { PushPlan } from './push-changes.ts';
import { newUserState } from './user-state.ts';

/** What planning saw and what lasts even when the plan is held: returned users (M7), since when somebody is a leaver (E8), values that both sides have (E4, P9), the canary (P10). */
export function observedStates(context: PlanContext, userPlans: readonly UserPlan[], pushes: readonly PushPlan[]): Observed {
  const users: UserState[] = [];
  const bases: ContactBase[] = [];
  for (const { user, outcome, contact, enrichment, leaverSince: leaver } of userPlans) {
    const state = context.userStatesById.get(user.id) ?? newUserState(user.id);
    if (outcome.returned && !state.returned) {
      users.push({
        ...state,
        state: 'unmatched',
        contactId: null,
        rule: 'M7',
        decidedAt: context.now,
        returned: true,
        createdContact: false,
        leaver,
      });
    } else if (!sameLeaver(leaver, state.leaver)) {
      users.push({ ...state, leaver });
    }
    if (contact === null || enrichment === null) continue;
    const known = context.basesOf(user.id, contact.id);
    const fresh = Object.entries(enrichment.equalBases).filter(([field, base]) => {
      const before = known[field as keyof typeof known];
      return before?.value !== base.value || before.origin !== base.origin;
    });
    if (fresh.length > 0) bases.push({ userId: user.id, contactId: contact.id, fields: Object.fromEntries(fresh) });
  }
  return { users, bases, contacts: observedContacts(context, pushes), organization: context.organizationState };
}

/** The base of two-way sync where both sides are in step (P9), and links that lead nowhere any more, or somewhere again. */
function observedContacts(context: PlanContext, pushes: readonly PushPlan[]): readonly ContactState[] {
  return pushes.flatMap(({ contact, observed }) => {
    if (contact === null) return [];
    const state = context.contactStatesById.get(contact.id) ?? newContactState(contact.id);
    const link = linkNow(context, state);
    if (observed === null && link === state.psaLink) return [];
    return [{ ...state, psaLink: link, synced: observed ?? state.synced }];
  });
}

function linkNow({ psaContext, watch }: PlanContext, state: ContactState): ContactState['psaLink'] {
  const { psaLink } = state;
  // A look tells nobody: the next sync finds it, and says so.
  if (psaLink === null || watch !== undefined || psaContext?.snapshot.company == null) return psaLink;
  const lost = lostOf(state, psaContext);
  if (lost === (psaLink.lost ?? null)) return psaLink;
  const { lost: _before, ...link } = psaLink;
  return lost === null ? link : { ...link, lost };
}

function sameLeaver(one: LeaverSince | null, other: LeaverSince | null): boolean {
  return one?.kind === other?.kind && one?.since === other?.since;
}
