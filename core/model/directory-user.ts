import type { UserId } from './ids.ts';
import type { Phone } from './phone.ts';
import type { Moment, PasswordExpiry } from './time.ts';

/** C3, in the order in which the first that holds decides. `Gone` comes with tombstones (C10). */
export type AdStatus = 'Gone' | 'Disabled' | 'Expired' | 'Locked' | 'Must change password' | 'Password expired' | 'Enabled';

export type LogonAccuracy = 'exact' | 'within 14 days';

/** What kind of mailbox an account has (msExchRecipientTypeDetails); `null` when the directory does not say. */
export type Mailbox = 'user' | 'shared' | 'room' | 'equipment' | 'system' | 'other' | null;

/** Facts from which the AD status of a moment is worked out (C3): they change with time and without a write. */
export interface AccountFacts {
  readonly disabled: boolean;
  /** accountExpires; `never` for both of AD's sentinels. */
  readonly expires: Moment | 'never';
  /** From msDS-User-Account-Control-Computed, never from the stored bits; `false` when it could not be read. */
  readonly locked: boolean;
  /** pwdLastSet is 0. */
  readonly mustChangePassword: boolean;
  /** pwdLastSet; `null` when it is 0 or unknown (C5). */
  readonly passwordLastSet: Moment | null;
  /** The computed bit, as it was when read. */
  readonly passwordExpired: boolean;
  readonly passwordExpires: PasswordExpiry;
  /** The latest known logon (C4); `null` is unknown, `never` when the directory says there was none. */
  readonly lastLogon: Moment | 'never' | null;
  readonly lastLogonAccuracy: LogonAccuracy;
}

/** The person's fields, C7. Absent and blank are both `null`; nothing else is altered (no case folding, no trimming inside). */
export interface PersonFields {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly displayName: string | null;
  readonly title: string | null;
  /** mail, else the primary SMTP: address of proxyAddresses. */
  readonly email: string | null;
  /** telephoneNumber, else mobile, else ipPhone. */
  readonly phone: Phone | null;
  /** physicalDeliveryOfficeName. */
  readonly office: string | null;
  readonly department: string | null;
  readonly company: string | null;
  /** smtp: addresses of proxyAddresses, without the prefix and without `email`. */
  readonly aliases: readonly string[];
  readonly userPrincipalName: string | null;
  readonly samAccountName: string | null;
  readonly manager: string | null;
  /** mS-DS-ConsistencyGuid in the text form of a GUID. */
  readonly consistencyGuid: string | null;
  readonly mailbox: Mailbox;
}

/** One user as one read of one directory saw it. */
export interface DirectoryEntry {
  /** objectGUID (text form, lower case) or entryUUID; the identity within `family`. */
  readonly immutableId: string;
  readonly dn: string;
  readonly person: PersonFields;
  readonly account: AccountFacts;
  /** Of the groups that the read asked for (`ReadProof.groups`): those it is in, nested ones too. Absent: in none. */
  readonly groups?: readonly string[];
}

/**
 * - `present`: in the latest complete read
 * - `absent`: not in it; kept, never created from, and nothing is concluded from it
 * - `missing`: absent for longer, and a look for it found nothing while others stayed readable (C10)
 * - `gone`: a tombstone proves that it was deleted (C10)
 * - `out`: out of the configured scope
 */
export type Presence = 'present' | 'absent' | 'missing' | 'gone' | 'out';

/** Why a user is not present, for people. */
interface UserAbsence {
  /** Since when rollcall knows it; `null`: not known. */
  readonly since: Moment | null;
  readonly why: string;
}

/** The de-duplicated user of an organization. */
export interface DirectoryUser {
  readonly id: UserId;
  readonly immutableId: string;
  readonly sourceType: 'active-directory' | 'ldif';
  readonly directory: string;
  readonly dn: string;
  readonly person: PersonFields;
  readonly account: AccountFacts;
  /** Collectors that have seen the user, sorted; the first to have seen it is `firstCollector` (E6). */
  readonly collectors: readonly string[];
  readonly firstCollector: string;
  readonly presence: Presence;
  /** `null` or not there: it is present, or nothing is known of why it is not. */
  readonly absence?: UserAbsence | null;
  /** Groups that a rule names and the user is in, nested ones too, as canonical DNs (E10). */
  readonly groups: readonly string[];
  /** The groups whose members the read that brought it knew; of any other, nothing can be said. */
  readonly groupsRead: readonly string[];
  /** The read that brought it was complete (C1): only then may a contact be created from it (E3). */
  readonly readComplete: boolean;
  /** It is the account that rollcall itself binds with. */
  readonly isOwnAccount: boolean;
}
