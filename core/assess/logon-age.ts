import type { Moment } from '../model/time.ts';
import type { Account } from './assess-context.ts';

const dayMs = 86_400_000;
/** lastLogonTimestamp is passed on when it is 9 to 14 days old: a later logon may hide so long. */
const hiddenDays = 14;

/**
 * `stale`: surely not used for so many days; `perhaps stale`: only if no logon hides in the days that the accuracy leaves open;
 * `never`: the directory says that there was none; `unknown`: it does not say; `used`: in the last days.
 * `apart`: an account that cannot sign in, or a mailbox that nobody signs in to.
 */
export type LogonAge = 'stale' | 'perhaps stale' | 'never' | 'unknown' | 'used' | 'apart';

/** Judges when an account was last used (C4), with regard to how exactly that is known. */
export function logonAge({ user, isActive, isShared }: Account, now: Moment, staleDays: number): LogonAge {
  if (!isActive || isShared) return 'apart';
  const { lastLogon, lastLogonAccuracy } = user.account;
  if (lastLogon === null) return 'unknown';
  if (lastLogon === 'never') return 'never';
  const days = (now - lastLogon) / dayMs;
  if (days < staleDays) return 'used';
  return lastLogonAccuracy === 'exact' || days >= staleDays + hiddenDays ? 'stale' : 'perhaps stale';
}
