import type { View } from '../answer.ts';
import type { ExplainDocument, ExplainStage, ExplainStep } from '../documents.ts';
import { formatAgo } from '../terminal/format.ts';
import { wrapText } from '../terminal/text-width.ts';
import { changesTable } from './changes.ts';
import { userSection } from './contact-details.ts';
import { noticeLines, organizationHeading, sections } from './parts.ts';

const mostChanges = 20;

const stages: Readonly<Record<ExplainStage, string>> = {
  collect: 'Read from the directory',
  dedupe: 'One user out of what was seen',
  match: 'Matched to a contact',
  enrich: 'What the contact should be',
  eligibility: 'What the PSA asks',
  push: 'The push',
  plan: 'The plan',
};

/** The story of one user, stage by stage, each decision with its rule (M11). */
export function renderExplain(document: ExplainDocument, view: View): string {
  const decided =
    document.decidedAt === null
      ? 'No plan was made yet: run "rollcall plan".'
      : `As decided by the plan made ${formatAgo(document.decidedAt, view.now)}.`;
  const order = Object.keys(stages) as readonly ExplainStage[];
  return sections(
    [organizationHeading(document, view), view.style.quiet(decided)],
    userSection(document.user, view),
    ...order.map((stage) =>
      stageLines(
        stage,
        document.steps.filter((step) => step.stage === stage),
        view,
      ),
    ),
    document.changes.length === 0 ? '' : `${view.style.strong('What it changes')}\n${changesTable(document.changes, mostChanges, view)}`,
    noticeLines(document.notices, view),
  );
}

function stageLines(stage: ExplainStage, steps: readonly ExplainStep[], view: View): readonly string[] {
  return steps.length === 0 ? [] : [view.style.strong(stages[stage]), ...steps.flatMap((step) => stepLines(step, view))];
}

function stepLines(step: ExplainStep, view: View): readonly string[] {
  const { style } = view;
  const mark = step.decisive ? style.good('▸') : ' ';
  const rule = style.accent(step.rule.padEnd(4));
  const [first = '', ...rest] = wrapText(step.decision, Math.max(30, view.width - 9));
  const details = step.details.flatMap((detail) => {
    const [head = '', ...tail] = wrapText(detail, Math.max(30, view.width - 12));
    return [`         · ${head}`, ...tail.map((line) => `           ${line}`)];
  });
  return [`  ${mark} ${rule} ${first}`, ...rest.map((line) => `         ${line}`), ...details.map(style.quiet)];
}
