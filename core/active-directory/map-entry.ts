import type { AccountFacts, DirectoryEntry, PersonFields } from '../model/directory-user.ts';
import type { Phone } from '../model/phone.ts';
import type { Moment, PasswordExpiry } from '../model/time.ts';
import { err, ok, type Result } from '../result.ts';
import { parseFiletime } from './filetime.ts';
import { mailboxKind } from './mailbox.ts';
import { formatGuid } from './object-guid.ts';
import { parseProxyAddresses } from './proxy-addresses.ts';
import { accountBits, hasBits, isMachineAccount, parseAccountControl } from './user-account-control.ts';
import type { RawUser } from './user-attributes.ts';

/**
 * Makes the entry of C3-C7 from what the directory sent. The error says why it is no usable user: a person without identity,
 * or whose state cannot be seen, is reported instead of guessed.
 */
export function mapEntry(raw: RawUser, parsePhone: (text: string) => Phone): Result<DirectoryEntry, string> {
  const immutableId = raw.immutableId ?? readIdentity(raw.objectGUID);
  if (immutableId === null) return err(raw.objectGUID === null ? 'no objectGUID' : 'an objectGUID that has not 16 bytes');
  const stored = parseAccountControl(raw.userAccountControl);
  // Rights on this attribute are often taken away on purpose: without it a leaver would pass for an employee.
  if (stored === null) return err(raw.userAccountControl === null ? stateUnreadable : 'a userAccountControl that is no number');
  return ok({ immutableId, dn: raw.dn, person: mapPerson(raw, parsePhone), account: mapAccount(raw, stored) });
}

/** Tells why an account is no person's (C2); `null` when it may be one. Servers leave these out already, exports do not. */
export function notAPerson(raw: RawUser): string | null {
  if (raw.isCriticalSystemObject?.toUpperCase() === 'TRUE') return 'critical system object';
  const stored = parseAccountControl(raw.userAccountControl);
  return stored !== null && isMachineAccount(stored) ? 'computer, service or trust account' : null;
}

/** The reason of an entry whose account state may not be read: it says something about the reader's rights, not about the user. */
export const stateUnreadable = 'userAccountControl cannot be read';

/** Works out C5: when the password was last set; `null` when pwdLastSet is 0, absent or absurd. */
export function lastPasswordReset(pwdLastSet: string | null): Moment | null {
  const moment = parseFiletime(pwdLastSet);
  return typeof moment === 'number' ? moment : null;
}

/**
 * Works out C4 for one server. `never` only when lastLogon is there and 0 while lastLogonTimestamp, which replicates at a first
 * logon at once, is not set; when neither is there nothing is known, which is `null`.
 */
export function lastLogon(lastLogonTimestamp: string | null, lastLogonHere: string | null): Moment | 'never' | null {
  const replicated = parseFiletime(lastLogonTimestamp);
  const here = parseFiletime(lastLogonHere);
  if (typeof replicated === 'number') return typeof here === 'number' && here > replicated ? here : replicated;
  if (typeof here === 'number') return here;
  return here === 'zero' ? 'never' : null;
}

function readIdentity(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : formatGuid(bytes);
}

function mapPerson(raw: RawUser, parsePhone: (text: string) => Phone): PersonFields {
  const { primary, aliases } = parseProxyAddresses(raw.proxyAddresses);
  const email = textOf(raw.mail) ?? primary;
  const phone = textOf(raw.telephoneNumber) ?? textOf(raw.mobile) ?? textOf(raw.ipPhone);
  const consistency = raw['mS-DS-ConsistencyGuid'];
  return {
    firstName: textOf(raw.givenName),
    lastName: textOf(raw.sn),
    displayName: textOf(raw.displayName),
    title: textOf(raw.title),
    email,
    phone: phone === null ? null : parsePhone(phone),
    office: textOf(raw.physicalDeliveryOfficeName),
    department: textOf(raw.department),
    company: textOf(raw.company),
    aliases: withoutEmail(aliases, primary, email),
    userPrincipalName: textOf(raw.userPrincipalName),
    samAccountName: textOf(raw.sAMAccountName),
    manager: textOf(raw.manager),
    consistencyGuid: consistency === null ? null : formatGuid(consistency),
    mailbox: mailboxKind(raw.msExchRecipientTypeDetails),
  };
}

function mapAccount(raw: RawUser, stored: number): AccountFacts {
  const computed = parseAccountControl(raw['msDS-User-Account-Control-Computed']) ?? 0;
  const expires = parseFiletime(raw.accountExpires);
  const passwordSet = parseFiletime(raw.pwdLastSet);
  return {
    disabled: hasBits(stored, accountBits.disabled),
    expires: typeof expires === 'number' ? expires : 'never',
    locked: hasBits(computed, accountBits.lockedOut),
    mustChangePassword: passwordSet === 'zero',
    passwordLastSet: typeof passwordSet === 'number' ? passwordSet : null,
    passwordExpired: hasBits(computed, accountBits.passwordExpired),
    passwordExpires: passwordExpiry(raw['msDS-UserPasswordExpiryTimeComputed'], stored, passwordSet === 'zero'),
    lastLogon: lastLogon(raw.lastLogonTimestamp, raw.lastLogon),
    lastLogonAccuracy: 'within 14 days',
  };
}

/**
 * C6. Without the computed attribute (an export, a server that has none) only what the stored bits prove is said: the policy
 * that would tell the date may be a fine-grained one.
 */
function passwordExpiry(computed: string | null, stored: number, mustChange: boolean): PasswordExpiry {
  const expiry = parseFiletime(computed);
  if (typeof expiry === 'number' || expiry === 'never') return expiry;
  if (expiry === 'zero' || mustChange) return 'at next logon';
  return hasBits(stored, accountBits.passwordNeverExpires) ? 'never' : null;
}

/** The aliases without the address that became the e-mail; the primary address is one when `mail` names another. */
function withoutEmail(aliases: readonly string[], primary: string | null, email: string | null): readonly string[] {
  const all = primary === null || primary === email ? aliases : [primary, ...aliases];
  if (all.length === 0 || email === null) return all;
  const own = email.toLowerCase();
  return all.some((alias) => alias.toLowerCase() === own) ? all.filter((alias) => alias.toLowerCase() !== own) : all;
}

/** Blank is absent (C7); nothing else is altered. */
function textOf(value: string | null): string | null {
  return value === null || value.trim() === '' ? null : value;
}
