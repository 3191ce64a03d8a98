import type { NamedType } from '../../../core/model/contact.ts';
import type { PsaContact, PsaEmail, PsaPhone } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import { phoneKey } from '../../../core/normalize/phone.ts';
import { phoneParts } from '../phone-parts.ts';
import { phoneText } from './contact.ts';
import { emailFields, phoneFields } from './products.ts';

/** What a request writes, by the API's names; `null` empties. */
export type Values = Readonly<Record<string, string | number | null>>;

/** Items by the field that they stand in. */
type Placed<Item> = ReadonlyMap<string, Item>;

interface Typed {
  readonly typeId: string | null;
}

/** Why items do not go into the fields of Autotask. */
export interface Misfit {
  readonly misfit: string;
}

/** The values of a contact's e-mails and phones, for a create. */
export function newValues(emails: readonly PsaEmail[], phones: readonly PsaPhone[]): Values | Misfit {
  const intoEmail = place(emails, emailFields, new Map(), 'e-mail');
  const intoPhone = place(phones, phoneFields, new Map(), 'phone');
  if ('misfit' in intoEmail) return intoEmail;
  if ('misfit' in intoPhone) return intoPhone;
  return withoutNulls({ ...emailValues(new Map(), intoEmail), ...phoneValues(new Map(), intoPhone) });
}

interface ListPatch {
  readonly emails?: readonly PsaEmail[];
  readonly phones?: readonly PsaPhone[];
  readonly addEmails?: readonly PsaEmail[];
  readonly addPhones?: readonly PsaPhone[];
}

/** The fields of e-mails and phones that a change makes others of what they are; what is there already stays as it is written. */
export function changedValues(current: PsaContact, patch: ListPatch): Values | Misfit {
  const emailsNow = placedNow(current.emails);
  const phonesNow = placedNow(current.phones);
  const emails =
    patch.emails === undefined
      ? place(missing(patch.addEmails, current.emails, emailIdentity), emailFields, emailsNow, 'e-mail')
      : place(patch.emails, emailFields, new Map(), 'e-mail');
  const phones =
    patch.phones === undefined
      ? place(missing(patch.addPhones, current.phones, phoneIdentity), phoneFields, phonesNow, 'phone')
      : place(patch.phones, phoneFields, new Map(), 'phone');
  if ('misfit' in emails) return emails;
  if ('misfit' in phones) return phones;
  return { ...emailValues(emailsNow, emails), ...phoneValues(phonesNow, phones) };
}

/** Each item into the field of its type, or else into the next free one; what is in `taken` stays. */
function place<Item extends Typed>(
  items: readonly Item[],
  fields: readonly NamedType[],
  taken: Placed<Item>,
  kind: string,
): Placed<Item> | Misfit {
  const placed = new Map(taken);
  const left: Item[] = [];
  for (const item of items) {
    if (item.typeId !== null && !fields.some(({ id }) => id === item.typeId)) return { misfit: `Autotask has no such field for a ${kind}` };
    if (item.typeId === null || placed.has(item.typeId)) left.push(item);
    else placed.set(item.typeId, item);
  }
  for (const item of left) {
    const free = fields.find(({ id }) => !placed.has(id));
    if (free === undefined) return { misfit: `all ${fields.length} ${kind} fields of the contact are taken` };
    placed.set(free.id, item);
  }
  return placed;
}

function placedNow<Item extends Typed>(items: readonly Item[]): Placed<Item> {
  return new Map(items.flatMap((item) => (item.typeId === null ? [] : [[item.typeId, item] as const])));
}

function missing<Item>(items: readonly Item[] | undefined, current: readonly Item[], identity: (item: Item) => string): readonly Item[] {
  const known = new Set(current.map(identity));
  return (items ?? []).filter((item) => !known.has(identity(item)));
}

function emailValues(before: Placed<PsaEmail>, after: Placed<PsaEmail>): Values {
  const changed = emailFields.filter(({ id }) => identityIn(before, id, emailIdentity) !== identityIn(after, id, emailIdentity));
  return Object.fromEntries(changed.map(({ id }) => [id, after.get(id)?.value.trim() ?? null]));
}

function phoneValues(before: Placed<PsaPhone>, after: Placed<PsaPhone>): Values {
  const changed = phoneFields.filter(({ id }) => identityIn(before, id, fullIdentity) !== identityIn(after, id, fullIdentity));
  return Object.fromEntries(
    changed.flatMap(({ id }) => {
      const phone = after.get(id)?.phone ?? null;
      if (id !== 'phone') return [[id, phone === null ? null : phoneText(phone)] as const];
      const parts = phone === null ? null : phoneParts(phone);
      const extension = parts?.extension ?? null;
      const hadOne = (before.get(id)?.phone.extension ?? null) !== null;
      return [[id, parts?.value ?? null] as const, ...(extension === null && !hadOne ? [] : [['extension', extension] as const])];
    }),
  );
}

function identityIn<Item>(placed: Placed<Item>, id: string, identity: (item: Item) => string): string | null {
  const item = placed.get(id);
  return item === undefined ? null : identity(item);
}

function emailIdentity({ value }: PsaEmail): string {
  return emailKey(value) ?? value.trim();
}

function phoneIdentity({ phone }: PsaPhone): string {
  return phoneKey(phone) ?? phone.raw.trim();
}

/** With its extension, which is a field of its own. */
function fullIdentity(item: PsaPhone): string {
  return `${phoneIdentity(item)} x${item.phone.extension ?? ''}`;
}

function withoutNulls(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
