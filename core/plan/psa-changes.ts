import { asSent } from '../eligibility/psa-context.ts';
import type { FieldBases } from '../enrich/enrich-contact.ts';
import { mergeValue } from '../enrich/merge-value.ts';
import type { WantedContact } from '../enrich/wanted-contact.ts';
import type { ContactEmail, ContactPhone, Location } from '../model/contact.ts';
import type { Conflict, FieldChange } from '../model/plan.ts';
import type { PsaContact, PsaContactInput } from '../model/psa-contact.ts';
import type { FieldPolicy, MappedField } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';
import { emailKey } from '../normalize/email.ts';
import { phoneKey } from '../normalize/phone.ts';
import { sameValue } from '../normalize/text.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import type { PsaContactPatch } from '../ports/psa.ts';

type Scalar = 'firstName' | 'lastName' | 'title';
const scalars: readonly Scalar[] = ['firstName', 'lastName', 'title'];

export interface FirstLink {
  /** Blanks of the PSA that IT Glue fills. */
  readonly psaPatch: PsaContactPatch;
  /** Blanks of IT Glue that the PSA fills. */
  readonly contactPatch: ContactPatch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly contactFields: Readonly<Record<string, FieldChange>>;
  readonly conflicts: readonly Pick<Conflict, 'field' | 'ours' | 'theirs'>[];
}

/** The contact as the plan leaves it, as far as a first link compares it. */
interface LinkSide {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly emails: readonly ContactEmail[];
  readonly phones: readonly ContactPhone[];
  readonly location: Location | null;
}

/**
 * First link of two contacts that have no common base: blanks are filled on both sides, the rest are conflicts (P8). `twinLocation`:
 * IT Glue's location of the PSA contact's one, when there is one.
 */
export function firstLink(ours: LinkSide, twin: PsaContact, input: PsaContactInput, twinLocation: Location | null = null): FirstLink {
  const psaPatch: { -readonly [Key in keyof PsaContactPatch]: PsaContactPatch[Key] } = {};
  const contactPatch: { -readonly [Key in keyof ContactPatch]: ContactPatch[Key] } = {};
  const fields: Record<string, FieldChange> = {};
  const contactFields: Record<string, FieldChange> = {};
  const conflicts: Pick<Conflict, 'field' | 'ours' | 'theirs'>[] = [];

  for (const field of scalars) {
    const mine = ours[field];
    const theirs = twin[field];
    if (mine !== null && theirs === null) {
      psaPatch[field] = mine;
      fields[field] = { from: null, to: mine };
    } else if (mine === null && theirs !== null) {
      contactPatch[field] = theirs;
      contactFields[field] = { from: null, to: theirs };
    } else if (mine !== null && theirs !== null && !sameValue(mine, theirs)) {
      conflicts.push({ field, ours: mine, theirs });
    }
  }
  if (ours.location === null && twinLocation !== null) {
    contactPatch.locationId = twinLocation.id;
    contactFields['location'] = { from: null, to: twinLocation.name };
  } else if (twin.locationId === null && input.locationId !== null) {
    psaPatch.locationId = input.locationId;
    fields['location'] = { from: null, to: input.locationId };
  } else if (input.locationId !== null && twin.locationId !== input.locationId) {
    conflicts.push({ field: 'location', ours: input.locationId, theirs: twin.locationId });
  }
  if (twin.emails.length === 0 && input.emails.length > 0) {
    psaPatch.addEmails = input.emails;
    fields['email'] = { from: null, to: input.emails.map((item) => item.value).join(', ') };
  }
  if (twin.phones.length === 0 && input.phones.length > 0) {
    psaPatch.addPhones = input.phones;
    fields['phone'] = { from: null, to: input.phones.map((item) => item.phone.e164 ?? item.phone.raw).join(', ') };
  }
  if (twin.externalKey === null && input.externalKey !== null) {
    psaPatch.externalKey = input.externalKey;
    fields['key'] = { from: null, to: input.externalKey };
  }
  if (ours.phones.length === 0 && twin.phones.length > 0) {
    contactPatch.phones = twin.phones.map((item) => ({
      phone: item.phone,
      label: item.typeName ?? 'Work',
      kind: 'phone',
      primary: item.primary,
    }));
    contactFields['phone'] = { from: null, to: twin.phones.map((item) => item.phone.e164 ?? item.phone.raw).join(', ') };
  }
  return { psaPatch, contactPatch, fields, contactFields, conflicts };
}

export interface PsaUpdate {
  readonly patch: PsaContactPatch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly bases: FieldBases;
  readonly conflicts: readonly Pick<Conflict, 'field' | 'ours' | 'theirs'>[];
}

/**
 * Directory values of a contact that IT Glue does not let be written: they go to the PSA and come back by IT Glue's own pull (E9).
 * The merge is E4's, with the PSA's contact as the other side; e-mails and phones are only added.
 */
export function psaUpdate(
  wanted: WantedContact,
  twin: PsaContact,
  context: {
    readonly bases: FieldBases;
    readonly policies: Readonly<Record<MappedField, FieldPolicy>>;
    readonly emailType: { readonly id: string; readonly name: string } | null;
    readonly phoneType: { readonly id: string; readonly name: string } | null;
  },
): PsaUpdate {
  const patch: { -readonly [Key in keyof PsaContactPatch]: PsaContactPatch[Key] } = {};
  const fields: Record<string, FieldChange> = {};
  const bases: Partial<Record<MappedField, FieldBase>> = {};
  const conflicts: Pick<Conflict, 'field' | 'ours' | 'theirs'>[] = [];

  for (const field of scalars) {
    // The PSA takes no empty value by this way, so "clear" is merged like "merge".
    const policy = context.policies[field] === 'clear' ? 'merge' : context.policies[field];
    const outcome = mergeValue({ ours: wanted[field], theirs: twin[field], base: context.bases[field], policy, same: sameValue });
    if (outcome.action === 'write') {
      patch[field] = outcome.value;
      fields[field] = { from: twin[field], to: outcome.value };
      bases[field] = outcome.base;
    } else if (outcome.action === 'conflict') {
      conflicts.push({ field, ours: wanted[field], theirs: twin[field] });
    }
  }
  addEmail(patch, fields, bases, { wanted, twin, ...context });
  addPhone(patch, fields, bases, { wanted, twin, ...context });
  return { patch, fields, bases, conflicts };
}

interface AddressSides {
  readonly wanted: WantedContact;
  readonly twin: PsaContact;
  readonly bases: FieldBases;
  readonly policies: Readonly<Record<MappedField, FieldPolicy>>;
  readonly emailType: { readonly id: string; readonly name: string } | null;
  readonly phoneType: { readonly id: string; readonly name: string } | null;
}

type Fields = Record<string, FieldChange>;
type Bases = Partial<Record<MappedField, FieldBase>>;
type DraftPatch = { -readonly [Key in keyof PsaContactPatch]: PsaContactPatch[Key] };

function addEmail(
  patch: DraftPatch,
  fields: Fields,
  bases: Bases,
  { wanted, twin, bases: known, policies, emailType }: AddressSides,
): void {
  const key = wanted.email === null ? null : emailKey(wanted.email.value);
  if (wanted.email === null || key === null || emailType === null || policies.email === 'never') return;
  if (twin.emails.some((item) => emailKey(item.value) === key) || removedByPerson(known.email, key)) return;
  const primary = !twin.emails.some((item) => item.primary);
  patch.addEmails = [{ value: wanted.email.value, typeId: emailType.id, typeName: emailType.name, primary }];
  fields['email'] = { from: null, to: wanted.email.value };
  bases.email = { value: key, origin: 'written', everWritten: true };
}

function addPhone(
  patch: DraftPatch,
  fields: Fields,
  bases: Bases,
  { wanted, twin, bases: known, policies, phoneType }: AddressSides,
): void {
  const key = wanted.phone === null ? null : phoneKey(wanted.phone.phone);
  if (wanted.phone === null || key === null || phoneType === null || policies.phone === 'never') return;
  if (twin.phones.some((item) => phoneKey(item.phone) === key) || removedByPerson(known.phone, key)) return;
  const primary = !twin.phones.some((item) => item.primary);
  patch.addPhones = [{ phone: asSent(wanted.phone.phone), typeId: phoneType.id, typeName: phoneType.name, primary }];
  fields['phone'] = { from: null, to: wanted.phone.phone.e164 ?? wanted.phone.phone.raw };
  bases.phone = { value: key, origin: 'written', everWritten: true };
}

function removedByPerson(base: FieldBase | undefined, key: string): boolean {
  return base?.origin === 'written' && base.value === key;
}
