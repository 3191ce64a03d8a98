import { RollcallError } from '../../../core/errors.ts';
import { type Answer, type CommandContext, textOf } from '../answer.ts';
import { formatVersion, type StatusDocument } from '../documents.ts';
import type { ApprovalDocument, ApproveAllDocument, HeldPlanDocument } from '../documents-approve.ts';
import { hubStatusOf } from '../documents-collector.ts';
import { exitOfApproveAll } from '../exit-codes.ts';
import type { Operations } from '../operations.ts';
import { renderApproveAll, renderHeldPlans } from '../render/approve-all.ts';
import { plural } from '../terminal/format.ts';

/**
 * Shows every held plan, asks once, and applies them one after the other, each as it was shown: a plan that was made anew since is refused
 * by its hash. The failure of one stops no other.
 */
export async function approveAll(context: CommandContext, { yes }: { readonly yes: boolean }): Promise<Answer> {
  const { operations, organization, view, ask } = context;
  const status = await operations.status({ organization });
  const hub = hubStatusOf(status);
  if (hub !== null)
    throw new RollcallError('HUB_DECIDES', `This machine collects for the hub ${hub.url}, which holds the plans.`, {
      place: { hub: hub.url },
    });
  const plans = heldPlans(status);
  const [held, leftOut] = [plans.filter((plan) => !isForOne(plan)), plans.filter(isForOne)];
  const asked: ApproveAllDocument = { formatVersion, held, leftOut, declined: false, approvals: [] };
  if (held.length === 0) return answerOf(asked);
  const isMeant = yes || (await ask(textOf([asked], renderHeldPlans)(view), `Approve ${plural(held.length, 'held plan')}?`));
  return answerOf(isMeant ? { ...asked, approvals: await inTurn(operations, held) } : { ...asked, declined: true });
}

function answerOf(document: ApproveAllDocument): Answer {
  return { document, text: textOf([document], renderApproveAll), exit: exitOfApproveAll(document) };
}

function heldPlans({ held, organizations }: StatusDocument): readonly HeldPlanDocument[] {
  const names = new Map(organizations.map((each) => [each.organization, each.organizationName]));
  return held
    .map((plan) => ({ ...plan, organizationName: names.get(plan.organization) ?? null }))
    .toSorted((left, right) => (right.since ?? '').localeCompare(left.since ?? ''));
}

/** To let it through says that somebody has looked why IT Glue pushes by itself: no list can say that. */
function isForOne({ reason }: HeldPlanDocument): boolean {
  return reason.includes('PSA_DOUBLE_PUSH');
}

async function inTurn(operations: Operations, held: readonly HeldPlanDocument[]): Promise<readonly ApprovalDocument[]> {
  const approvals: ApprovalDocument[] = [];
  for (const { organization, hash } of held) {
    const approval = await approveOne(operations, { organization, hash });
    approvals.push(approval);
    if (approval.result?.interrupted === true || approval.error?.code === 'INTERRUPTED') break;
  }
  return approvals;
}

async function approveOne(operations: Operations, plan: Pick<HeldPlanDocument, 'organization' | 'hash'>): Promise<ApprovalDocument> {
  try {
    return { ...plan, result: await operations.approve(plan), error: null };
  } catch (thrown) {
    if (!(thrown instanceof RollcallError)) throw thrown;
    const { code, message, hint, place } = thrown;
    return { ...plan, result: null, error: { code, message, hint, place } };
  }
}
