import { emailKey } from '../normalize/email.ts';
import { accountCells, accountColumns, contactOfAccount, logonCells, logonColumns } from './account-cells.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Bar, Cell, Column, Finding, Row, Section } from './assessment.ts';
import { logonAge } from './logon-age.ts';
import { compareText, type FindingText, makeFinding, moment, sharesOf, text } from './make-finding.ts';
import { emailProblem } from './malformed.ts';

/** What the accounts of the directory show: unused, stale, locked, without mail. */
export function accountSection(context: AssessContext): Section {
  const { accounts, staleDays } = context;
  const exact = accounts.filter(({ user }) => user.account.lastLogonAccuracy === 'exact').length;
  const notes = [
    exact === accounts.length
      ? 'The last logon is exact: every domain controller was asked.'
      : `The last logon is known within 14 days: domain controllers pass it on no more often than that${exact === 0 ? '' : `; for ${exact} accounts it is exact`}. An account is called stale only when it was not used for ${staleDays} days whatever those days hid.`,
    'Shared, room and equipment mailboxes are left out of the lists of unused accounts: nobody signs in to them.',
  ];
  return { id: 'accounts', title: 'Accounts in the directory', notes, bars: [statusBar(accounts)], findings: findingsOf(context) };
}

function statusBar(accounts: readonly Account[]): Bar {
  const counts = new Map<string, number>();
  for (const { status } of accounts) counts.set(status, (counts.get(status) ?? 0) + 1);
  return { label: 'Accounts by status', shares: sharesOf(counts) };
}

interface Kind {
  readonly text: FindingText;
  readonly holds: (account: Account) => boolean;
  /** Columns besides those of every list. */
  readonly columns?: readonly Column[];
  readonly cells?: (account: Account) => readonly Cell[];
}

const passwordSet: Pick<Kind, 'columns' | 'cells'> = {
  columns: [moment('passwordSet', 'Password set')],
  cells: ({ user }) => [user.account.passwordLastSet],
};

function findingsOf(context: AssessContext): readonly Finding[] {
  const { accounts, now, staleDays } = context;
  const ageOf = new Map(accounts.map((account) => [account, logonAge(account, now, staleDays)]));
  const isUsedBy = (account: Account, age: string): boolean => ageOf.get(account) === age;
  const contactCell: Pick<Kind, 'columns' | 'cells'> = {
    columns: [text('contact', 'Contact'), text('contactId', 'IT Glue id')],
    cells: (account) => contactOfAccount(account),
  };
  const kinds: readonly Kind[] = [
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
  return [...kinds.map((kind) => kindFinding(kind, accounts)), malformedMails(accounts), sharedMails(accounts)];
}

function kindFinding({ text: about, holds, columns = [], cells }: Kind, accounts: readonly Account[]): Finding {
  const rows = accounts.filter(holds).map((account): Row => {
    return { of: account.user.id, cells: [...accountCells(account), ...logonCells(account), ...(cells?.(account) ?? [])] };
  });
  return makeFinding(about, [...accountColumns, ...logonColumns, ...columns], rows);
}

function malformedMails(accounts: readonly Account[]): Finding {
  const rows = accounts.flatMap((account): Row[] => {
    const { email } = account.user.person;
    const problem = email === null ? null : emailProblem(email);
    return problem === null ? [] : [{ of: account.user.id, cells: [...accountCells(account), problem] }];
  });
  const about: FindingText = {
    id: 'account-malformed-mail',
    about: 'account',
    title: 'E-mail addresses in the directory that cannot be right',
    weight: 'do',
    noun: ['account', 'accounts'],
    why: 'rollcall would carry the address into IT Glue and the PSA as it is.',
    advice: 'Correct the attribute mail.',
  };
  return makeFinding(about, [...accountColumns, text('problem', 'What is wrong')], rows, 'problem');
}

function sharedMails(accounts: readonly Account[]): Finding {
  const byMail = new Map<string, Account[]>();
  for (const account of accounts) {
    const key = emailKey(account.user.person.email);
    if (key === null) continue;
    const known = byMail.get(key);
    if (known === undefined) byMail.set(key, [account]);
    else known.push(account);
  }
  const groups = [...byMail].filter(([, members]) => members.length > 1).sort(([left], [right]) => compareText(left, right));
  const rows = groups.flatMap(([, members], index) =>
    members.map(
      (account): Row => ({
        of: account.user.id,
        group: index + 1,
        cells: [...accountCells(account), ...logonCells(account), ...contactOfAccount(account)],
      }),
    ),
  );
  const about: FindingText = {
    id: 'account-shared-mail',
    about: 'account',
    title: 'One e-mail address on several accounts',
    weight: 'do',
    noun: ['address', 'addresses'],
    why: 'Nobody can tell which of the accounts a contact with that address belongs to, so none of them is matched.',
    advice: 'Leave the address on the account of the person; second and administrative accounts need none.',
  };
  return makeFinding(about, [...accountColumns, ...logonColumns, text('contact', 'Contact'), text('contactId', 'IT Glue id')], rows);
}
