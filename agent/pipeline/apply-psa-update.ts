import type { PsaUpdateChange } from '../../core/model/plan.ts';
import type { SyncedSide } from '../../core/model/state.ts';
import { sameValue } from '../../core/normalize/text.ts';
import { afterPsaUpdate } from '../../core/plan/after-write.ts';
import { contactSide, psaSide, type SyncedField, sameField } from '../../core/two-way/sides.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { deactivationProblem } from './preconditions.ts';
import type { PsaWork } from './psa-work.ts';

/** Writes values to a PSA contact (E9, P9), or makes it inactive (E8). */
export async function applyPsaUpdate({ state, psa, context }: PsaWork, change: PsaUpdateChange): Promise<void> {
  if (context.settings.push === 'off' || context.snapshot.excluded !== null) {
    return state.report.fail(change, 'RECORD_CHANGED', context.snapshot.excluded ?? 'psa.push is "off" now');
  }
  const contact = await psa.getContact(change.psaContactId);
  if (contact === null) return state.report.fail(change, 'RECORD_CHANGED', `the contact is not in ${psa.displayName} any more`);
  const changed = (['firstName', 'lastName', 'title'] as const).some(
    (member) => change.patch[member] !== undefined && !sameValue(contact[member], change.fields[member]?.from ?? null),
  );
  if (changed || !isAsPlanned(psaSide(contact), change.settles?.before.psa, change.settles?.fields))
    return state.report.fail(change, 'RECORD_CHANGED', `somebody changed the contact in ${psa.displayName} since the plan was made`);
  if (change.settles !== undefined && state.report.failed.some((failed) => failed.change.id === `update:${change.contactId}`)) {
    return state.report.skip(change, 'its change in IT Glue failed; it goes on with that one');
  }
  const problem = sourceProblem(state, change);
  if (problem !== null) return state.report.fail(change, 'RECORD_CHANGED', problem);
  if (change.patch.active === false && !contact.active && Object.keys(change.patch).length === 1) {
    return state.report.skip(change, `it is inactive in ${psa.displayName} already`);
  }
  if (change.patch.active === false) {
    const kept = deactivationProblem(state, change, { contact, snapshot: context.snapshot });
    if (kept !== null) return state.report.fail(change, 'RECORD_CHANGED', kept);
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

/** What goes to the PSA has to stand in IT Glue now: a write there may have failed, or somebody changed it since (P9, P12). */
function sourceProblem(state: ApplyState, { contactId, settles }: PsaUpdateChange): string | null {
  if (settles === undefined) return null;
  const contact = state.current(contactId);
  if (contact === null) return 'its contact is not in IT Glue any more';
  const { fields, both, before, after } = settles;
  const single = fields.filter((field) => !both.includes(field));
  const now = contactSide(contact);
  const same = isAsPlanned(now, before.itGlue, single) && isAsPlanned(now, after.itGlue, both);
  return same ? null : 'its contact in IT Glue is not as the plan saw it';
}

function isAsPlanned(now: SyncedSide, planned: SyncedSide | undefined, fields: readonly SyncedField[] = []): boolean {
  return planned === undefined || fields.every((field) => sameField(now, planned, field));
}
