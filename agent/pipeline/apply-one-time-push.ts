import type { ContactState } from '../../core/model/state.ts';
import { changeMark } from '../../core/plan/plan-hash.ts';
import { type PsaChange, psaChangesOf } from '../../core/plan/push-changes.ts';
import { applyPsa } from './apply-psa.ts';
import type { ApplyReport } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';

/**
 * Carries out a one-time push (P5): outside the guards, and it uses up nothing that a sync counts. What it is to push is remembered
 * before its first write, so that wherever it is stopped, the next push or sync goes on with the rest, which no guard holds again.
 */
export async function applyOneTimePush(state: ApplyState): Promise<ApplyReport> {
  const changes = psaChangesOf(state.plan.changes);
  await remember(state, changes);
  await applyPsa(state, changes);
  state.report.interrupted = state.run.signal.aborted;
  return state.report;
}

async function remember(state: ApplyState, changes: readonly PsaChange[]): Promise<void> {
  const { run, plan } = state;
  const wanted = changes.flatMap((change): readonly ContactState[] => {
    if (change.contactId === null || (change.kind !== 'push' && change.kind !== 'link')) return [];
    const known = state.contact(change.contactId);
    return known.psaLink === null ? [{ ...known, pushWant: { rule: 'P5', since: plan.madeAt } }] : [];
  });
  state.remember({ contacts: wanted });
  await run.store.saveContactStates(run.organization, wanted);
  const marks = [...changes.map((change) => changeMark(change, run.hash)), ...(plan.observations.stillApproved ?? [])];
  const approvedMarks = [...new Set([...(state.organization.approvedMarks ?? []), ...marks])];
  state.organization = { ...state.organization, approvedMarks };
  await run.store.saveOrganizationState(run.organization, state.organization);
}
