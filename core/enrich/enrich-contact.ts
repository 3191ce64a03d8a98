import type { Contact, ContactEmail, ContactPhone } from '../model/contact.ts';
import type { FieldChange } from '../model/plan.ts';
import type { FieldPolicy, MappedField } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';
import { sameValue } from '../normalize/text.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import { mergeList } from './addresses.ts';
import { mergeValue } from './merge-value.ts';
import type { WantedContact } from './wanted-contact.ts';

export type FieldBases = Readonly<Partial<Record<MappedField, FieldBase>>>;

export interface EnrichInput {
  readonly wanted: WantedContact;
  readonly contact: Contact;
  readonly bases: FieldBases;
  readonly policies: Readonly<Record<MappedField, FieldPolicy>>;
  /** P2: the directory's phone of the chosen type becomes primary. */
  readonly forcePhonePrimary: boolean;
}

/** A difference that is left alone. */
interface FieldConflict {
  readonly field: MappedField;
  readonly ours: string | null;
  readonly theirs: string | null;
}

export interface Enrichment {
  /** Members to set; empty when nothing is to be written. */
  readonly patch: ContactPatch;
  /** The same members as the contact has them. */
  readonly before: ContactPatch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  /** Bases that hold when the patch was written. */
  readonly writtenBases: FieldBases;
  /** Bases that hold whether anything is written or not: both sides have the value. */
  readonly equalBases: FieldBases;
  readonly conflicts: readonly FieldConflict[];
  /** How many fields become empty. */
  readonly blanks: number;
  /** Field by field, why it is written or kept, for `explain`. */
  readonly notes: readonly { readonly field: MappedField; readonly action: 'write' | 'keep' | 'conflict'; readonly why: string }[];
}

type FieldNote = Enrichment['notes'][number];

/** Fields are filled as they come up: most contacts of most runs have nothing to write, and there are many of them. */
interface Draft {
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

/** The reasons are few sentences: each note is made once. */
const notesByWhy = new Map<string, Map<string, FieldNote>>();

function noteOf(field: MappedField, action: FieldNote['action'], why: string): FieldNote {
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

function write(
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

/** Works out what enriching an existing contact would write (E4-E6). Pure: the same input gives the same answer. */
export function enrichContact(input: EnrichInput): Enrichment {
  const draft: Draft = {
    patch: null,
    before: nothing,
    fields: nothing,
    writtenBases: nothing,
    equalBases: {},
    conflicts: null,
    blanks: 0,
    notes: [],
  };
  const { wanted, contact } = input;

  mergeScalar(draft, input, { field: 'firstName', ours: wanted.firstName, theirs: contact.firstName, member: 'firstName' });
  mergeScalar(draft, input, { field: 'lastName', ours: wanted.lastName, theirs: contact.lastName, member: 'lastName' });
  mergeScalar(draft, input, { field: 'title', ours: wanted.title, theirs: contact.title, member: 'title' });
  mergeEmails(draft, input);
  mergePhones(draft, input);
  mergeScalar(draft, input, {
    field: 'location',
    ours: wanted.location?.locationId ?? null,
    theirs: contact.locationId,
    member: 'locationId',
    shown: { ours: wanted.location?.name ?? null, theirs: contact.locationName ?? contact.locationId },
    onlyWritten: true,
    quiet: true,
  });
  mergeScalar(draft, input, {
    field: 'contactType',
    ours: wanted.contactType?.id ?? null,
    theirs: contact.contactTypeId,
    member: 'contactTypeId',
    shown: { ours: wanted.contactType?.name ?? null, theirs: contact.contactTypeName ?? contact.contactTypeId },
    onlyWritten: true,
    quiet: true,
  });

  const { before, fields, writtenBases, equalBases, conflicts, blanks, notes } = draft;
  return { patch: draft.patch ?? nothing, before, fields, writtenBases, equalBases, conflicts: conflicts ?? noConflicts, blanks, notes };
}

interface ScalarMerge {
  readonly field: MappedField;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly member: 'firstName' | 'lastName' | 'title' | 'locationId' | 'contactTypeId';
  readonly shown?: { readonly ours: string | null; readonly theirs: string | null };
  readonly onlyWritten?: boolean;
  /** A difference is the people's choice and no conflict worth showing (a location, a contact type). */
  readonly quiet?: boolean;
}

function mergeScalar(draft: Draft, input: EnrichInput, merge: ScalarMerge): void {
  const { field, member, theirs } = merge;
  const shown = merge.shown ?? { ours: merge.ours, theirs };
  const outcome = mergeValue({
    ours: merge.ours,
    theirs,
    base: input.bases[field],
    policy: input.policies[field],
    same: sameValue,
    ...(merge.onlyWritten === true ? { onlyWritten: true } : {}),
  });
  switch (outcome.action) {
    case 'keep':
      if (outcome.base !== null) draft.equalBases[field] = outcome.base;
      draft.notes.push(noteOf(field, 'keep', outcome.why));
      break;
    case 'conflict':
      if (merge.quiet === true) draft.notes.push(noteOf(field, 'keep', outcome.why));
      else {
        draft.conflicts ??= [];
        draft.conflicts.push({ field, ours: shown.ours, theirs: shown.theirs });
        draft.notes.push(noteOf(field, 'conflict', outcome.why));
      }
      break;
    case 'write':
    case 'clear': {
      const value = outcome.action === 'write' ? outcome.value : null;
      const change = { from: shown.theirs, to: value === null ? null : shown.ours };
      write(draft, { field, member, change, value, before: theirs, base: outcome.base });
      if (value === null) draft.blanks += 1;
      draft.notes.push(noteOf(field, 'write', outcome.why));
      break;
    }
  }
}

function mergeEmails(draft: Draft, { wanted, contact, bases, policies }: EnrichInput): void {
  const outcome = mergeList<ContactEmail>({
    ours: wanted.email,
    theirs: contact.emails,
    base: bases.email,
    policy: policies.email,
    keyOf: (item) => emailKey(item.value) ?? item.value,
    replace: (old, item) => ({ ...old, value: item.value }),
    withPrimary: (item, primary) => ({ ...item, primary }),
    forcePrimary: false,
    complete: (existing) => existing,
  });
  if (outcome.action === 'keep') {
    if (outcome.base !== null) draft.equalBases.email = outcome.base;
  } else {
    const change = { from: showEmails(contact.emails), to: showEmails(outcome.items) };
    write(draft, { field: 'email', member: 'emails', change, value: outcome.items, before: contact.emails, base: outcome.base });
    if (outcome.items.length === 0) draft.blanks += 1;
  }
  draft.notes.push(noteOf('email', outcome.action, outcome.why));
}

function mergePhones(draft: Draft, { wanted, contact, bases, policies, forcePhonePrimary }: EnrichInput): void {
  const outcome = mergeList<ContactPhone>({
    ours: wanted.phone,
    theirs: contact.phones,
    base: bases.phone,
    policy: policies.phone,
    keyOf: (item) => phoneKey(item.phone) ?? item.phone.raw,
    replace: (old, item) => ({ ...old, phone: item.phone }),
    withPrimary: (item, primary) => ({ ...item, primary }),
    forcePrimary: forcePhonePrimary,
    complete: (existing, ours) =>
      existing.phone.extension === null && ours.phone.extension !== null
        ? { ...existing, phone: { ...existing.phone, extension: ours.phone.extension } }
        : existing,
  });
  if (outcome.action === 'keep') {
    if (outcome.base !== null) draft.equalBases.phone = outcome.base;
  } else {
    const change = { from: showPhones(contact.phones), to: showPhones(outcome.items) };
    write(draft, { field: 'phone', member: 'phones', change, value: outcome.items, before: contact.phones, base: outcome.base });
    if (outcome.items.length === 0) draft.blanks += 1;
  }
  draft.notes.push(noteOf('phone', outcome.action, outcome.why));
}

/** An e-mail list as a person reads it: `a@b.c (Work, primary)`. */
export function showEmails(emails: readonly ContactEmail[]): string | null {
  return showList(emails.map((item) => ({ text: item.value, label: item.label, primary: item.primary })));
}

export function showPhones(phones: readonly ContactPhone[]): string | null {
  return showList(
    phones.map(({ phone, label, primary }) => ({
      text: `${phone.e164 ?? phone.raw}${phone.extension === null ? '' : ` x${phone.extension}`}`,
      label,
      primary,
    })),
  );
}

function showList(items: readonly { readonly text: string; readonly label: string; readonly primary: boolean }[]): string | null {
  if (items.length === 0) return null;
  return items.map(({ text, label, primary }) => `${text} (${label}${primary ? ', primary' : ''})`).join(', ');
}
