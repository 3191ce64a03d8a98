import { RollcallError } from '../../core/errors.ts';
import type { ContactId, UserId } from '../../core/model/ids.ts';
import type { UserState } from '../../core/model/state.ts';
import type { Moment } from '../../core/model/time.ts';
import { newUserState } from '../../core/plan/user-state.ts';

/** What a person decides about a user on the contact-matching page or by a command. */
export type HandDecision =
  | { readonly kind: 'match'; readonly contactId: ContactId }
  | { readonly kind: 'create' | 'ignore' | 'restore' | 'unmatch' };

/** The user's state after a person's decision; recorded at once, carried out by the next sync (M5, M6, E3). */
export function decideByHand(known: ReadonlyMap<UserId, UserState>, user: UserId, decision: HandDecision, now: Moment): UserState {
  const state = known.get(user) ?? newUserState(user);
  const base = { ...state, decidedAt: now, createRequested: false };
  switch (decision.kind) {
    case 'match': {
      for (const other of known.values()) {
        if (other.userId !== user && other.state === 'matched' && other.contactId === decision.contactId) {
          throw new RollcallError('CONTACT_TAKEN', `Contact ${decision.contactId} belongs to user ${other.userId}.`, {
            place: { contact: decision.contactId, user: other.userId },
          });
        }
      }
      return {
        ...base,
        state: 'matched',
        contactId: decision.contactId,
        rule: 'M5',
        returned: false,
        createdContact: state.createdContact && state.contactId === decision.contactId,
        rejectedContactIds: state.rejectedContactIds.filter((id) => id !== decision.contactId),
      };
    }
    case 'create':
      if (state.state === 'matched') {
        throw new RollcallError('USAGE', `User ${user} is matched to contact ${state.contactId ?? ''} already: unmatch it first.`);
      }
      return { ...base, state: 'unmatched', contactId: null, rule: 'E3', createRequested: true };
    case 'ignore':
      return { ...base, state: 'ignored', contactId: null, rule: 'M6' };
    case 'restore':
      return state.state === 'ignored' ? { ...base, state: 'unmatched', contactId: null, rule: null } : state;
    case 'unmatch': {
      const rejected = state.contactId === null ? [] : [state.contactId];
      return {
        ...base,
        state: 'unmatched',
        contactId: null,
        rule: 'M5',
        createdContact: false,
        rejectedContactIds: [...new Set([...state.rejectedContactIds, ...rejected])],
      };
    }
  }
}
