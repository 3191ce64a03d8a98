import type { MatchCandidate } from '../match/match-outcome.ts';
import type { Contact } from '../model/contact.ts';
import { accountCells, accountColumns } from './account-cells.ts';
import type { Account, AssessContext } from './assess-context.ts';
import type { Bar, Cell, Finding, Row, Section, Share } from './assessment.ts';
import { contactCells, contactColumns, contactFactCells, contactFactColumns } from './contact-cells.ts';
import { beneath, compareText, type FindingText, joined, makeFinding, text } from './make-finding.ts';
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
type MissingContact = 'undecided' | 'close' | 'none' | 'not needed' | 'ignored';

function missingContactOf({ decision, isActive, isShared, user }: Account): MissingContact | null {
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

/** Where a contact is to be found, why there is none helps to choose; for the others who they are says more. */
const needsReason: ReadonlySet<MissingContact> = new Set(['undecided', 'close']);

function accountFindings(context: AssessContext): readonly Finding[] {
  const rowsOf = new Map<MissingContact, Row[]>();
  for (const account of context.accounts) {
    const kind = missingContactOf(account);
    if (kind === null) continue;
    const known = rowsOf.get(kind) ?? [];
    rowsOf.set(kind, known);
    known.push({ of: account.user.id, cells: [...accountCells(account), ...moreCells(account, kind), planOf(account)] });
  }
  const kinds = Object.keys(accountTexts) as MissingContact[];
  return kinds.map((kind) => {
    const more = needsReason.has(kind)
      ? [text('reason', 'Why there is none'), text('candidates', 'Could be')]
      : [text('title', 'Title'), beneath('department', 'Department'), text('office', 'Office')];
    const columns = [...accountColumns, ...more, text('plan', 'What a sync would do')];
    return makeFinding(accountTexts[kind], columns, rowsOf.get(kind) ?? [], 'plan');
  });
}

function moreCells(account: Account, kind: MissingContact): readonly Cell[] {
  const { title, department, office } = account.user.person;
  return needsReason.has(kind) ? reasonCells(account) : [title, department, office];
}

function planOf({ decision: { create } }: Account): Cell {
  return create === null ? null : `${create.create ? 'create a contact' : 'nothing'}: ${create.why}`;
}

function reasonCells({ decision }: Account): readonly Cell[] {
  const { match } = decision;
  const candidates = match.candidates.slice(0, candidatesShown).map(candidateInWords);
  const more = match.candidates.length > candidatesShown || match.candidatesCut ? '…' : null;
  return [match.reason, joined([...candidates, more], '; ')];
}

function candidateInWords({ name, contactId, evidence }: MatchCandidate): string {
  return `${name} (${contactId}): ${evidence.join(', ')}`;
}

/** The list that a contact without an account is in; each is in one list only. */
type MissingAccount = 'could be' | 'own domain' | 'other';

function missingAccountOf(contact: Contact, context: AssessContext, domains: ReadonlySet<string>): MissingAccount {
  if (context.couldBe.has(contact.id)) return 'could be';
  return contact.emails.some(({ value }) => domains.has(domainOf(value) ?? '')) ? 'own domain' : 'other';
}

const contactTexts: Readonly<Record<MissingAccount, FindingText>> = {
  'own domain': {
    id: 'contact-own-domain-without-account',
    about: 'contact',
    title: 'Contacts with the company’s own mail domain, but no account',
    weight: 'do',
    noun: ['contact', 'contacts'],
    why: 'Most are people who left: they can still ask the service desk for things, and are still counted.',
    advice: 'Check against the payroll, then mark or delete the contact; keep mailboxes such as invoices and info.',
  },
  'could be': {
    id: 'contact-could-be-accounts',
    about: 'contact',
    title: 'Contacts that could belong to one of the accounts that have none',
    weight: 'know',
    noun: ['contact', 'contacts'],
    why: 'They are the other side of the accounts for which a person has to say, or of which one comes close.',
    advice: 'Decide on the accounts; these are settled by it.',
  },
  other: {
    id: 'contact-without-account',
    about: 'contact',
    title: 'Other contacts without an account',
    weight: 'know',
    noun: ['contact', 'contacts'],
    why: 'Outside people, suppliers and mailboxes need no account; a person of the company here has another address in the directory.',
    advice: 'Look at those with an old last change.',
  },
};

function contactFindings(context: AssessContext, domains: ReadonlySet<string>): readonly Finding[] {
  const rowsOf = new Map<MissingAccount, Row[]>();
  for (const contact of context.contacts) {
    if (context.userOf.has(contact.id)) continue;
    const kind = missingAccountOf(contact, context, domains);
    const known = rowsOf.get(kind) ?? [];
    rowsOf.set(kind, known);
    const couldBe = kind === 'could be' ? [joined(context.couldBe.get(contact.id) ?? [])] : [];
    known.push({ of: contact.id, cells: [...contactCells(contact), ...contactFactCells(contact, context), ...couldBe] });
  }
  const columns = [...contactColumns, ...contactFactColumns];
  const kinds = Object.keys(contactTexts) as MissingAccount[];
  return kinds.map((kind) => {
    const own = kind === 'could be' ? [...columns, text('couldBe', 'Could be the contact of')] : columns;
    return makeFinding(contactTexts[kind], own, rowsOf.get(kind) ?? []);
  });
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
