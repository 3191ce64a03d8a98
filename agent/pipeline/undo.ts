import { withoutOverlayNotes } from '../../core/enrich/overlay.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { CreateChange, UpdateChange } from '../../core/model/plan.ts';
import type { ContactPatch } from '../../core/ports/documentation.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import type { UndoItemDocument } from '../cli/documents.ts';
import type { ApplyState } from './apply-state.ts';
import { journaled } from './journaled.ts';
import { wentToOtherPsa } from './other-psa.ts';
import { hasValues, ownedNow } from './preconditions.ts';
import { afterRestore, changeOf, itemOf, reversed, type UndoLists } from './undo-items.ts';
import { reportComplete, undoPsaCreate, undoPsaUpdate } from './undo-psa.ts';

interface UndoWork {
  readonly state: ApplyState;
  readonly lists: UndoLists;
  readonly deleteCreated: boolean;
  /** Says what would be done; writes nothing. */
  readonly preview: boolean;
}

/**
 * Puts back what a run changed, newest first, where nobody changed the value since (A5); reports the records that it created and, when
 * asked, deletes those that are unchanged and in no PSA (E8).
 */
export async function undoEntries(work: UndoWork, entries: readonly JournalEntry[]): Promise<void> {
  const done = entries.filter((entry) => entry.state === 'done' && entry.undoneBy === null).toReversed();
  let overlays = 0;
  for (const entry of done) {
    if (work.state.run.signal.aborted) return;
    if (wentToOtherPsa(entry, work.state.organization.psaTenant)) {
      work.lists.skipped.push({ ...itemOf(entry), system: 'psa', reason: 'it went to another PSA than the one that is configured now' });
      continue;
    }
    switch (entry.operation) {
      case 'update-contact':
        await undoUpdate(work, entry);
        break;
      case 'create-contact':
        await undoCreate(work, entry);
        break;
      case 'create-psa-contact':
        await undoPsaCreate(work, entry);
        break;
      case 'complete-psa-contact':
        // The second call of a create is told with the create.
        if (done.some((other) => other.operation === 'create-psa-contact' && other.contactId === entry.contactId)) break;
        reportComplete(work.lists, entry);
        break;
      case 'update-psa-contact':
        await undoPsaUpdate(work, entry);
        break;
      case 'create-overlay-type':
      case 'create-overlays':
      case 'update-overlays':
        // The overlay follows the directory: the next sync would write it again.
        overlays += entry.changes.length;
        break;
      case 'delete-contacts':
      case 'delete-overlays':
        work.lists.skipped.push({ ...itemOf(entry), reason: 'a deletion cannot be taken back' });
        break;
    }
  }
  if (overlays > 0) {
    work.lists.notices.push(
      `The AD fields of ${overlays} contacts stay, they follow the directory. Matches stay too: "rollcall contacts unmatch USER" takes one back`,
    );
  }
}

async function undoUpdate({ state, lists, preview }: UndoWork, entry: JournalEntry): Promise<void> {
  const change = changeOf(entry);
  const before = entry.before as ContactPatch | null;
  const contact = entry.contactId === null ? undefined : state.snapshot.contactsById.get(entry.contactId);
  const item = { ...itemOf(entry), fields: reversed(change.fields) };
  if (change.patch === undefined || before === null) {
    // Notes that carry the overlay follow the directory.
    return;
  }
  if (contact === undefined) {
    lists.skipped.push({ ...item, reason: 'the contact is not there any more' });
    return;
  }
  const owned = ownedNow(state, contact);
  if (owned !== null) {
    lists.skipped.push({ ...item, reason: owned });
    return;
  }
  const members = (Object.keys(change.patch) as (keyof ContactPatch)[]).filter((member) =>
    hasValues(contact, pick(change.patch ?? {}, member)),
  );
  const changedSince = Object.keys(change.patch).length - members.length;
  if (members.length === 0) {
    lists.skipped.push({ ...item, reason: 'somebody changed the values since' });
    return;
  }
  const patch: ContactPatch = Object.assign({}, ...members.map((member) => pick(before, member)));
  if (changedSince > 0) lists.skipped.push({ ...item, reason: `${changedSince} of its values were changed by somebody since and stay` });
  if (preview) {
    lists.restored.push(item);
    return;
  }
  await restore({ state, lists, entry, contact, patch, item, undone: change });
}

function pick(patch: ContactPatch, member: keyof ContactPatch): ContactPatch {
  return { [member]: patch[member] ?? null };
}

async function restore(work: {
  readonly state: ApplyState;
  readonly lists: UndoLists;
  readonly entry: JournalEntry;
  readonly contact: Contact;
  readonly patch: ContactPatch;
  readonly item: UndoItemDocument;
  readonly undone: Partial<UpdateChange>;
}): Promise<void> {
  const { state, lists, entry, contact, patch, item } = work;
  const before: ContactPatch = Object.assign(
    {},
    ...(Object.keys(patch) as (keyof ContactPatch)[]).map((member) => ({ [member]: contact[member] })),
  );
  const change: UpdateChange = {
    id: `undo:${contact.id}`,
    kind: 'update',
    system: 'it-glue',
    user: entry.user,
    label: item.label,
    record: contact.id,
    rule: 'A5',
    fields: item.fields,
    reason: `undo of run ${entry.run}`,
    contactId: contact.id,
    patch,
    before,
    // The bases stay what rollcall wrote: the next sync sees that a person took it back and leaves it (E4).
    bases: {},
    blanks: 0,
  };
  try {
    const outcome = await journaled(
      state.run,
      {
        changes: [change.id],
        operation: 'update-contact',
        user: entry.user,
        contactId: contact.id,
        record: contact.id,
        request: { change, undoes: entry.id },
        before,
      },
      {
        send: () => state.run.documentation.updateContact(state.run.organization, contact.id, patch),
        onDone: (written) => ({
          result: { updatedAt: written.updatedAt },
          remember: state.remember({ contacts: [afterRestore(state.contact(contact.id), contact, written)] }),
        }),
      },
    );
    if (outcome.kind === 'done') {
      await state.run.store.markUndone([entry.id], state.run.run);
      lists.restored.push(item);
    } else lists.failed.push({ ...item, reason: outcome.reason, code: outcome.code, retryable: outcome.kind === 'unknown' });
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    lists.failed.push({ ...item, reason: error.message, code: error.code, retryable: error.retry === 'later' });
  }
}

async function undoCreate({ state, lists, deleteCreated, preview }: UndoWork, entry: JournalEntry): Promise<void> {
  const item = itemOf(entry);
  const contact = entry.contactId === null ? undefined : state.snapshot.contactsById.get(entry.contactId);
  if (contact === undefined) {
    lists.created.push({ ...item, reason: 'it is not there any more', deleted: false });
    return;
  }
  const problem = deletionProblem(state, entry, contact);
  if (!deleteCreated || problem !== null) {
    lists.created.push({
      ...item,
      reason: problem ?? 'created records stay; --delete-created deletes them',
      deleted: false,
      deletable: problem === null,
    });
    return;
  }
  if (preview) {
    lists.created.push({ ...item, reason: null, deleted: true });
    return;
  }
  await deleteContact({ state, lists, entry, contact, item });
}

/** E8: only what this product created, as it created it, and in no PSA. */
function deletionProblem(state: ApplyState, entry: JournalEntry, contact: Contact): string | null {
  const linked = state.contact(contact.id).psaLink !== null || contact.adapters.length > 0 || contact.psaIntegration !== null;
  if (linked) return 'it is linked to a PSA or another integration';
  const { request } = entry;
  const sent = request !== null && typeof request === 'object' && 'change' in request ? (request.change as CreateChange).contact : null;
  return sent !== null && isAsCreated(contact, sent) ? null : 'it is not as it was created any more';
}

function isAsCreated(contact: Contact, sent: ContactPatch): boolean {
  const whole: ContactPatch = {
    firstName: null,
    lastName: null,
    title: null,
    contactTypeId: null,
    locationId: null,
    emails: [],
    phones: [],
    ...sent,
  };
  const untouched = withoutOverlayNotes(contact.notes) === null && contact.important !== true;
  return untouched && hasValues(contact, whole);
}

async function deleteContact(work: {
  readonly state: ApplyState;
  readonly lists: UndoLists;
  readonly entry: JournalEntry;
  readonly contact: Contact;
  readonly item: UndoItemDocument;
}): Promise<void> {
  const { state, lists, entry, contact, item } = work;
  const { documentation, organization, store, run } = state.run;
  const failed = (reason: string, code: string, retryable: boolean): void => {
    lists.failed.push({ ...item, reason, code, retryable });
  };
  try {
    // The contact is read once more right before it goes.
    const [fresh] = await documentation.listContactsById(organization, [contact.id]);
    if (fresh === undefined || deletionProblem(state, entry, fresh) !== null) {
      lists.created.push({ ...item, reason: 'somebody changed it just now', deleted: false });
      return;
    }
    const asset = state.snapshot.overlays.find((overlay) => overlay.contactIds.length === 1 && overlay.contactIds[0] === contact.id);
    const outcome = await journaled(
      state.run,
      {
        changes: [`delete:${contact.id}`],
        operation: 'delete-contacts',
        user: entry.user,
        contactId: contact.id,
        record: contact.id,
        request: { ids: [contact.id] },
        before: contact,
      },
      {
        send: () => documentation.deleteContacts(organization, [contact.id]),
        onDone: () => ({
          result: null,
          remember:
            entry.user === null
              ? {}
              : state.remember({
                  users: [
                    {
                      ...state.user(entry.user),
                      state: 'unmatched',
                      contactId: null,
                      rule: 'M7',
                      returned: true,
                      createdContact: false,
                      decidedAt: state.run.now(),
                    },
                  ],
                }),
        }),
      },
    );
    if (outcome.kind !== 'done') return failed(outcome.reason, outcome.code, outcome.kind === 'unknown');
    await store.markUndone([entry.id], run);
    lists.created.push({ ...item, reason: null, deleted: true });
    if (asset !== undefined) await deleteOverlay(state, asset.id);
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    failed(error.message, error.code, error.retry === 'later');
  }
}

async function deleteOverlay(state: ApplyState, id: string): Promise<void> {
  await journaled(
    state.run,
    {
      changes: [`delete-overlay:${id}`],
      operation: 'delete-overlays',
      user: null,
      contactId: null,
      record: id,
      request: { ids: [id] },
      before: null,
    },
    { send: () => state.run.documentation.deleteOverlays([id]), onDone: () => ({ result: null }) },
  );
}
