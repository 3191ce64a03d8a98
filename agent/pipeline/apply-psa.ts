import { makePsaContext } from '../../core/eligibility/psa-context.ts';
import type { PsaChange } from '../../core/plan/push-changes.ts';
import { applyLink } from './apply-psa-link.ts';
import { applyComplete, applyPush } from './apply-psa-push.ts';
import { applyPsaUpdate } from './apply-psa-update.ts';
import { attempt } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { linksWith } from './psa-links.ts';
import { contactOf, type PsaWork } from './psa-work.ts';

/** Links (P10) and the company's contacts (P8) are read again right before this many creates. A search for each would cost several requests a contact. */
const pushesAtOnce = 50;

/** Carries out the PSA's side of the plan (P): links, creates with their second call, updates. One after the other: a PSA has no idempotency key. */
export async function applyPsa(state: ApplyState, changes: readonly PsaChange[]): Promise<void> {
  const { psa, signal, progress } = state.run;
  if (psa === null || state.psaContext === null) {
    for (const change of changes) state.report.fail(change, 'RECORD_CHANGED', 'no PSA is configured any more');
    return;
  }
  if (changes.length === 0) return;
  let work: PsaWork = { state, psa, context: state.psaContext, links: new Map() };
  const task = progress.start(`Pushing contacts to ${psa.displayName}`);
  let freshUntil = 0;
  for (const [index, change] of changes.entries()) {
    if (signal.aborted) break;
    await attempt(state.report, state.psa, change, async () => {
      if (index >= freshUntil) {
        work = await lookAgain(work, changes.slice(index, index + pushesAtOnce));
        freshUntil = index + pushesAtOnce;
      }
      await applyOne(work, change);
    });
    task.update(index + 1, changes.length);
  }
  task.done();
}

/** Looks once more at both sides before the next creates. */
async function lookAgain(work: PsaWork, changes: readonly PsaChange[]): Promise<PsaWork> {
  const { state, psa } = work;
  const ids = changes.flatMap((change) => (change.kind === 'push' || change.kind === 'link' ? (contactOf(state, change) ?? []) : []));
  const read = ids.length === 0 ? [] : await state.run.documentation.listContactsById(state.run.organization, ids);
  const links = new Map(read.map((contact) => [contact.id, contact]));
  const { snapshot, settings } = work.context;
  const creates = changes.some((change) => change.kind === 'push' && change.turn !== 'wait');
  const contacts = creates && snapshot.company !== null ? await psa.listContacts(snapshot.company.id) : snapshot.contacts;
  const fresh = { ...snapshot, contacts, linkedTo: linksWith(snapshot.linkedTo, state.contactStates()) };
  return { ...work, links, context: makePsaContext(fresh, settings) };
}

async function applyOne(work: PsaWork, change: PsaChange): Promise<void> {
  switch (change.kind) {
    case 'push':
      return applyPush(work, change);
    case 'link':
      return applyLink(work, change);
    case 'complete':
      return applyComplete(work, change, change.contactId, change.psaContactId);
    case 'psa-update':
      return applyPsaUpdate(work, change);
  }
}
