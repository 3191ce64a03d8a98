import type { Account } from './assess-context.ts';
import type { Cell, Column } from './assessment.ts';
import { beneath, moment, text } from './make-finding.ts';

/** The columns of every list of accounts, in front of what the list is about. */
export const accountColumns: readonly Column[] = [
  text('name', 'Name'),
  beneath('account', 'Account'),
  beneath('email', 'E-mail'),
  text('status', 'AD status'),
];

export function accountCells({ label, user, status }: Account): readonly Cell[] {
  return [label, user.person.samAccountName ?? user.person.userPrincipalName, user.person.email, status];
}

export const logonColumns: readonly Column[] = [moment('lastLogon', 'Last logon'), beneath('accuracy', 'Known')];

export function logonCells({ user }: Account): readonly Cell[] {
  const { lastLogon, lastLogonAccuracy } = user.account;
  return [lastLogon, lastLogon === null ? null : lastLogonAccuracy];
}

/** Name and id of the contact that the account is, or would be, matched with. */
export function contactOfAccount({ decision }: Account): readonly Cell[] {
  const { contactId } = decision.match;
  return contactId === null ? [null, null] : [decision.contactName ?? 'contact', contactId];
}
