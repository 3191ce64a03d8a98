import type { FieldChange } from '../model/plan.ts';
import type { MappedField } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import type { MergeOutcome } from './merge-value.ts';

/** A difference that is left alone. */
export interface FieldConflict {
  readonly field: MappedField;
  readonly ours: string | null;
  readonly theirs: string | null;
}

/** Why a field is written or kept, for `explain`. */
export interface FieldNote {
  readonly field: MappedField;
  readonly action: 'write' | 'keep' | 'conflict';
  readonly why: string;
}

/** Fields are filled as they come up: most contacts of most runs have nothing to write, and there are many of them. */
export interface Draft {
  patch: Record<string, unknown> | null;
  before: Record<string, unknown>;
  fields: Record<string, FieldChange>;
  writtenBases: Partial<Record<MappedField, FieldBase>>;
  equalBases: Partial<Record<MappedField, FieldBase>>;
  conflicts: FieldConflict[] | null;
  blanks: number;
  notes: FieldNote[];
}

const nothing: Readonly<Record<string, never>> = Object.freeze({});
const noConflicts: readonly FieldConflict[] = Object.freeze([]);

export function newDraft(): Draft {
  return {
    patch: null,
    before: nothing,
    fields: nothing,
    writtenBases: nothing,
    equalBases: {},
    conflicts: null,
    blanks: 0,
    notes: [],
  };
}

/** What the draft has become; what was never filled is shared, not made. */
export function finishDraft(draft: Draft) {
  return { ...draft, patch: (draft.patch ?? nothing) as ContactPatch, conflicts: draft.conflicts ?? noConflicts };
}

/** The reasons are few sentences: each note is made once. */
const notesByWhy = new Map<string, Map<string, FieldNote>>();

export function noteOf(field: MappedField, action: FieldNote['action'], why: string): FieldNote {
  let byField = notesByWhy.get(why);
  if (byField === undefined) {
    byField = new Map();
    notesByWhy.set(why, byField);
  }
  const key = action === 'keep' ? field : `${action} ${field}`;
  let note = byField.get(key);
  if (note === undefined) {
    note = Object.freeze({ field, action, why });
    byField.set(key, note);
  }
  return note;
}

/** Notes that a field is to be written. */
export function write(
  draft: Draft,
  written: {
    readonly field: MappedField;
    readonly member: keyof ContactPatch;
    readonly change: FieldChange;
    readonly value: unknown;
    readonly before: unknown;
    readonly base: FieldBase;
  },
): void {
  if (draft.patch === null) {
    draft.patch = {};
    draft.before = {};
    draft.fields = {};
    draft.writtenBases = {};
  }
  draft.patch[written.member] = written.value;
  draft.before[written.member] = written.before;
  draft.fields[written.field] = written.change;
  draft.writtenBases[written.field] = written.base;
}

interface Recording {
  readonly field: MappedField;
  readonly shown: { readonly ours: string | null; readonly theirs: string | null };
  readonly quiet?: boolean;
  /** What is sent for a value, and what is there; `null` clears. */
  readonly written: (value: string | null) => { readonly member: keyof ContactPatch; readonly value: unknown; readonly before: unknown };
  /** Clearing makes the field empty (guard `blank`). */
  readonly isBlank: boolean;
}

/** Keeps what the merge of one value came to. */
export function record(draft: Draft, outcome: MergeOutcome, { field, shown, quiet = false, written, isBlank }: Recording): void {
  switch (outcome.action) {
    case 'keep':
      if (outcome.base !== null) draft.equalBases[field] = outcome.base;
      draft.notes.push(noteOf(field, 'keep', outcome.why));
      break;
    case 'conflict':
      if (quiet) draft.notes.push(noteOf(field, 'keep', outcome.why));
      else {
        draft.conflicts ??= [];
        draft.conflicts.push({ field, ours: shown.ours, theirs: shown.theirs });
        draft.notes.push(noteOf(field, 'conflict', outcome.why));
      }
      break;
    case 'write':
    case 'clear': {
      const value = outcome.action === 'write' ? outcome.value : null;
      const change = { from: shown.theirs, to: value === null && isBlank ? null : shown.ours };
      write(draft, { field, ...written(value), change, base: outcome.base });
      if (value === null && isBlank) draft.blanks += 1;
      draft.notes.push(noteOf(field, 'write', outcome.why));
      break;
    }
  }
}
