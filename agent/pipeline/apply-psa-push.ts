import { findTwin } from '../../core/eligibility/psa-twin.ts';
import { ownedElsewhere, psaAdapter } from '../../core/enrich/ownership.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactId, PsaContactId } from '../../core/model/ids.ts';
import type { CompleteChange, PushChange } from '../../core/model/plan.ts';
import type { SyncedSide } from '../../core/model/state.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterComplete, afterPush, canaryAfter } from '../../core/plan/after-write.ts';
import { sideWhenSent } from '../../core/two-way/side-when-sent.ts';
import { contactSide, psaSide } from '../../core/two-way/sides.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { pushProblem } from './preconditions.ts';
import { candidateOf, companyProblem, contactOf, type PsaWork } from './psa-work.ts';

/** Creates a contact in the PSA (P3, P4, P5), after one more look at both sides (P8, P10). */
export async function applyPush(work: PsaWork, change: PushChange): Promise<void> {
  const { state, psa, context, links } = work;
  const waits = change.turn === 'wait' ? 'waiting for the canary' : canaryProblem(work, change);
  if (waits !== null) return state.report.skip(change, waits);
  const elsewhere = companyProblem(work, change.input.companyId);
  if (elsewhere !== null) return state.report.fail(change, 'RECORD_CHANGED', elsewhere);
  const contactId = contactOf(state, change);
  if (contactId === null) return state.report.fail(change, 'DEPENDENCY_FAILED', 'its contact was not created in IT Glue');
  const contact = links.get(contactId);
  if (contact === undefined) return state.report.fail(change, 'RECORD_CHANGED', 'its contact is not in IT Glue any more');
  if (psaAdapter(contact.adapters, psa.adapterNames) !== null || contact.psaIntegration !== null) {
    return state.report.skip(change, `IT Glue linked it with ${psa.displayName} in the meantime`);
  }
  const problem = pushProblem(state, change);
  if (problem !== null) return state.report.fail(change, problem.code, problem.why);
  const twin = findTwin(candidateOf(contact, change.input.externalKey), context);
  if (twin.kind !== 'none') {
    return state.report.skip(change, twin.kind === 'hold' ? `Held: ${twin.why}` : `${twin.why}; the next run links it`);
  }

  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'create-psa-contact',
      user: change.user,
      contactId,
      record: null,
      request: { change: { ...change, contactId } },
      before: null,
    },
    {
      send: () => psa.createContact(change.input),
      onDone: (id) => {
        const kept = state.remember(
          afterPush(change, id, {
            contact: state.contact(contactId),
            now: state.run.now(),
            titleInSecondCall: psa.requirements.titleInSecondCall,
            synced: { psaContactId: id, itGlue: sentSide(state, change, contact), psa: psaSide(change.input), unseen: true },
          }),
        );
        return { record: id, result: { psaContactId: id }, remember: withCanary(state, change, { kept, contactId, psaContactId: id }) };
      },
      onUnknown: () => withCanary(state, change, { kept: {}, contactId, psaContactId: null }),
    },
  );
  if (outcome.kind !== 'done') return state.report.failOutcome(change, outcome);
  if (change.input.title === null || !psa.requirements.titleInSecondCall) return state.report.done(change, outcome.value);
  await applyComplete(work, change, contactId, outcome.value);
}

/**
 * IT Glue's half of the base (P9): what was sent, for somebody may have changed the contact since the plan was made, and that is still to go
 * to the PSA. Values of the directory that IT Glue does not take were never its own (E9).
 */
export function sentSide(state: ApplyState, change: PushChange, contact: Contact): SyncedSide {
  const now = contactSide(contact);
  const isOwned = change.bases !== undefined || ownedElsewhere(contact, state.contact(contact.id)) !== null;
  return isOwned ? now : sideWhenSent(now, change.input);
}

function withCanary<Kept extends object>(
  state: ApplyState,
  change: PushChange,
  made: { readonly kept: Kept; readonly contactId: ContactId; readonly psaContactId: PsaContactId | null },
): Kept & { organization?: ApplyState['organization'] } {
  if (change.turn !== 'canary') return made.kept;
  state.organization = { ...state.organization, canary: canaryAfter(made.contactId, made.psaContactId, state.run.now()) };
  return { ...made.kept, organization: state.organization };
}

/** The second call of an earlier create, made up for: what somebody typed there meanwhile stays, and is a change of the PSA (P9). */
export async function applyLateComplete(work: PsaWork, change: CompleteChange): Promise<void> {
  const { state, psa } = work;
  const { contactId, psaContactId, input } = change;
  const contact = await psa.getContact(psaContactId);
  if (contact === null) return state.report.fail(change, 'RECORD_CHANGED', `the contact is not in ${psa.displayName} any more`);
  if (contact.companyId !== input.companyId) {
    return state.report.fail(change, 'RECORD_CHANGED', `the contact in ${psa.displayName} belongs to another company by now`);
  }
  if (contact.title === null || sameValue(contact.title, input.title)) return applyComplete(work, change, contactId, psaContactId);
  const kept = state.remember(afterComplete(change, state.contact(contactId)));
  await state.run.store.saveContactStates(state.run.organization, kept.contacts ?? []);
  return state.report.skip(change, `it has a title in ${psa.displayName} by now`);
}

/** The second call: what a create cannot carry. */
async function applyComplete(
  { state, psa }: PsaWork,
  change: PushChange | CompleteChange,
  contactId: ContactId,
  id: PsaContactId,
): Promise<void> {
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'complete-psa-contact',
      user: change.user,
      contactId,
      record: id,
      request: { change },
      before: null,
    },
    {
      send: () => psa.completeContact(id, change.input),
      onDone: () => ({ result: null, remember: state.remember(afterComplete(change, state.contact(contactId))) }),
    },
  );
  if (outcome.kind === 'done') state.report.done(change, id);
  else state.report.failOutcome(change, outcome);
}

/** P10: what a stored plan does not know of the canary. */
function canaryProblem({ state }: PsaWork, change: PushChange): string | null {
  const { canary } = state.organization;
  if (canary === null || state.run.settings.psa.settleMinutes === 0) return null;
  if (canary.state === 'tripped') return 'PSA_DOUBLE_PUSH: IT Glue pushes by itself';
  return canary.state === 'waiting' && canary.contactId !== change.contactId ? 'waiting for the canary' : null;
}
