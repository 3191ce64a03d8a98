import type { UserId } from '../model/ids.ts';
import type { UserState } from '../model/state.ts';

/** The state of a user about whom nothing was decided yet. */
export function newUserState(userId: UserId): UserState {
  return {
    userId,
    state: 'unmatched',
    contactId: null,
    rule: null,
    decidedAt: null,
    appliedContactId: null,
    returned: false,
    rejectedContactIds: [],
    createRequested: false,
    createdContact: false,
    appliedStatus: null,
    leaver: null,
  };
}
