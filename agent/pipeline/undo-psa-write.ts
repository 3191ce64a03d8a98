import type { ContactId } from '../../core/model/ids.ts';
import type { FieldChange, PsaUpdateChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { ContactState } from '../../core/model/state.ts';
import type { AfterWrite } from '../../core/plan/after-write.ts';
import type { Psa, PsaContactPatch } from '../../core/ports/psa.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import { psaSide } from '../../core/two-way/sides.ts';
import { undoneBase } from '../../core/undo/undone-base.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';

/** What an undo writes to a contact of the PSA. */
export interface PsaTakeBack {
  /** The entry of the journal that it undoes. */
  readonly entry: JournalEntry;
  readonly contactId: ContactId;
  readonly label: string;
  readonly patch: PsaContactPatch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  /** The PSA's contact now, and as the patch leaves it. */
  readonly now: PsaContact;
  readonly result: PsaContact;
}

/** Writes to the PSA what takes an entry of the journal back (A5), journaled like every write and to be undone like one. */
export async function writeBack(state: ApplyState, psa: Psa, work: PsaTakeBack): Promise<WriteOutcome<null>> {
  const { entry, contactId, label, patch, fields, now, result } = work;
  const change: PsaUpdateChange = {
    id: `undo:psa:${now.id}`,
    kind: 'psa-update',
    system: 'psa',
    user: entry.user,
    label,
    record: now.id,
    rule: 'A5',
    fields,
    reason: `undo of run ${entry.run}`,
    contactId,
    psaContactId: now.id,
    patch,
    // The bases stay what rollcall wrote: the next sync sees that a person took it back and leaves it (E4, E9).
    bases: {},
  };
  const outcome = await journaled(
    state.run,
    {
      changes: [change.id],
      operation: 'update-psa-contact',
      user: entry.user,
      contactId,
      record: now.id,
      request: { change, undoes: entry.id },
      before: now,
    },
    {
      send: () => psa.updateContact(now.id, patch),
      onDone: () => ({ result: null, remember: state.remember(afterUndo(state.contact(contactId), now, result)) }),
    },
  );
  if (outcome.kind === 'done') await state.run.store.markUndone([entry.id], state.run.run);
  return outcome;
}

/** The entry that this one undid, or was to; `null`: it is no part of an undo in the PSA. */
export function undoneBy({ request }: JournalEntry): number | null {
  if (request === null || typeof request !== 'object' || !('undoes' in request)) return null;
  return typeof request.undoes === 'number' ? request.undoes : null;
}

/** What an undo wrote to the PSA is no change that goes to IT Glue (P9). `before`: the PSA's contact before the undo. */
export function afterUndo(state: ContactState, before: PsaContact, after: PsaContact): AfterWrite {
  return { contacts: [{ ...state, synced: undoneBase(state.synced, { side: 'psa', before: psaSide(before), after: psaSide(after) }) }] };
}
