import { assessEligibility, type MissingForPush } from '../eligibility/eligibility.ts';
import { companyProblemText, type PsaContext } from '../eligibility/psa-context.ts';
import type { Contact } from '../model/contact.ts';
import type { AssessContext } from './assess-context.ts';
import type { Bar, Finding, Row, Section } from './assessment.ts';
import { contactCells, contactColumns, userInWords } from './contact-cells.ts';
import { makeFinding, sharesOf, text } from './make-finding.ts';
import { candidateOfContact } from './psa-candidates.ts';
import { twinFindings } from './twin-findings.ts';

const missingInWords: Readonly<Record<MissingForPush, string>> = {
  company: 'company',
  firstName: 'first name',
  lastName: 'last name',
  email: 'primary e-mail of a type that is sent',
  phone: 'primary phone of a type that is sent',
  location: 'location',
  emailType: 'e-mail type (psa.emailType)',
  phoneType: 'phone type (psa.phoneType)',
};

/** What the PSA has, what it would take, and what would be in it twice; `null` when no PSA is read. */
export function psaSection(context: AssessContext): Section | null {
  const { psa } = context;
  if (psa === null) return null;
  const { snapshot } = psa;
  const base = { id: 'psa' as const, title: `Contacts in ${snapshot.displayName}` };
  const excluded =
    snapshot.excluded ?? (psa.settings.push === 'off' ? 'Pushing is switched off (psa.push), so the PSA was not read.' : null);
  if (excluded !== null) return { ...base, notes: [excluded], bars: [], findings: [] };
  const problem = snapshot.company === null ? [companyProblemText(snapshot) ?? 'The company of this customer is not known.'] : [];
  const company = snapshot.company === null ? [] : [`Company ${snapshot.company.name} (${snapshot.company.id}).`];
  return {
    ...base,
    notes: [...company, ...problem, requirementsInWords(psa)],
    bars: [viewBar(context)],
    findings: [...companyFinding(context, psa), ...eligibilityFindings(context, psa), linkTrouble(context), ...twinFindings(context, psa)],
  };
}

function requirementsInWords({ snapshot }: PsaContext): string {
  const { firstName, lastName, primaryEmail, primaryPhone, location } = snapshot.requirements;
  const needs = [
    ...(firstName ? ['first name'] : []),
    ...(lastName ? ['last name'] : []),
    ...(primaryEmail ? ['primary e-mail'] : []),
    ...(primaryPhone ? ['primary phone'] : []),
    ...(location ? ['location'] : []),
  ];
  return `${snapshot.displayName} takes a contact only with ${needs.join(', ')}.`;
}

const stateNames: Readonly<Record<string, string>> = {
  pushed: 'linked',
  linked: 'linked',
  'not-yet-pushed': 'not there, could be pushed',
  waiting: 'would be pushed or linked',
  held: 'a person has to say',
  'not-eligible': 'lacks something',
  off: 'not pushed',
};

function viewBar({ contacts, views, psa }: AssessContext): Bar {
  const counts = new Map<string, number>();
  for (const { id } of contacts) {
    const label = stateNames[views.get(id)?.state ?? 'off'] ?? 'not pushed';
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return {
    label: `Contacts of IT Glue, as ${psa?.snapshot.displayName ?? 'the PSA'} would find them after a first sync`,
    shares: sharesOf(counts),
  };
}

function companyFinding(context: AssessContext, { snapshot }: PsaContext): readonly Finding[] {
  const rows: Row[] = snapshot.company === null ? [{ of: context.settings.organization, cells: [companyProblemText(snapshot)] }] : [];
  return [
    makeFinding(
      {
        id: 'psa-company-unknown',
        about: 'other',
        title: `The customer’s company in ${snapshot.displayName} is not known`,
        weight: 'do',
        noun: ['customer', 'customers'],
        why: 'Without it nothing can be pushed, or compared with what is there.',
        advice: 'Pin the company (psa.company), or give organization and company the same name.',
      },
      [text('problem', 'Why')],
      rows,
    ),
  ];
}

interface Judged {
  readonly contact: Contact;
  /** What it lacks as it is in IT Glue today. */
  readonly today: readonly MissingForPush[];
  /** What it lacks when the first sync has filled what the directory knows. */
  readonly after: readonly MissingForPush[];
}

function eligibilityFindings(context: AssessContext, psa: PsaContext): readonly Finding[] {
  const judged = context.contacts.flatMap((contact): Judged[] => {
    const view = context.views.get(contact.id);
    if (view === undefined || view.state === 'pushed' || view.state === 'linked') return [];
    const verdict = assessEligibility(candidateOfContact(contact, context), psa);
    const today = verdict.eligible ? [] : verdict.missing;
    return today.length === 0 && view.missing.length === 0 ? [] : [{ contact, today, after: view.missing }];
  });
  const { displayName } = psa.snapshot;
  const columns = [
    ...contactColumns,
    text('account', 'Account'),
    text('today', 'Missing today'),
    text('after', 'Still missing after a first sync'),
  ];
  const row = ({ contact, today, after }: Judged): Row => ({
    of: contact.id,
    cells: [...contactCells(contact), userInWords(contact, context), inWords(today), inWords(after)],
  });
  return [
    makeFinding(
      {
        id: 'psa-not-eligible',
        about: 'contact',
        title: `Contacts that ${displayName} would not take`,
        weight: 'check',
        noun: ['contact', 'contacts'],
        why: 'They stay in IT Glue only: no ticket can be opened in their name.',
        advice:
          'Enter what is missing: in the directory where there is an account, else in IT Glue. A type is chosen in the configuration.',
      },
      columns,
      judged.filter(({ after }) => after.length > 0).map(row),
      'after',
    ),
    makeFinding(
      {
        id: 'psa-made-eligible',
        about: 'contact',
        title: `Contacts that a first sync completes for ${displayName}`,
        weight: 'know',
        noun: ['contact', 'contacts'],
        why: 'What they lack is known in the directory.',
        advice: 'Nothing: the first sync fills it.',
      },
      columns,
      judged.filter(({ after }) => after.length === 0).map(row),
      'today',
    ),
  ];
}

function inWords(missing: readonly MissingForPush[]): string | null {
  return missing.length === 0 ? null : missing.map((each) => missingInWords[each]).join(', ');
}

/** Links that exist and do not carry anything. */
function linkTrouble(context: AssessContext): Finding {
  const rows = context.contacts.flatMap((contact): Row[] => {
    const view = context.views.get(contact.id);
    if (view?.state !== 'linked' || view.message === null) return [];
    return [{ of: contact.id, cells: [...contactCells(contact), userInWords(contact, context), view.message] }];
  });
  return makeFinding(
    {
      id: 'psa-link-broken',
      about: 'contact',
      title: 'Links that are orphaned or switched off',
      weight: 'check',
      noun: ['contact', 'contacts'],
      why: 'Each side looks complete, and a change on one never reaches the other.',
      advice: 'Link the contact again in IT Glue, or take the link away.',
    },
    [...contactColumns, text('account', 'Account'), text('problem', 'What is wrong')],
    rows,
    'problem',
  );
}
