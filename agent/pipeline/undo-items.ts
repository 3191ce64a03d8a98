import type { FieldChange, UpdateChange } from '../../core/model/plan.ts';
import type { JournalEntry } from '../../core/ports/store.ts';
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

/** From what it became to what it was. */
export function reversed(fields: Readonly<Record<string, FieldChange>>): Readonly<Record<string, FieldChange>> {
  return Object.fromEntries(Object.entries(fields).map(([name, { from, to }]) => [name, { from: to, to: from }]));
}
