import type { PsaChange } from '../../core/plan/push-changes.ts';
import { applyLink } from './apply-psa-link.ts';
import { applyLateComplete, applyPush } from './apply-psa-push.ts';
import { applyPsaUpdate } from './apply-psa-update.ts';
import { attempt, forEachLimited } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { lookAgain } from './look-again.ts';
import type { PsaWork } from './psa-work.ts';

/** Both sides are looked at again (P8, P10) right before this many changes. A search for each would cost several requests a contact. */
const changesPerLook = 50;

/**
 * Carries out the PSA's side of the plan (P): links, creates with their second call, updates. So many at once as the PSA takes, each
 * journaled by itself (A2); the canary is alone (P10). A stop lets those under way finish. The report is in the order of the plan.
 */
export async function applyPsa(state: ApplyState, changes: readonly PsaChange[]): Promise<void> {
  const { psa, signal, progress } = state.run;
  if (psa === null || state.psaContext === null) {
    for (const change of changes) state.report.fail(change, 'RECORD_CHANGED', 'no PSA is configured any more');
    return;
  }
  if (changes.length === 0) return;
  const reported = state.report.mark();
  let work: PsaWork = { state, psa, context: state.psaContext, links: new Map() };
  const task = progress.start(`Pushing contacts to ${psa.displayName}`);
  let done = 0;
  for (const turn of inTurns(changes)) {
    if (signal.aborted) break;
    const before = work;
    const look = onceDone(async () => {
      work = await lookAgain(before, turn);
      return work;
    });
    await forEachLimited(turn, psa.writesAtOnce, signal, async (change) => {
      await attempt(state.report, state.psa, change, async () => {
        const seen = await look();
        // A look that was stopped may have missed somebody.
        if (!signal.aborted) await applyOne(seen, change);
      });
      done += 1;
      task.update(done, changes.length);
    });
  }
  state.report.sortSince(reported, changes);
  task.done();
}

/** What is carried out after one look at both sides; the canary by itself. */
function inTurns(changes: readonly PsaChange[]): readonly (readonly PsaChange[])[] {
  const turns: PsaChange[][] = [];
  let current: PsaChange[] = [];
  const close = (): void => {
    if (current.length > 0) turns.push(current);
    current = [];
  };
  for (const change of changes) {
    const isCanary = change.kind === 'push' && change.turn === 'canary';
    if (isCanary || current.length === changesPerLook) close();
    current.push(change);
    if (isCanary) close();
  }
  close();
  return turns;
}

/** Those who wait at once share one try; after one that failed, the next who asks tries again. */
function onceDone<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let trying: Promise<Value> | null = null;
  return async () => {
    const mine = (trying ??= work());
    try {
      return await mine;
    } catch (error) {
      if (trying === mine) trying = null;
      throw error;
    }
  };
}

async function applyOne(work: PsaWork, change: PsaChange): Promise<void> {
  switch (change.kind) {
    case 'push':
      return applyPush(work, change);
    case 'link':
      return applyLink(work, change);
    case 'complete':
      return applyLateComplete(work, change);
    case 'psa-update':
      return applyPsaUpdate(work, change);
  }
}
