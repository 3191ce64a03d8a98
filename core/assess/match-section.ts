import type { MatchCandidate } from '../match/match-outcome.ts';
import type { Contact } from '../model/contact.ts';
import { accountCells, accountColumns } from './account-cells.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Bar, Cell, Finding, Row, Section, Share } from './assessment.ts';
import { contactCells, contactColumns, contactFactCells, contactFactColumns } from './contact-cells.ts';
import { compareText, type FindingText, joined, makeFinding, text } from './make-finding.ts';
import { domainOf, ownDomains } from './own-domains.ts';

const candidatesShown = 3;

/** Who of the directory has a contact, who has none, and which contacts have no account. */
export function matchSection(context: AssessContext): Section {
  const domains = ownDomains(context.accounts);
  const { matchByName } = context.settings.contacts;
  const notes = [
    `An account and a contact belong together when their e-mail is equal; else, if no contact has that e-mail, when first and last name are equal${matchByName === 'suggest' ? ' (names only suggest here: contacts.matchByName)' : ''}. Where several fit, none is taken.`,
    ...(domains.size === 0 ? [] : [`Taken for the company's own mail domains: ${[...domains].sort(compareText).join(', ')}.`]),
  ];
  return {
    id: 'matching',
    title: 'Accounts and contacts together',
    notes,
    bars: [accountBar(context), contactBar(context)],
    findings: [...accountFindings(context), ...contactFindings(context, domains)],
  };
}

/** The list that an account without a contact is in; `null`: it has one. Each account is in one list only. */
export type MissingContact = 'undecided' | 'close' | 'none' | 'not needed' | 'ignored';

export function missingContactOf({ decision, isActive, isShared, user }: Account): MissingContact | null {
  const { match } = decision;
  if (match.state === 'matched') return null;
  if (match.state === 'ignored') return 'ignored';
  if (match.ambiguous || match.contested) return 'undecided';
  if (!isActive || isShared || user.isOwnAccount) return 'not needed';
  return match.candidates.length > 0 ? 'close' : 'none';
}

const accountTexts: Readonly<Record<MissingContact, FindingText>> = {
  undecided: {
    id: 'account-undecided',
    about: 'account',
    title: 'Accounts that several contacts could belong to, or that share one',
    weight: 'do',
    noun: ['account', 'accounts'],
    why: 'Guessing would put one person’s data on another person’s contact, so a person has to say.',
    advice: 'Merge duplicate contacts first; then match the rest by hand.',
  },
  close: {
    id: 'account-comes-close',
    about: 'account',
    title: 'Accounts without a contact, where one comes close',
    weight: 'check',
    noun: ['account', 'accounts'],
    why: 'The contact is probably there under another spelling or an old address, and a new one would be a duplicate.',
    advice: 'Match them by hand, or correct the contact; no contact is created for them by itself.',
  },
  none: {
    id: 'account-without-contact',
    about: 'account',
    title: 'Active people without any contact',
    weight: 'check',
    noun: ['account', 'accounts'],
    why: 'The service desk does not know these people.',
    advice: 'Let rollcall create the contacts (contacts.create "auto"), or create those that are wanted by hand.',
  },
  'not needed': {
    id: 'account-needs-no-contact',
    about: 'account',
    title: 'Accounts without a contact that hardly need one',
    weight: 'know',
    noun: ['account', 'accounts'],
    why: 'They are disabled or expired, shared or room mailboxes, or the account that rollcall reads with.',
    advice: 'Nothing; no contact is created for them by itself.',
  },
  ignored: {
    id: 'account-ignored',
    about: 'account',
    title: 'Accounts that were set to be ignored',
    weight: 'know',
    noun: ['account', 'accounts'],
    why: 'Somebody decided that they need no contact.',
    advice: 'Nothing, unless that has changed.',
  },
};

function accountFindings(context: AssessContext): readonly Finding[] {
  const rowsOf = new Map<MissingContact, Row[]>();
  for (const account of context.accounts) {
    const kind = missingContactOf(account);
    if (kind === null) continue;
    const row: Row = { of: account.user.id, cells: [...accountCells(account), ...reasonCells(account)] };
    const known = rowsOf.get(kind);
    if (known === undefined) rowsOf.set(kind, [row]);
    else known.push(row);
  }
  const columns = [
    ...accountColumns,
    text('reason', 'Why there is none'),
    text('candidates', 'Could be'),
    text('plan', 'What a sync would do'),
  ];
  const kinds = Object.keys(accountTexts) as MissingContact[];
  return kinds.map((kind) => makeFinding(accountTexts[kind], columns, rowsOf.get(kind) ?? [], 'plan'));
}

function reasonCells({ decision }: Account): readonly Cell[] {
  const { match, create } = decision;
  const candidates = match.candidates.slice(0, candidatesShown).map(candidateInWords);
  const more = match.candidates.length > candidatesShown || match.candidatesCut ? '…' : null;
  const plan = create === null ? null : `${create.create ? 'create a contact' : 'nothing'}: ${create.why}`;
  return [match.reason, joined([...candidates, more], '; '), plan];
}

function candidateInWords({ name, contactId, evidence }: MatchCandidate): string {
  return `${name} (${contactId}): ${evidence.join(', ')}`;
}

function contactFindings(context: AssessContext, domains: ReadonlySet<string>): readonly Finding[] {
  const without = context.contacts.filter(({ id }) => !context.userOf.has(id));
  const isOwn = (contact: Contact): boolean => contact.emails.some(({ value }) => domains.has(domainOf(value) ?? ''));
  const columns = [...contactColumns, ...contactFactColumns, text('couldBe', 'Could be the contact of')];
  const rows = (contacts: readonly Contact[]): readonly Row[] =>
    contacts.map((contact) => ({
      of: contact.id,
      cells: [...contactCells(contact), ...contactFactCells(contact, context), joined(context.couldBe.get(contact.id) ?? [])],
    }));
  const own: FindingText = {
    id: 'contact-own-domain-without-account',
    about: 'contact',
    title: 'Contacts with the company’s own mail domain, but no account',
    weight: 'do',
    noun: ['contact', 'contacts'],
    why: 'Most are people who left: they can still ask the service desk for things, and are still counted.',
    advice: 'Check against the payroll, then mark or delete the contact; keep mailboxes such as invoices and info.',
  };
  const other: FindingText = {
    id: 'contact-without-account',
    about: 'contact',
    title: 'Other contacts without an account',
    weight: 'know',
    noun: ['contact', 'contacts'],
    why: 'Outside people, suppliers and mailboxes need no account; a person of the company here has another address in the directory.',
    advice: 'Look at those with an old last change.',
  };
  return [
    makeFinding(own, columns, rows(without.filter(isOwn))),
    makeFinding(other, columns, rows(without.filter((each) => !isOwn(each)))),
  ];
}

const howMatched: Readonly<Record<string, string>> = {
  M1: 'by e-mail',
  M2: 'by first and last name',
  M5: 'by hand',
  E3: 'created by rollcall',
};

function accountBar({ accounts }: AssessContext): Bar {
  const counts = new Map<string, number>(['by e-mail', 'by first and last name'].map((label) => [label, 0]));
  for (const account of accounts) {
    const missing = missingContactOf(account);
    const label = missing === null ? (howMatched[account.decision.match.rule ?? ''] ?? 'matched earlier') : missingLabels[missing];
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return { label: 'Accounts, and how their contact was found', shares: [...counts].map(toShare).filter(({ count }) => count > 0) };
}

const missingLabels: Readonly<Record<MissingContact, string>> = {
  undecided: 'a person has to say',
  close: 'one comes close',
  none: 'no contact',
  'not needed': 'no contact needed',
  ignored: 'ignored',
};

function contactBar({ contacts, userOf }: AssessContext): Bar {
  const withAccount = contacts.filter(({ id }) => userOf.has(id)).length;
  const shares = [
    { label: 'with an account', count: withAccount },
    { label: 'without an account', count: contacts.length - withAccount },
  ];
  return { label: 'Contacts', shares: shares.filter(({ count }) => count > 0) };
}

function toShare([label, count]: readonly [string, number]): Share {
  return { label, count };
}
