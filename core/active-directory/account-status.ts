import type { AccountFacts, AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { Moment } from '../model/time.ts';

/**
 * Works out C3 for a moment, first that holds. The two expiries pass without a write and are compared with `now`; the computed
 * password bit counts as well, since a policy can expire a password whose date could not be read. A lockout has no end that can
 * be read: it stands as the directory computed it when it was read.
 */
export function accountStatus(facts: AccountFacts, now: Moment): AdStatus {
  if (facts.disabled) return 'Disabled';
  if (facts.expires !== 'never' && facts.expires <= now) return 'Expired';
  if (facts.locked) return 'Locked';
  if (facts.mustChangePassword) return 'Must change password';
  if (facts.passwordExpired || (typeof facts.passwordExpires === 'number' && facts.passwordExpires <= now)) return 'Password expired';
  return 'Enabled';
}

/** C3 of a user: a tombstone comes before all that was read of the account (C10). */
export function userStatus(user: Pick<DirectoryUser, 'account' | 'presence'>, now: Moment): AdStatus {
  return user.presence === 'gone' ? 'Gone' : accountStatus(user.account, now);
}
