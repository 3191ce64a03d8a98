import { emailKey } from '../normalize/email.ts';
import { accountCells, accountColumns, contactOfAccount, logonCells, logonColumns } from './account-cells.ts';
import { type AccountKind, accountKinds } from './account-kinds.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Bar, Finding, Row, Section } from './assessment.ts';
import { beneath, compareText, type FindingText, makeFinding, sharesOf, text } from './make-finding.ts';
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
  const findings = [...accountKinds(context).map((kind) => kindFinding(kind, accounts)), malformedMails(accounts), sharedMails(accounts)];
  return { id: 'accounts', title: 'Accounts in the directory', notes, bars: [statusBar(accounts)], findings };
}

function statusBar(accounts: readonly Account[]): Bar {
  const counts = new Map<string, number>();
  for (const { status } of accounts) counts.set(status, (counts.get(status) ?? 0) + 1);
  return { label: 'Accounts by status', shares: sharesOf(counts) };
}

function kindFinding({ text: about, holds, columns = [], cells }: AccountKind, accounts: readonly Account[]): Finding {
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
  const rows = groups.flatMap(([mail, members], index) =>
    members.map(
      (account): Row => ({
        of: account.user.id,
        group: index + 1,
        cells: [...accountCells(account), ...logonCells(account), ...contactOfAccount(account), `same e-mail ${mail}`],
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
  const columns = [
    ...accountColumns,
    ...logonColumns,
    text('contact', 'Contact'),
    beneath('contactId', 'IT Glue id'),
    text('common', 'In common'),
  ];
  return makeFinding(about, columns, rows);
}
