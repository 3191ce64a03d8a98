import type { Location, NamedType } from '../model/contact.ts';
import type { ContactId, PsaContactId } from '../model/ids.ts';
import type { PsaContact, PsaEmail, PsaPhone } from '../model/psa-contact.ts';
import type { PsaSettings } from '../model/settings.ts';
import { emailKey } from '../normalize/email.ts';
import { nameKey, personNameKey } from '../normalize/person-name.ts';
import type { PsaLocation, PsaRequirements, PsaTypes } from '../ports/psa.ts';
import { judgeLocations, type LocationVerdict } from './psa-location.ts';

/** What is known of the PSA when an organization is planned. */
export interface PsaSnapshot {
  readonly displayName: string;
  readonly adapterNames: readonly string[];
  readonly requirements: PsaRequirements;
  readonly hasExternalKey: boolean;
  /** `null`: the organization has no company in the PSA that rollcall could tell (P8, P12). */
  readonly company: NamedType | null;
  /** Why there is no company, in one sentence without its end. */
  readonly companyProblem: string | null;
  /** What to do about that, with the candidates. */
  readonly companyAdvice: string | null;
  /** The company it maps to, also when it may not be used. */
  readonly mappedCompany: NamedType | null;
  /** How it was found, in words. */
  readonly companyHow: string | null;
  /** What is worth telling although the company was found. */
  readonly companyNotice: string | null;
  /** P7: why the organization is not set to sync; `null` when it is. */
  readonly excluded: string | null;
  readonly locations: readonly PsaLocation[];
  readonly types: PsaTypes;
  /** All contacts of the company, a complete read (C11); of a partial snapshot those that the plan is about. */
  readonly contacts: readonly PsaContact[];
  /** Not the whole company was read: what is not among the contacts may be there all the same. */
  readonly partial: boolean;
  /** Linked contacts that are not in the list: what their own look-up said (C11). */
  readonly lost?: ReadonlyMap<PsaContactId, 'deleted' | 'moved'>;
  /** PSA contact → the IT Glue contact it is linked with, from IT Glue's links and from the PSA's own bridge. */
  readonly linkedTo: ReadonlyMap<PsaContactId, ContactId>;
}

/** Of an organization whose company was not looked for. */
export const noCompany = {
  company: null,
  companyProblem: null,
  companyAdvice: null,
  mappedCompany: null,
  companyHow: null,
  companyNotice: null,
} as const;

/** Why there is no company, and what to do about it; `null`: there is one, or it was not looked for. */
export function companyProblemText({ companyProblem, companyAdvice }: PsaSnapshot): string | null {
  return companyProblem === null ? null : [companyProblem, ...(companyAdvice === null ? [] : [companyAdvice])].join('. ');
}

/** The snapshot with its look-ups. Built once per plan. */
export interface PsaContext {
  readonly snapshot: PsaSnapshot;
  readonly settings: PsaSettings;
  /** By rollcall's key. */
  readonly byKey: ReadonlyMap<string, readonly PsaContact[]>;
  readonly byEmail: ReadonlyMap<string, readonly PsaContact[]>;
  readonly byName: ReadonlyMap<string, readonly PsaContact[]>;
  readonly byId: ReadonlyMap<PsaContactId, PsaContact>;
  /** The PSA's type of an IT Glue label, or `null` when the PSA has none of that name. */
  emailType(label: string): NamedType | null;
  phoneType(label: string): NamedType | null;
  /** The PSA's contact type of IT Glue's contact type. */
  contactType(name: string | null): NamedType | null;
  /** The PSA's location of an IT Glue location: pinned, else by its link, else by equal name. */
  location(location: Location): PsaLocation | null;
  /** Why it has none, with candidates; `null`: it has one. */
  locationProblem(location: Location): string | null;
}

export function makePsaContext(snapshot: PsaSnapshot, settings: PsaSettings): PsaContext {
  const byKey = new Map<string, PsaContact[]>();
  const byEmail = new Map<string, PsaContact[]>();
  const byName = new Map<string, PsaContact[]>();
  const byId = new Map<PsaContactId, PsaContact>();
  for (const contact of snapshot.contacts) {
    byId.set(contact.id, contact);
    add(byKey, contact.externalKey, contact);
    for (const email of contact.emails) add(byEmail, emailKey(email.value), contact);
    add(byName, personNameKey(contact.firstName, contact.lastName), contact);
  }
  const emailTypes = typesByName(snapshot.types.email, settings.emailType, settings.emailTypeId);
  const phoneTypes = typesByName(snapshot.types.phone, settings.phoneType, settings.phoneTypeId);
  const contactTypes = typesByName(snapshot.types.contact, '', '');
  const judged = new Map<Location, LocationVerdict>();
  const judge = judgeLocations({ ...snapshot, pins: settings.locations });
  const verdictOf = (location: Location): LocationVerdict => {
    const known = judged.get(location) ?? judge(location);
    judged.set(location, known);
    return known;
  };
  return {
    snapshot,
    settings,
    byKey,
    byEmail,
    byName,
    byId,
    emailType: remembering((label) => emailTypes.get(nameKey(label) ?? '') ?? null),
    phoneType: remembering((label) => phoneTypes.get(nameKey(label) ?? '') ?? null),
    contactType: (name) => contactTypes.get(nameKey(name) ?? '') ?? null,
    location(location) {
      const verdict = verdictOf(location);
      return verdict.kind === 'found' ? verdict.location : null;
    },
    locationProblem(location) {
      const verdict = verdictOf(location);
      return verdict.kind === 'found' ? null : verdict.why;
    },
  };
}

/** Labels are few and asked for often. */
function remembering<Value>(lookUp: (label: string) => Value): (label: string) => Value {
  const known = new Map<string, Value>();
  return (label) => {
    const found = known.get(label);
    if (found !== undefined) return found;
    const value = lookUp(label);
    if (known.size < 1_000) known.set(label, value);
    return value;
  };
}

function add(index: Map<string, PsaContact[]>, key: string | null, contact: PsaContact): void {
  if (key === null) return;
  const known = index.get(key);
  if (known === undefined) index.set(key, [contact]);
  else if (known.at(-1) !== contact) known.push(contact);
}

function typesByName(types: readonly NamedType[], chosen: string, pinnedId: string): ReadonlyMap<string, NamedType> {
  const byName = new Map<string, NamedType>();
  for (const type of types) {
    const key = nameKey(type.name);
    if (key !== null && !byName.has(key)) byName.set(key, type);
  }
  const chosenKey = nameKey(chosen);
  if (chosenKey !== null && pinnedId !== '') byName.set(chosenKey, { id: pinnedId, name: chosen });
  return byName;
}

/** An IT Glue contact as the plan leaves it: what would be pushed. */
export interface PushCandidate {
  /** `null`: it is created by the same plan. */
  readonly contactId: ContactId | null;
  readonly label: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly title: string | null;
  readonly emails: readonly { readonly value: string; readonly label: string; readonly primary: boolean }[];
  readonly phones: readonly {
    readonly phone: PsaPhone['phone'];
    readonly label: string;
    readonly kind: 'phone' | 'fax';
    readonly primary: boolean;
  }[];
  readonly location: Location | null;
  /** Name of its contact type in IT Glue. */
  readonly contactTypeName: string | null;
  /** The key by which rollcall finds it again in the PSA (P8). */
  readonly externalKey: string | null;
}

/** rollcall's key of a PSA contact: the user's own id, or the IT Glue contact's where there is no user (P8). */
export function externalKeyOf(immutableId: string | null, id: ContactId | null): string | null {
  return immutableId ?? (id === null ? null : `itglue:${id}`);
}

/**
 * The keys by which the contact may be found in the PSA (P8): its own, and the IT Glue contact's, which it was given when it was pushed
 * before it had a user.
 */
export function externalKeysOf(candidate: Pick<PushCandidate, 'contactId' | 'externalKey'>): readonly string[] {
  const keys = [candidate.externalKey, externalKeyOf(null, candidate.contactId)];
  return [...new Set(keys.filter((key) => key !== null))];
}

/** The e-mails of a contact whose label the PSA has a type for (P1). */
export function mappedEmails(candidate: Pick<PushCandidate, 'emails'>, psa: PsaContext): readonly PsaEmail[] {
  const { fields } = psa.snapshot.requirements;
  if (fields !== null) {
    return intoFields(candidate.emails, fields.email).map(({ item, field, primary }) => ({
      value: item.value,
      typeId: field.id,
      typeName: field.name,
      primary,
    }));
  }
  return candidate.emails.flatMap((email) => {
    const type = psa.emailType(email.label);
    return type === null ? [] : [{ value: email.value, typeId: type.id, typeName: type.name, primary: email.primary }];
  });
}

/** The phones of a contact whose label the PSA has a type for; fax numbers are none. */
export function mappedPhones(candidate: Pick<PushCandidate, 'phones'>, psa: PsaContext): readonly PsaPhone[] {
  const { fields } = psa.snapshot.requirements;
  if (fields !== null) {
    const phones = candidate.phones.filter((item) => item.kind === 'phone');
    return intoFields(phones, fields.phone).map(({ item, field, primary }) => ({
      phone: asSent(item.phone),
      typeId: field.id,
      typeName: field.name,
      primary,
    }));
  }
  return candidate.phones.flatMap((item) => {
    const type = item.kind === 'fax' ? null : psa.phoneType(item.label);
    return type === null ? [] : [{ phone: asSent(item.phone), typeId: type.id, typeName: type.name, primary: item.primary }];
  });
}

/** One number is sent as one text, however it was written where it was read: in E.164 when it is known. */
export function asSent(phone: PsaPhone['phone']): PsaPhone['phone'] {
  return phone.e164 === null ? phone : { ...phone, raw: phone.e164 };
}

interface InField<Item> {
  readonly item: Item;
  readonly field: NamedType;
  /** In the PSA's first field. */
  readonly primary: boolean;
}

/**
 * Puts addresses into the fields of a PSA that has no types: each into the field of its label, the primary one first; the others in
 * order into what is left over (P1). What finds no field is not sent.
 */
function intoFields<Item extends { readonly label: string; readonly primary: boolean }>(
  items: readonly Item[],
  fields: readonly NamedType[],
): readonly InField<Item>[] {
  const inOrder = items.toSorted((one, other) => Number(other.primary) - Number(one.primary));
  const taken = new Map<string, Item>();
  const left: Item[] = [];
  for (const item of inOrder) {
    const field = fields.find(({ name }) => name !== '' && nameKey(name) === nameKey(item.label));
    if (field !== undefined && !taken.has(field.id)) taken.set(field.id, item);
    else left.push(item);
  }
  for (const field of fields) {
    if (taken.has(field.id)) continue;
    const item = left.shift();
    if (item !== undefined) taken.set(field.id, item);
  }
  const used = fields.filter(({ id }) => taken.has(id));
  return used.flatMap((field) => {
    const item = taken.get(field.id);
    return item === undefined ? [] : [{ item, field, primary: field.id === used[0]?.id }];
  });
}
