import type { Change, ChangeKind, Guard } from '../model/plan.ts';
import type { AssessContext } from './assess-context.ts';
import type { Bar, Finding, Row, Section } from './assessment.ts';
import { amount, joined, makeFinding, text } from './make-finding.ts';

const kindNames: Readonly<Record<ChangeKind, string>> = {
  match: 'matched (noted by rollcall only)',
  create: 'created in IT Glue',
  update: 'changed in IT Glue',
  overlay: 'AD status, logon and password dates shown beside the contact',
  push: 'created in the PSA',
  link: 'linked with the contact in the PSA',
  complete: 'completed in the PSA',
  'psa-update': 'changed in the PSA',
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
    findings: [guards(plan.guards), changes(plan.changes)],
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

function changes(all: readonly Change[]): Finding {
  const rows = all.map((change): Row => {
    const fields = Object.entries(change.fields).map(([name, { from, to }]) => `${name}: ${from ?? '(blank)'} → ${to ?? '(blank)'}`);
    return {
      of: change.id,
      cells: [kindNames[change.kind], change.label, change.record, joined(fields, '; '), change.reason],
    };
  });
  return makeFinding(
    {
      id: 'sync-changes',
      about: 'other',
      title: 'Every change, one by one',
      weight: 'know',
      noun: ['change', 'changes'],
      why: 'This is all that would be written, and why.',
      advice: 'Look at some of each kind; the list in the CSV file is whole.',
    },
    [text('kind', 'What'), text('name', 'Who'), text('record', 'Record'), text('fields', 'From → to'), text('reason', 'Why')],
    rows,
    'kind',
  );
}
