import type { FieldChange } from '../model/plan.ts';
import type { PsaContact, PsaContactInput, PsaEmail, PsaPhone } from '../model/psa-contact.ts';
import { sameValue } from '../normalize/text.ts';
import type { PsaContactPatch } from '../ports/psa.ts';
import { emailItemKey, phoneItemKeys, withPatch } from '../two-way/sides.ts';
import { type ListItem, takeBackItems } from './take-back-items.ts';

/** A write to a PSA contact, and what is there now. */
export interface PsaWriteToUndo {
  readonly patch: PsaContactPatch;
  /** The contact right before the write. */
  readonly before: PsaContact;
  readonly now: PsaContact;
  /** The PSA has fields for addresses: each holds one (`PsaRequirements.fields`). */
  readonly hasFields: boolean;
}

/** What takes a write back (A5). */
export interface TakeBack {
  /** Without members: there is nothing to put back. */
  readonly patch: PsaContactPatch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  /** Names of fields that somebody changed since: they stay. */
  readonly changedSince: readonly string[];
  /** Names of fields that were blank, which the PSA does not take, and rollcall's own key. */
  readonly cannot: readonly string[];
  /** The contact as the patch leaves it. */
  readonly result: PsaContact;
}

type Draft = { -readonly [Key in keyof PsaContactPatch]: PsaContactPatch[Key] };

/** Works out how the values of a write to a PSA contact are put back, each where nobody changed it since (A5). */
export function takeBack(write: PsaWriteToUndo): TakeBack {
  const { patch: sent, before, now } = write;
  const patch: Draft = {};
  const fields: Record<string, FieldChange> = {};
  const changedSince: string[] = [];
  const cannot: string[] = [];

  for (const [member, name] of scalars) {
    if (sent[member] === undefined || sameValue(now[member], before[member])) continue;
    if (!sameValue(now[member], sent[member])) changedSince.push(name);
    else if (member === 'firstName' && before.firstName === null) cannot.push(name);
    else {
      Object.assign(patch, { [member]: before[member] });
      fields[name] = { from: now[member], to: before[member] };
    }
  }
  if (sent.active !== undefined && now.active !== before.active) {
    patch.active = before.active;
    fields['active'] = { from: activity(now), to: activity(before) };
  }
  const { hasFields } = write;
  const emails = takeBackList({ whole: sent.emails, added: sent.addEmails, before: before.emails, now: now.emails, hasFields }, emailItems);
  if (emails.changed) changedSince.push('email');
  if (emails.values !== null) {
    patch.emails = emails.values;
    fields['email'] = { from: joined(now.emails.map(({ value }) => value)), to: joined(emails.values.map(({ value }) => value)) };
  }
  const phones = takeBackList({ whole: sent.phones, added: sent.addPhones, before: before.phones, now: now.phones, hasFields }, phoneItems);
  if (phones.changed) changedSince.push('phone');
  if (phones.values !== null) {
    patch.phones = phones.values;
    fields['phone'] = { from: joined(now.phones.map(textOfPhone)), to: joined(phones.values.map(textOfPhone)) };
  }
  if (sent.externalKey !== undefined && now.externalKey === sent.externalKey) cannot.push('key');
  return { patch, fields, changedSince, cannot, result: withPatch(now, patch) };
}

const scalars = [
  ['firstName', 'firstName'],
  ['lastName', 'lastName'],
  ['title', 'title'],
  ['locationId', 'location'],
] as const;

function activity({ active }: PsaContact): string {
  return active ? 'active' : 'inactive';
}

function joined(texts: readonly string[]): string | null {
  return texts.join(', ') || null;
}

function textOfPhone({ phone }: PsaPhone): string {
  return phone.e164 ?? phone.raw;
}

interface ListTakenBack<Value> {
  readonly values: readonly Value[] | null;
  readonly changed: boolean;
}

interface ListWrite<Value> {
  readonly whole: readonly Value[] | undefined;
  readonly added: readonly Value[] | undefined;
  readonly before: readonly Value[];
  readonly now: readonly Value[];
  readonly hasFields: boolean;
}

function takeBackList<Value extends { readonly primary: boolean }>(
  write: ListWrite<Value>,
  itemsOf: (values: readonly Value[]) => readonly ListItem<Value>[],
): ListTakenBack<Value> {
  const { whole, added } = write;
  if (whole === undefined && added === undefined) return { values: null, changed: false };
  const [before, now] = [itemsOf(write.before), itemsOf(write.now)];
  const after = whole === undefined ? withAdded(before, itemsOf(added ?? [])) : itemsOf(whole);
  const { items, kept } = takeBackItems({ before, after: asPsaHasIt(after, now), now, oneOfEachType: write.hasFields });
  return { values: items === null ? null : items.map(({ value, primary }) => ({ ...value, primary })), changed: kept > 0 };
}

/** As a PSA adds: a new item that is primary takes that from the others. */
function withAdded<Value>(items: readonly ListItem<Value>[], added: readonly ListItem<Value>[]): readonly ListItem<Value>[] {
  const known = new Set(items.map(({ key }) => key));
  const fresh = added.filter(({ key }) => !known.has(key));
  const kept = fresh.some(({ primary }) => primary) ? items.map((item) => ({ ...item, primary: false })) : items;
  return [...kept, ...fresh];
}

/** A list without any primary gets one from some PSAs, by a rule of their own: that is no change of a person. */
function asPsaHasIt<Value>(after: readonly ListItem<Value>[], now: readonly ListItem<Value>[]): readonly ListItem<Value>[] {
  if (after.some(({ primary }) => primary)) return after;
  const chosen = now.find(({ primary }) => primary)?.key;
  return after.map((item) => (item.key === chosen ? { ...item, primary: true } : item));
}

function emailItems(emails: readonly PsaEmail[]): readonly ListItem<PsaEmail>[] {
  return emails.map((value) => {
    const { typeId, primary } = value;
    return { key: emailItemKey(value.value), typeId, extension: null, primary, value };
  });
}

function phoneItems(phones: readonly PsaPhone[]): readonly ListItem<PsaPhone>[] {
  const keys = phoneItemKeys(phones.map(({ phone }) => phone));
  return phones.flatMap((value, index) => {
    const { phone, typeId, primary } = value;
    const key = keys[index] ?? null;
    return key === null ? [] : [{ key, typeId, extension: phone.extension, primary, value }];
  });
}

/** Whether a PSA contact still is as it was created: then `undo --delete-created` may make it inactive (A5). */
export function isAsPushed(now: PsaContact, sent: PsaContactInput): boolean {
  if (!now.active || now.companyId !== sent.companyId) return false;
  const sameNames = sameValue(now.firstName, sent.firstName) && sameValue(now.lastName, sent.lastName);
  // The title may have been left to a second call that never came.
  const sameTitle = sameValue(now.title, sent.title) || now.title === null;
  const samePlace = sent.locationId === null || now.locationId === sent.locationId;
  const sameEmails = sameKeys(emailItems(now.emails), emailItems(sent.emails));
  return sameNames && sameTitle && samePlace && sameEmails && sameKeys(phoneItems(now.phones), phoneItems(sent.phones));
}

function sameKeys(one: readonly ListItem<unknown>[], other: readonly ListItem<unknown>[]): boolean {
  const keys = (items: readonly ListItem<unknown>[]): string => JSON.stringify([...new Set(items.map(({ key }) => key))].sort());
  return keys(one) === keys(other);
}
