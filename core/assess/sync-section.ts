import type { Change, ChangeKind, Guard } from '../model/plan.ts';
import type { AssessContext } from './assess-context.ts';
import type { Bar, Finding, Row, Section } from './assessment.ts';
import { amount, beneath, joined, makeFinding, text } from './make-finding.ts';

const kindNames: Readonly<Record<ChangeKind, string>> = {
  match: 'matched',
  create: 'created in IT Glue',
  update: 'changed in IT Glue',
  overlay: 'AD fields shown',
  push: 'created in the PSA',
  link: 'linked in the PSA',
  complete: 'completed in the PSA',
  'psa-update': 'changed in the PSA',
};

const kinds = Object.keys(kindNames) as ChangeKind[];

const kindTexts: Readonly<Record<ChangeKind, Pick<Finding, 'title' | 'why' | 'advice'>>> = {
  match: {
    title: 'Accounts that would be matched with a contact',
    why: 'A match is noted by rollcall only; nothing is written outside for it.',
    advice: 'Look at those by name: a namesake would be matched wrongly.',
  },
  create: {
    title: 'Contacts that would be created in IT Glue',
    why: 'No contact comes close to these accounts.',
    advice: 'Leave accounts out that are no people (searchBases, excludeOus, filter), or ignore them.',
  },
  update: {
    title: 'Contacts that would be changed in IT Glue',
    why: 'Fields are filled that are blank, and a missing e-mail or phone is added; no value of a person is replaced.',
    advice: 'Look at some of them.',
  },
  overlay: {
    title: 'Contacts that would show AD status, last logon and password dates',
    why: 'These stand beside the contact and replace nothing.',
    advice: 'Nothing.',
  },
  push: {
    title: 'Contacts that would be created in the PSA',
    why: 'They have all that the PSA asks for, and nothing like them is there.',
    advice: 'Look at some of them; each counts in the PSA from then on.',
  },
  link: {
    title: 'Contacts that would be linked with their contact in the PSA',
    why: 'The same e-mail and an equal name are there already; blanks are filled on both sides.',
    advice: 'Look at some of them.',
  },
  complete: {
    title: 'Contacts of the PSA whose creation would be completed',
    why: 'An earlier run was cut off before it could add the job title.',
    advice: 'Nothing.',
  },
  'psa-update': {
    title: 'Contacts that would be changed in the PSA',
    why: 'IT Glue lets only the PSA change them, so the values go there and come back.',
    advice: 'Look at some of them.',
  },
};

const guardNames: Readonly<Record<Guard['kind'], string>> = {
  create: 'contacts created',
  update: 'contacts changed',
  blank: 'values that would become empty',
  rematch: 'accounts that would change their contact',
  deactivate: 'accounts newly disabled or expired',
  push: 'contacts created in the PSA',
};

/** What a sync would do with the settings as they are. */
export function syncSection(context: AssessContext): Section {
  const { plan, onboarded } = context;
  const held = plan.held === null ? [] : [heldInWords(plan.held.reason)];
  return {
    id: 'sync',
    title: onboarded ? 'What the next sync would do' : 'What a first sync would do',
    notes: [
      `Worked out with the settings as they are (contacts.create is "${context.settings.contacts.create}"); nothing of it was done or kept.`,
      ...held,
      ...plan.notices,
    ],
    bars: [kindBar(plan.changes)],
    findings: [guards(plan.guards), ...changes(plan.changes)],
  };
}

function heldInWords(reason: string): string {
  return reason.includes('onboarding')
    ? 'A customer’s first sync waits for a person to approve it.'
    : `It would wait for a person to approve it: ${reason}.`;
}

function kindBar(all: readonly Change[]): Bar {
  const counts = new Map<ChangeKind, number>();
  for (const { kind } of all) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return { label: 'Changes by kind', shares: [...counts].map(([kind, count]) => ({ label: kindNames[kind], count })) };
}

function guards(all: readonly Guard[]): Finding {
  const rows = all
    .filter(({ exceeded }) => exceeded)
    .map(
      (guard): Row => ({
        of: guard.kind,
        cells: [guardNames[guard.kind], guard.count, Math.floor(guard.limit), joined(guard.names)],
      }),
    );
  return makeFinding(
    {
      id: 'sync-guards',
      about: 'other',
      title: 'Limits that the sync would exceed',
      weight: 'check',
      noun: ['limit', 'limits'],
      why: 'More change at once than is usual; the sync waits before its first write until a person lets it through.',
      advice: 'Look at the list below: at a first sync large numbers are to be expected.',
    },
    [text('guard', 'What is counted'), amount('count', 'Would be'), amount('limit', 'Limit'), text('names', 'For example')],
    rows,
  );
}

/** One list for each kind of change, in the order in which a sync would carry them out. */
function changes(all: readonly Change[]): readonly Finding[] {
  const byKind = new Map<ChangeKind, Row[]>(kinds.map((kind) => [kind, []]));
  for (const change of all) byKind.get(change.kind)?.push(changeRow(change));
  return kinds.map((kind) => kindFinding(kind, byKind.get(kind) ?? []));
}

function changeRow({ id, label, record, fields, reason }: Change): Row {
  const inWords = Object.entries(fields).map(([name, { from, to }]) => `${name}: ${from ?? '(blank)'} → ${to ?? '(blank)'}`);
  return { of: id, cells: [label, record, joined(inWords, '; '), reason] };
}

function kindFinding(kind: ChangeKind, rows: readonly Row[]): Finding {
  const about = kindTexts[kind];
  return makeFinding(
    { id: `sync-${kind}`, about: 'other', weight: 'know', noun: ['change', 'changes'], ...about },
    [text('name', 'Who'), beneath('record', 'Record'), text('fields', 'From → to'), text('reason', 'Why')],
    rows,
  );
}
