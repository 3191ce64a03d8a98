import { contactOfAccount } from './account-cells.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Cell, Column } from './assessment.ts';
import { logonAge } from './logon-age.ts';
import { beneath, type FindingText, moment, text } from './make-finding.ts';

/** Accounts that have something in common, for one list. */
export interface AccountKind {
  readonly text: FindingText;
  readonly holds: (account: Account) => boolean;
  /** Columns besides those of every list. */
  readonly columns?: readonly Column[];
  readonly cells?: (account: Account) => readonly Cell[];
}

const passwordSet: Pick<AccountKind, 'columns' | 'cells'> = {
  columns: [moment('passwordSet', 'Password set')],
  cells: ({ user }) => [user.account.passwordLastSet],
};

/** The lists of accounts, in the order of the report; an account may be in several. */
export function accountKinds(context: AssessContext): readonly AccountKind[] {
  const { accounts, now, staleDays } = context;
  const ageOf = new Map(accounts.map((account) => [account, logonAge(account, now, staleDays)]));
  const isUsedBy = (account: Account, age: string): boolean => ageOf.get(account) === age;
  const contactCell: Pick<AccountKind, 'columns' | 'cells'> = {
    columns: [text('contact', 'Contact'), beneath('contactId', 'IT Glue id')],
    cells: (account) => contactOfAccount(account),
  };
  return [
    {
      text: {
        id: 'account-stale',
        about: 'account',
        title: `Enabled, but no logon for ${staleDays} days`,
        weight: 'do',
        noun: ['account', 'accounts'],
        why: 'An account that nobody uses and nobody misses is the way in that nobody watches.',
        advice: 'Ask whether the person still works there; disable the account if not.',
      },
      holds: (account) => isUsedBy(account, 'stale'),
      ...passwordSet,
    },
    {
      text: {
        id: 'account-perhaps-stale',
        about: 'account',
        title: `Enabled, and perhaps no logon for ${staleDays} days`,
        weight: 'know',
        noun: ['account', 'accounts'],
        why: `The last logon that is known is over ${staleDays} days old, but by so little that a later one may not have been passed on yet.`,
        advice: 'Look again in two weeks.',
      },
      holds: (account) => isUsedBy(account, 'perhaps stale'),
      ...passwordSet,
    },
    {
      text: {
        id: 'account-never-used',
        about: 'account',
        title: 'Enabled, and never logged on',
        weight: 'do',
        noun: ['account', 'accounts'],
        why: 'It still has the password that somebody gave it, and nobody would notice if another person used it.',
        advice: 'Disable what was prepared and not needed; a password set lately means a newcomer.',
      },
      holds: (account) => isUsedBy(account, 'never'),
      ...passwordSet,
    },
    {
      text: {
        id: 'account-logon-unknown',
        about: 'account',
        title: 'Enabled, last logon not known',
        weight: 'know',
        noun: ['account', 'accounts'],
        why: 'The directory did not say when the account was last used, so it is in none of the lists above.',
        advice: 'Export the attributes lastLogon and lastLogonTimestamp too, or let the reading account see them.',
      },
      holds: (account) => isUsedBy(account, 'unknown'),
      ...passwordSet,
    },
    {
      text: {
        id: 'account-shared-enabled',
        about: 'account',
        title: 'Shared, room or equipment mailboxes whose account can sign in',
        weight: 'check',
        noun: ['account', 'accounts'],
        why: 'Such a mailbox is opened with the rights of people; a password of its own is known to several, or to nobody.',
        advice: 'Disable the account; the mailbox stays usable.',
      },
      holds: (account) => account.isShared && account.isActive,
      columns: [text('mailbox', 'Mailbox')],
      cells: ({ user }) => [user.person.mailbox],
    },
    {
      text: {
        id: 'account-left-with-contact',
        about: 'account',
        title: 'Disabled or expired, with a contact still there',
        weight: 'check',
        noun: ['account', 'accounts'],
        why: 'The service desk goes on treating a leaver as somebody who may ask for things.',
        advice: 'Mark the contact as former staff, or let rollcall show its AD status beside it.',
      },
      holds: (account) => !account.isActive && account.decision.match.contactId !== null,
      ...contactCell,
    },
    {
      text: {
        id: 'account-password-never-expires',
        about: 'account',
        title: 'Password never expires',
        weight: 'check',
        noun: ['account', 'accounts'],
        why: 'A password that was found out once stays good; where the policy for all is so, this list is long and only those without a second factor matter.',
        advice: 'Keep it for accounts of services; for people follow the policy.',
      },
      holds: ({ user, isActive, isShared }) => isActive && !isShared && user.account.passwordExpires === 'never',
      columns: [moment('passwordSet', 'Password set'), text('note', 'Note')],
      cells: ({ user }) => [user.account.passwordLastSet, user.isOwnAccount ? 'the account that rollcall reads with' : null],
    },
    {
      text: {
        id: 'account-password-expired',
        about: 'account',
        title: 'Password expired',
        weight: 'check',
        noun: ['account', 'accounts'],
        why: 'The person cannot work, or has not tried to for a while.',
        advice: 'Compare with the last logon: long ago means an unused account.',
      },
      holds: ({ status }) => status === 'Password expired',
      columns: [moment('passwordExpires', 'Expired'), moment('passwordSet', 'Password set')],
      cells: ({ user }) => [user.account.passwordExpires, user.account.passwordLastSet],
    },
    {
      text: {
        id: 'account-must-change',
        about: 'account',
        title: 'Password must be changed at the next logon',
        weight: 'know',
        noun: ['account', 'accounts'],
        why: 'Somebody reset the password, and the person has not signed in since.',
        advice: 'Where that was long ago, reset it again or disable the account.',
      },
      holds: ({ status }) => status === 'Must change password',
    },
    {
      text: {
        id: 'account-locked',
        about: 'account',
        title: 'Locked out',
        weight: 'check',
        noun: ['account', 'accounts'],
        why: 'Too many wrong passwords: a person in need of help, a forgotten device, or somebody guessing. As it was when it was read.',
        advice: 'Look for the source of the wrong passwords before unlocking.',
      },
      holds: ({ status }) => status === 'Locked',
    },
    {
      text: {
        id: 'account-expired',
        about: 'account',
        title: 'Account expired',
        weight: 'know',
        noun: ['account', 'accounts'],
        why: 'Its end date has passed, so it cannot sign in, though it is not disabled.',
        advice: 'Disable it when the person has left.',
      },
      holds: ({ status }) => status === 'Expired',
      columns: [moment('expired', 'Expired')],
      cells: ({ user }) => [user.account.expires],
    },
    {
      text: {
        id: 'account-without-mail',
        about: 'account',
        title: 'Active people without an e-mail address',
        weight: 'check',
        noun: ['account', 'accounts'],
        why: 'Without an address a contact is found by first and last name only, and the PSA takes no contact without one.',
        advice: 'Fill the attribute mail, or exclude accounts that are no people (searchBases, excludeOus, filter).',
      },
      holds: ({ user, isActive, isShared }) => isActive && !isShared && user.person.email === null,
    },
  ];
}
