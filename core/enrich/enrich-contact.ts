import type { Contact, ContactEmail, ContactPhone } from '../model/contact.ts';
import type { FieldChange } from '../model/plan.ts';
import type { FieldPolicy, MappedField } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';
import { placeholderKey } from '../normalize/placeholder-phone.ts';
import { sameValue } from '../normalize/text.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import { type ListMergeOutcome, mergeList } from './addresses.ts';
import { type Draft, type FieldConflict, type FieldNote, finishDraft, newDraft, noteOf, record, write } from './enrichment-draft.ts';
import { mergeValue } from './merge-value.ts';
import { fitForPush, type Placeholder, withoutPlaceholder } from './push-labels.ts';
import type { WantedContact } from './wanted-contact.ts';

export type FieldBases = Readonly<Partial<Record<MappedField, FieldBase>>>;

export interface EnrichInput {
  readonly wanted: WantedContact;
  readonly contact: Contact;
  readonly bases: FieldBases;
  readonly policies: Readonly<Record<MappedField, FieldPolicy>>;
  /** P2: the directory's phone of the chosen type becomes primary. */
  readonly forcePhonePrimary: boolean;
  /** The user is not there any more: only contact type and flag are of today, all else is what was once read (E8). */
  readonly onlyType?: boolean;
  /** A rule names the type (E8, E10): another one is a difference worth showing, while that of the PSA settings is a mere default. */
  readonly typeByRule?: boolean;
  /** P10: the contact is to become what IT Glue pushes by itself. `placeholder`: for a contact without any phone; `null`: it stays blank. */
  readonly forPush?: { readonly placeholder: Placeholder | null };
  /** What stands for "no phone" (P2), besides zeros. */
  readonly blankPhone?: string;
  /** The contact has the type of a leaver, and its user is none any more: what rollcall wrote goes, if nothing takes its place (E8). */
  readonly cameBack?: boolean;
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
  readonly notes: readonly FieldNote[];
}

/** Works out what enriching an existing contact would write (E4-E6, E8, E10). Pure: the same input gives the same answer. */
export function enrichContact(input: EnrichInput): Enrichment {
  const draft = newDraft();
  if (input.onlyType !== true) mergePerson(draft, input);
  mergeType(draft, input);
  mergeImportant(draft, input);
  return finishDraft(draft);
}

function mergePerson(draft: Draft, input: EnrichInput): void {
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
}

function mergeType(draft: Draft, input: EnrichInput): void {
  const { wanted, contact, policies, cameBack = false, typeByRule = false } = input;
  mergeScalar(draft, input, {
    field: 'contactType',
    ours: wanted.contactType?.id ?? null,
    theirs: contact.contactTypeId,
    member: 'contactTypeId',
    shown: { ours: wanted.contactType?.name ?? null, theirs: contact.contactTypeName ?? contact.contactTypeId },
    onlyWritten: true,
    quiet: !typeByRule,
    policy: cameBack && policies.contactType !== 'never' ? 'clear' : policies.contactType,
    whyBlank: cameBack ? 'the user is back, and rollcall wrote the type of a leaver' : 'no rule names one',
  });
}

/** A box that was never ticked and one that a person did not tick are the same: blank. What rollcall unticked is its own. */
function mergeImportant(draft: Draft, { wanted, contact, bases, policies }: EnrichInput): void {
  const base = bases.important;
  if (wanted.important === null && base === undefined) {
    draft.notes.push(noteOf('important', 'keep', 'no rule says so'));
    return;
  }
  const ours = wantedFlag(wanted.important);
  const unticked = base?.value === 'no' ? 'no' : null;
  const theirs = contact.important === true ? 'yes' : unticked;
  if (ours === 'no' && theirs !== 'yes') {
    draft.notes.push(noteOf('important', 'keep', 'it is the same already'));
    return;
  }
  const outcome = mergeValue({ ours, theirs, base, policy: policies.important, same: (a, b) => a === b, onlyWritten: true });
  record(draft, outcome, {
    field: 'important',
    shown: { ours: ours ?? 'no', theirs },
    written: (value) => ({ member: 'important', value: value === 'yes', before: contact.important }),
    isBlank: false,
  });
}

function wantedFlag(important: boolean | null): 'yes' | 'no' | null {
  if (important === null) return null;
  return important ? 'yes' : 'no';
}

interface ScalarMerge {
  readonly field: MappedField;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly member: 'firstName' | 'lastName' | 'title' | 'locationId' | 'contactTypeId';
  readonly shown?: { readonly ours: string | null; readonly theirs: string | null };
  readonly onlyWritten?: boolean;
  /** A difference is the people's choice and no conflict worth showing (a location, a contact type by default). */
  readonly quiet?: boolean;
  /** Else that of the field. */
  readonly policy?: FieldPolicy;
  /** Why nothing is wanted, or what was there is cleared; else the merge's own words, which speak of the directory. */
  readonly whyBlank?: string;
}

function mergeScalar(draft: Draft, input: EnrichInput, merge: ScalarMerge): void {
  const { field, member, ours, theirs, quiet = false, whyBlank } = merge;
  const merged = mergeValue({
    ours,
    theirs,
    base: input.bases[field],
    policy: merge.policy ?? input.policies[field],
    same: sameValue,
    ...(merge.onlyWritten === true ? { onlyWritten: true } : {}),
  });
  const outcome = ours === null && whyBlank !== undefined ? { ...merged, why: whyBlank } : merged;
  const written = (value: string | null) => ({ member, value, before: theirs });
  record(draft, outcome, { field, shown: merge.shown ?? { ours, theirs }, quiet, written, isBlank: true });
}

function mergeEmails(draft: Draft, { wanted, contact, bases, policies, forPush }: EnrichInput): void {
  const entries = {
    keyOf: (item: ContactEmail) => emailKey(item.value) ?? item.value,
    withPrimary: (item: ContactEmail, primary: boolean) => ({ ...item, primary }),
  };
  const merged = mergeList<ContactEmail>({
    ...entries,
    ours: wanted.email,
    theirs: contact.emails,
    base: bases.email,
    policy: policies.email,
    replace: (old, item) => ({ ...old, value: item.value }),
    forcePrimary: false,
    complete: (existing) => existing,
  });
  const fitted = forPush === undefined ? null : fit(merged, { ...entries, ours: wanted.email, theirs: contact.emails });
  const outcome = fitted ?? merged;
  if (outcome.action === 'keep') {
    if (outcome.base !== null) draft.equalBases.email = outcome.base;
  } else {
    const change = { from: showEmails(contact.emails), to: showEmails(outcome.items) };
    write(draft, { field: 'email', member: 'emails', change, value: outcome.items, before: contact.emails, base: outcome.base });
    if (outcome.items.length === 0) draft.blanks += 1;
  }
  draft.notes.push(noteOf('email', outcome.action, outcome.why));
}

function mergePhones(draft: Draft, input: EnrichInput): void {
  const { wanted, contact, bases, policies, forcePhonePrimary, forPush, blankPhone = '' } = input;
  const theirs = withoutPlaceholder(contact.phones, blankPhone);
  const blankKey = placeholderKey(blankPhone);
  const isOfPlaceholder = blankKey !== '' && bases.phone?.value === blankKey;
  const entries = {
    keyOf: (item: ContactPhone) => phoneKey(item.phone) ?? item.phone.raw,
    withPrimary: (item: ContactPhone, primary: boolean) => ({ ...item, primary }),
  };
  const merged = mergeList<ContactPhone>({
    ...entries,
    ours: wanted.phone,
    theirs,
    base: isOfPlaceholder ? undefined : bases.phone,
    policy: policies.phone,
    replace: (old, item) => ({ ...old, phone: item.phone }),
    forcePrimary: forcePhonePrimary,
    complete: (existing, ours) =>
      existing.phone.extension === null && ours.phone.extension !== null
        ? { ...existing, phone: { ...existing.phone, extension: ours.phone.extension } }
        : existing,
  });
  const fitted = forPush === undefined ? null : fit(merged, { ...entries, ours: wanted.phone, theirs });
  const outcome = fitted ?? placeholderInstead(merged, input, isOfPlaceholder) ?? merged;
  if (outcome.action === 'keep') {
    if (outcome.base !== null) draft.equalBases.phone = outcome.base;
  } else {
    const change = { from: showPhones(contact.phones), to: showPhones(outcome.items) };
    write(draft, { field: 'phone', member: 'phones', change, value: outcome.items, before: contact.phones, base: outcome.base });
    // A placeholder is no value: what it takes the place of is blanked all the same.
    if (outcome.items.length === 0 || (merged.action === 'write' && merged.items.length === 0)) draft.blanks += 1;
  }
  draft.notes.push(noteOf('phone', outcome.action, outcome.why));
}

/** The merge with the directory's entry made what IT Glue pushes (P10); `null` when it is that already. */
function fit<Item extends ContactEmail | ContactPhone>(
  merged: ListMergeOutcome<Item>,
  list: {
    readonly ours: Item | null;
    readonly theirs: readonly Item[];
    readonly keyOf: (item: Item) => string;
    readonly withPrimary: (item: Item, primary: boolean) => Item;
  },
): ListMergeOutcome<Item> | null {
  // Without a base the entry is not the directory's to look after: its policy is never, or a person took it away.
  if (list.ours === null || merged.base === null) return null;
  const items = merged.action === 'write' ? merged.items : list.theirs;
  const fitted = fitForPush(items, list.ours, list);
  if (fitted === items) return null;
  const why = merged.action === 'write' ? merged.why : 'IT Glue pushes it only under the type chosen for the PSA, one of them primary';
  return { action: 'write', items: fitted, base: merged.base, why };
}

/** P2: a contact without any phone gets the placeholder, once. */
function placeholderInstead(
  merged: ListMergeOutcome<ContactPhone>,
  { contact, policies, forPush }: EnrichInput,
  isWritten: boolean,
): ListMergeOutcome<ContactPhone> | null {
  const placeholder = forPush?.placeholder ?? null;
  if (placeholder === null || isWritten || policies.phone === 'never') return null;
  // Also at once when the last phone goes: the next run would do it.
  const left = merged.action === 'write' ? merged.items : contact.phones;
  if (left.some((item) => item.kind === 'phone')) return null;
  const items = [...left.map((item) => ({ ...item, primary: false })), placeholder.item];
  return { action: 'write', items, base: placeholder.base, why: 'IT Glue pushes no contact without a phone (psa.blankPhoneInItGlue)' };
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
