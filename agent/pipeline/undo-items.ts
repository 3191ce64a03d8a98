import type { Contact } from '../../core/model/contact.ts';
import type { FieldChange, UpdateChange } from '../../core/model/plan.ts';
import type { ContactState } from '../../core/model/state.ts';
import { contactFingerprint } from '../../core/plan/fingerprint.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
import { contactSide } from '../../core/two-way/sides.ts';
import { undoneBase } from '../../core/undo/undone-base.ts';
import type { UndoDocument, UndoItemDocument } from '../cli/documents.ts';

/** What an undo did, or would do. */
export interface UndoLists {
  readonly restored: UndoItemDocument[];
  readonly created: UndoDocument['created'][number][];
  readonly skipped: UndoItemDocument[];
  readonly failed: UndoDocument['failed'][number][];
  /** What stays, for people. */
  readonly notices: string[];
}

/** What the entry of the journal was about. */
export function changeOf(
  entry: JournalEntry,
): { readonly label: string; readonly fields: Readonly<Record<string, FieldChange>> } & Partial<UpdateChange> {
  const { request } = entry;
  const known = request !== null && typeof request === 'object' && 'change' in request ? (request.change as UpdateChange) : null;
  return known ?? { label: entry.contactId ?? entry.record ?? '', fields: {} };
}

/** The entry as a line of the document. */
export function itemOf(entry: JournalEntry): UndoItemDocument {
  const change = changeOf(entry);
  return { system: 'it-glue', record: entry.record, label: change.label, fields: change.fields, reason: null };
}

/** What was put back in IT Glue is no change that goes to the PSA (P9). `before`: the contact before the undo. */
export function afterRestore(state: ContactState, before: Contact, written: Contact): ContactState {
  const synced = undoneBase(state.synced, { side: 'itGlue', before: contactSide(before), after: contactSide(written) });
  return { ...state, fingerprint: contactFingerprint(written), synced };
}

/** From what it became to what it was. */
export function reversed(fields: Readonly<Record<string, FieldChange>>): Readonly<Record<string, FieldChange>> {
  return Object.fromEntries(Object.entries(fields).map(([name, { from, to }]) => [name, { from: to, to: from }]));
}
