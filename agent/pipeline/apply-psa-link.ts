import { judgeHits } from '../../core/eligibility/psa-twin.ts';
import type { LinkChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import { afterLink } from '../../core/plan/after-write.ts';
import type { PsaContactPatch } from '../../core/ports/psa.ts';
import { contactSide, psaSide, withPatch } from '../../core/two-way/sides.ts';
import { journaled } from './journaled.ts';
import { pushProblem } from './preconditions.ts';
import { candidateOf, companyProblem, contactOf, type PsaWork } from './psa-work.ts';

/** Links a contact with one that the PSA has already, and fills the PSA's blanks (P8). */
export async function applyLink(work: PsaWork, change: LinkChange): Promise<void> {
  const { state, psa, context, links } = work;
  const elsewhere = companyProblem(work, change.companyId);
  if (elsewhere !== null) return state.report.fail(change, 'RECORD_CHANGED', elsewhere);
  const contactId = contactOf(state, change);
  if (contactId === null) return state.report.fail(change, 'DEPENDENCY_FAILED', 'its contact was not created in IT Glue');
  const contact = links.get(contactId);
  if (contact === undefined) return state.report.fail(change, 'RECORD_CHANGED', 'its contact is not in IT Glue any more');
  const problem = pushProblem(state, change);
  if (problem !== null) return state.report.fail(change, problem.code, problem.why);
  const twin = await psa.getContact(change.psaContactId);
  if (twin === null) return state.report.fail(change, 'RECORD_CHANGED', `the contact is not in ${psa.displayName} any more`);
  const judged = judgeHits(candidateOf(contact, change.externalKey ?? null), [twin], context);
  if (judged.kind !== 'link')
    return state.report.fail(change, 'RECORD_CHANGED', `the contact in ${psa.displayName} changed since the plan was made`);

  const patch = stillBlank(change.patch, twin);
  const synced = { psaContactId: change.psaContactId, itGlue: contactSide(contact), psa: psaSide(withPatch(twin, patch)) };
  const kept = afterLink(change, state.contact(contactId), state.run.now(), synced);
  if (Object.keys(patch).length === 0) {
    state.remember(kept);
    await state.run.store.saveContactStates(state.run.organization, kept.contacts ?? []);
    return state.report.done(change, change.psaContactId);
  }
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'update-psa-contact',
      user: change.user,
      contactId,
      record: change.psaContactId,
      request: { change: { ...change, contactId, patch } },
      before: twin,
    },
    { send: () => psa.updateContact(change.psaContactId, patch), onDone: () => ({ result: null, remember: state.remember(kept) }) },
  );
  if (outcome.kind === 'done') state.report.done(change, change.psaContactId);
  else state.report.failOutcome(change, outcome);
}

/** Of what a first link fills: what is still blank in the PSA (P8). */
function stillBlank(patch: PsaContactPatch, twin: PsaContact): PsaContactPatch {
  const { addEmails, addPhones, ...scalars } = patch;
  const blanks = Object.entries(scalars).filter(([member]) => twin[member as keyof typeof scalars] === null);
  return {
    ...Object.fromEntries(blanks),
    ...(addEmails === undefined || twin.emails.length > 0 ? {} : { addEmails }),
    ...(addPhones === undefined || twin.phones.length > 0 ? {} : { addPhones }),
  };
}
