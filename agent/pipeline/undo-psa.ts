import { RollcallError } from '../../core/errors.ts';
import type { PsaUpdateChange } from '../../core/model/plan.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { itemOf, reversed, type UndoLists } from './undo-items.ts';

interface UndoInPsa {
  readonly state: ApplyState;
  readonly lists: UndoLists;
  readonly preview: boolean;
}

/** Says that what a run wrote to the PSA stays. */
export function reportPsa(lists: UndoLists, entry: JournalEntry): void {
  lists.skipped.push({ ...itemOf(entry), system: 'psa', reason: 'undo of what was written to the PSA comes with a later version' });
}

/**
 * Makes a PSA contact active again that the run made inactive, if it still is (A5). The next sync takes that for a person's choice and
 * leaves it so (E8). Values that went to the PSA (E9) stay.
 */
export async function undoPsaUpdate(work: UndoInPsa, entry: JournalEntry): Promise<void> {
  const change = deactivationOf(entry);
  if (change === null) return reportPsa(work.lists, entry);
  const { lists } = work;
  const { active, ...values } = change.fields;
  if (Object.keys(values).length > 0) {
    lists.skipped.push({ ...itemOf(entry), system: 'psa', fields: values, reason: 'undo of values in the PSA comes with a later version' });
  }
  const item = { ...itemOf(entry), system: 'psa' as const, fields: reversed(active === undefined ? {} : { active }) };
  const { psa } = work.state.run;
  if (psa === null) {
    lists.skipped.push({ ...item, reason: 'no PSA is configured any more' });
    return;
  }
  try {
    const contact = await psa.getContact(change.psaContactId);
    if (contact === null || contact.active) {
      lists.skipped.push({ ...item, reason: contact === null ? 'the contact is not there any more' : 'somebody made it active again' });
    } else if (work.preview) lists.restored.push(item);
    else await activate(work, { psa, entry, change, item, before: contact });
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    lists.failed.push({ ...item, reason: error.message, code: error.code, retryable: error.retry === 'later' });
  }
}

function deactivationOf({ request }: JournalEntry): PsaUpdateChange | null {
  if (request === null || typeof request !== 'object' || !('change' in request)) return null;
  const change = request.change as PsaUpdateChange;
  return change.kind === 'psa-update' && change.patch.active === false ? change : null;
}

async function activate(
  { state, lists }: UndoInPsa,
  what: {
    readonly psa: Psa;
    readonly entry: JournalEntry;
    readonly change: PsaUpdateChange;
    readonly item: UndoLists['restored'][number];
    readonly before: unknown;
  },
): Promise<void> {
  const { psa, entry, item, before } = what;
  const change: PsaUpdateChange = {
    ...what.change,
    id: `undo:psa:${what.change.psaContactId}`,
    rule: 'A5',
    fields: item.fields,
    reason: `undo of run ${entry.run}`,
    patch: { active: true },
    bases: {},
  };
  const { user, contactId } = entry;
  const outcome = await journaled(
    state.run,
    { changes: [change.id], operation: 'update-psa-contact', user, contactId, record: change.psaContactId, request: { change }, before },
    { send: () => psa.updateContact(change.psaContactId, change.patch), onDone: () => ({ result: null }) },
  );
  if (outcome.kind === 'done') {
    await state.run.store.markUndone([entry.id], state.run.run);
    lists.restored.push(item);
  } else lists.failed.push({ ...item, reason: outcome.reason, code: outcome.code, retryable: outcome.kind === 'unknown' });
}
