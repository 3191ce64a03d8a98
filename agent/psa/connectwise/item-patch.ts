import type { Phone } from '../../../core/model/phone.ts';
import type { PsaEmail, PsaPhone } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import { phoneKey } from '../../../core/normalize/phone.ts';
import type { PsaContactPatch } from '../../../core/ports/psa.ts';
import { isId } from '../identity.ts';
import { phoneParts } from '../phone-parts.ts';
import { isEmail, isPhone, phoneOf } from './contact.ts';
import type { ItemRow } from './schema.ts';

/** One operation of a JSON Patch (RFC 6902), as the API takes it. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** A communication item as it is sent. */
export interface SentItem {
  readonly type: { readonly id: number };
  readonly value: string;
  readonly extension?: string;
  readonly defaultFlag: boolean;
  readonly communicationType: 'Email' | 'Phone';
}

/** What brings the items to what the patch asks for, in the order in which it must be sent. */
export interface ItemPlan {
  readonly operations: readonly PatchOperation[];
  /** Positions of the items that go. */
  readonly removed: ReadonlySet<number>;
  /** Something new has no type of the PSA: it cannot be sent. */
  readonly untyped: boolean;
}

/** An e-mail or phone that is wanted, in one shape for both. */
interface WantedItem {
  readonly key: string;
  readonly typeId: string | null;
  readonly primary: boolean;
  readonly sent: SentItem;
}

interface KnownItem {
  readonly index: number;
  readonly key: string;
  readonly typeId: string | null;
  readonly isDefault: boolean;
  /** Its digits, wherever it stands. */
  readonly extension: string;
  /** One stands in the value. */
  readonly extensionInValue: boolean;
  /** One stands in the member of its own, which wins. */
  readonly hasExtension: boolean;
}

/**
 * Plans the change of the items, which are addressed by their positions: type, extension and default flag in place, then what is new at
 * the end (elsewhere the default flag is ignored), then what goes, from the back. Fax numbers and items of a kind that is not told are
 * never touched. A new default takes the flag of the old one.
 */
export function planItems(items: readonly ItemRow[], patch: PsaContactPatch, parsePhone: (raw: string) => Phone): ItemPlan {
  const known = (isShown: (item: ItemRow) => boolean, keyOf: (item: ItemRow) => string): KnownItem[] =>
    items.flatMap((item, index) =>
      isShown(item)
        ? [
            {
              index,
              key: keyOf(item),
              typeId: item.type?.id ?? null,
              isDefault: item.defaultFlag === true,
              extension: isPhone(item) ? digitsOf(phoneOf({ parsePhone }, item).extension) : '',
              extensionInValue: isPhone(item) && parsePhone(item.value ?? '').extension !== null,
              hasExtension: item.extension !== null,
            },
          ]
        : [],
    );
  const emails = known(isEmail, (item) => emailIdentity(item.value ?? ''));
  const phones = known(isPhone, (item) => phoneIdentity(phoneOf({ parsePhone }, item)));
  const plans = [
    planKind(emails, patch.emails?.map(wantedEmail), (patch.addEmails ?? []).map(wantedEmail)),
    planKind(phones, patch.phones?.map(wantedPhone), (patch.addPhones ?? []).map(wantedPhone)),
  ];
  const added = plans.flatMap((plan) => plan.added);
  const removed = plans.flatMap((plan) => plan.removed).sort((a, b) => b - a);
  return {
    operations: [
      ...plans.flatMap((plan) => plan.changes),
      ...added.map((item, place) => ({ op: 'add', path: `/communicationItems/${items.length + place}`, value: item.sent }) as const),
      ...removed.map((index) => ({ op: 'remove', path: `/communicationItems/${index}` }) as const),
    ],
    removed: new Set(removed),
    untyped: added.some((item) => !isId(item.typeId)),
  };
}

function planKind(known: readonly KnownItem[], whole: readonly WantedItem[] | undefined, more: readonly WantedItem[]) {
  const taken = new Set<number>();
  const changes: PatchOperation[] = [];
  const added: WantedItem[] = [];
  // With none to have the flag it stays where it is: tenants may not do without.
  const hasPrimary = whole?.some((wanted) => wanted.primary) === true;
  for (const wanted of whole ?? []) {
    const free = known.filter((item) => item.key === wanted.key && !taken.has(item.index));
    const alike = free.filter(({ extension }) => extension === digitsOf(wanted.sent.extension));
    const item = [...alike, ...free].find(({ typeId }) => typeId === wanted.typeId) ?? alike[0] ?? free[0];
    if (item === undefined) {
      added.push(wanted);
      continue;
    }
    taken.add(item.index);
    const place = `/communicationItems/${item.index}`;
    if (wanted.typeId !== null && wanted.typeId !== item.typeId) {
      changes.push({ op: 'replace', path: `${place}/type`, value: wanted.sent.type });
    }
    changes.push(...extensionChanges(place, item, wanted.sent));
    if (hasPrimary && wanted.primary !== item.isDefault)
      changes.push({ op: 'replace', path: `${place}/defaultFlag`, value: wanted.primary });
  }
  const keys = new Set([...(whole ?? []), ...added].map((wanted) => wanted.key));
  const kept = whole === undefined ? known : known.filter((item) => keys.has(item.key));
  const present = new Set([...kept.map((item) => item.key), ...added.map((item) => item.key)]);
  for (const wanted of more) {
    if (present.has(wanted.key)) continue;
    present.add(wanted.key);
    added.push(wanted);
  }
  // The flag is taken from one before it is given to another.
  changes.sort((a, b) => Number(a.value === true) - Number(b.value === true));
  return { changes, added, removed: known.filter((item) => !kept.includes(item)).map((item) => item.index) };
}

/** Another extension, for a number that stays as it is written unless that has the extension in it. */
function extensionChanges(place: string, known: KnownItem, { value, extension }: SentItem): readonly PatchOperation[] {
  if (digitsOf(extension) === known.extension) return [];
  const path = `${place}/extension`;
  const own: PatchOperation =
    extension === undefined ? { op: 'remove', path } : { op: known.hasExtension ? 'replace' : 'add', path, value: extension };
  return [
    ...(known.extensionInValue ? [{ op: 'replace', path: `${place}/value`, value } as const] : []),
    ...(extension === undefined && !known.hasExtension ? [] : [own]),
  ];
}

function digitsOf(extension: string | null | undefined): string {
  return extension?.replaceAll(/\D/g, '') ?? '';
}

/** The item as it is sent. */
export function sentEmail({ value, typeId, primary }: PsaEmail): SentItem {
  return { type: { id: Number(typeId) }, value: value.trim(), defaultFlag: primary, communicationType: 'Email' };
}

/** The item as it is sent. */
export function sentPhone({ phone, typeId, primary }: PsaPhone): SentItem {
  const { value, extension } = phoneParts(phone);
  return {
    type: { id: Number(typeId) },
    value,
    ...(extension === null ? {} : { extension }),
    defaultFlag: primary,
    communicationType: 'Phone',
  };
}

function wantedEmail(email: PsaEmail): WantedItem {
  return { key: emailIdentity(email.value), typeId: email.typeId, primary: email.primary, sent: sentEmail(email) };
}

function wantedPhone(phone: PsaPhone): WantedItem {
  return { key: phoneIdentity(phone.phone), typeId: phone.typeId, primary: phone.primary, sent: sentPhone(phone) };
}

function emailIdentity(value: string): string {
  return emailKey(value) ?? value.trim().toLowerCase();
}

/** As core compares phones: without the extension. */
function phoneIdentity(phone: Phone): string {
  return phoneKey(phone) ?? phone.raw.trim();
}
