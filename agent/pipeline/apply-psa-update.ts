import type { PsaUpdateChange } from '../../core/model/plan.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterPsaUpdate } from '../../core/plan/after-write.ts';
import { journaled } from './journaled.ts';
import { deactivationProblem } from './preconditions.ts';
import type { PsaWork } from './psa-work.ts';

/** Writes values to a PSA contact, or makes it inactive (E8, E9). */
export async function applyPsaUpdate({ state, psa, context }: PsaWork, change: PsaUpdateChange): Promise<void> {
  if (context.settings.push === 'off' || context.snapshot.excluded !== null) {
    return state.report.fail(change, 'RECORD_CHANGED', context.snapshot.excluded ?? 'psa.push is "off" now');
  }
  const contact = await psa.getContact(change.psaContactId);
  if (contact === null) return state.report.fail(change, 'RECORD_CHANGED', `the contact is not in ${psa.displayName} any more`);
  const changed = (['firstName', 'lastName', 'title'] as const).some(
    (member) => change.patch[member] !== undefined && !sameValue(contact[member], change.fields[member]?.from ?? null),
  );
  if (changed)
    return state.report.fail(change, 'RECORD_CHANGED', `somebody changed the contact in ${psa.displayName} since the plan was made`);
  if (change.patch.active === false && !contact.active && Object.keys(change.patch).length === 1) {
    return state.report.skip(change, `it is inactive in ${psa.displayName} already`);
  }
  if (change.patch.active === false) {
    const problem = deactivationProblem(state, change, { contact, snapshot: context.snapshot });
    if (problem !== null) return state.report.fail(change, 'RECORD_CHANGED', problem);
  }
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'update-psa-contact',
      user: change.user,
      contactId: change.contactId,
      record: change.psaContactId,
      request: { change },
      before: contact,
    },
    {
      send: () => psa.updateContact(change.psaContactId, change.patch),
      onDone: () => ({ result: null, remember: state.remember(afterPsaUpdate(change, state.contact(change.contactId), state.run.now())) }),
    },
  );
  if (outcome.kind === 'done') state.report.done(change, change.psaContactId);
  else state.report.failOutcome(change, outcome);
}
