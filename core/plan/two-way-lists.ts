import type { PsaContext } from '../eligibility/psa-context.ts';
import { asSent } from '../eligibility/psa-context.ts';
import type { ContactEmail, ContactPhone, NamedType } from '../model/contact.ts';
import type { PsaEmail, PsaPhone } from '../model/psa-contact.ts';
import { nameKey } from '../normalize/person-name.ts';
import type { ItemEdits } from '../two-way/merge-items.ts';
import { emailItemKey, phoneItemKeys } from '../two-way/sides.ts';

interface OurItem {
  readonly label: string;
  readonly primary: boolean;
}

interface TheirItem {
  readonly typeId: string | null;
  readonly typeName: string | null;
  readonly primary: boolean;
}

/** How one kind of list reads and writes on both sides. */
export interface ListKind<Ours extends OurItem, Theirs extends TheirItem> {
  /** Of a list in IT Glue, in its order; `null`: it is none that is mapped. */
  ourKeys(list: readonly Ours[]): readonly (string | null)[];
  theirKeys(list: readonly Theirs[]): readonly (string | null)[];
  toTheirs(item: Ours, type: NamedType): Theirs;
  toOurs(item: Theirs, label: string): Ours;
  typeOf(label: string): NamedType | null;
  /** Where the PSA has fields and no types. */
  readonly fields: readonly NamedType[] | null;
  /** The label in IT Glue for what comes without a type's name. */
  readonly label: string;
}

export function emailKind(psa: PsaContext): ListKind<ContactEmail, PsaEmail> {
  return {
    ourKeys: (list) => list.map(({ value }) => emailItemKey(value)),
    theirKeys: (list) => list.map(({ value }) => emailItemKey(value)),
    toTheirs: ({ value, primary }, type) => ({ value, typeId: type.id, typeName: type.name, primary }),
    toOurs: ({ value, primary }, label) => ({ value, label, primary }),
    typeOf: (label) => psa.emailType(label),
    fields: psa.snapshot.requirements.fields?.email ?? null,
    label: psa.settings.emailType || 'Work',
  };
}

export function phoneKind(psa: PsaContext): ListKind<ContactPhone, PsaPhone> {
  return {
    ourKeys: ourPhoneKeys,
    theirKeys: (list) => phoneItemKeys(list.map(({ phone }) => phone)),
    toTheirs: ({ phone, primary }, type) => ({ phone: asSent(phone), typeId: type.id, typeName: type.name, primary }),
    toOurs: ({ phone, primary }, label) => ({ phone, label, kind: 'phone', primary }),
    typeOf: (label) => psa.phoneType(label),
    fields: psa.snapshot.requirements.fields?.phone ?? null,
    label: psa.settings.phoneType || 'Work',
  };
}

/** Fax numbers are not mapped, and tell no phone apart. */
function ourPhoneKeys(list: readonly ContactPhone[]): readonly (string | null)[] {
  const phones = list.filter(({ kind }) => kind !== 'fax');
  const keys = phoneItemKeys(phones.map(({ phone }) => phone));
  const byItem = new Map(phones.map((item, index) => [item, keys[index] ?? null]));
  return list.map((item) => byItem.get(item) ?? null);
}

/** By key, the first of equal ones, as `SyncedSide` has them. */
function firstByKey<Item>(list: readonly Item[], keys: readonly (string | null)[]): ReadonlyMap<string, Item> {
  const byKey = new Map<string, Item>();
  for (const [index, item] of list.entries()) {
    const key = keys[index] ?? null;
    if (key !== null && !byKey.has(key)) byKey.set(key, item);
  }
  return byKey;
}

/** The PSA's list after IT Glue's edits; what has no type there, or finds no field left, is not sent (P1). */
export function editTheirs<Ours extends OurItem, Theirs extends TheirItem>(
  kind: ListKind<Ours, Theirs>,
  lists: { readonly ours: readonly Ours[]; readonly theirs: readonly Theirs[] },
  edits: ItemEdits,
): readonly Theirs[] {
  const ours = firstByKey(lists.ours, kind.ourKeys(lists.ours));
  const keys = kind.theirKeys(lists.theirs);
  const firsts = new Set(firstByKey(lists.theirs, keys).values());
  const changed = new Set(edits.change.map(({ key }) => key));
  const removed = new Set(edits.remove);
  const kept = lists.theirs.flatMap((item, index) => {
    const key = keys[index] ?? null;
    if (key !== null && removed.has(key)) return [];
    const mine = key !== null && changed.has(key) && firsts.has(item) ? ours.get(key) : undefined;
    if (mine === undefined) return [item];
    const type = kind.fields === null ? kind.typeOf(mine.label) : ownType(item);
    return type === null ? [item] : [{ ...kind.toTheirs(mine, type), primary: item.primary }];
  });
  const list = [...kept];
  const added = new Set(edits.add.map(({ key }) => key));
  // In IT Glue's order, which decides about the fields that are left over (P1).
  for (const [key, mine] of ours) {
    if (!added.has(key)) continue;
    const type = kind.fields === null ? kind.typeOf(mine.label) : freeField(kind.fields, list, mine.label);
    if (type !== null) list.push({ ...kind.toTheirs(mine, type), primary: false });
  }
  if (kind.fields !== null) return inFields(kind.fields, list);
  return withPrimary(list, {
    keysOf: (items) => kind.theirKeys(items),
    key: edits.primary,
    had: lists.theirs.some((item) => item.primary),
  });
}

/** IT Glue's list after the PSA's edits. */
export function editOurs<Ours extends OurItem, Theirs extends TheirItem>(
  kind: ListKind<Ours, Theirs>,
  lists: { readonly ours: readonly Ours[]; readonly theirs: readonly Theirs[] },
  edits: ItemEdits,
): readonly Ours[] {
  const theirs = firstByKey(lists.theirs, kind.theirKeys(lists.theirs));
  const keys = kind.ourKeys(lists.ours);
  const firsts = new Set(firstByKey(lists.ours, keys).values());
  const changed = new Set(edits.change.map(({ key }) => key));
  const removed = new Set(edits.remove);
  const freed = lists.ours.filter((_item, index) => removed.has(keys[index] ?? '')).map(({ label }) => label);
  const kept = lists.ours.flatMap((item, index) => {
    const key = keys[index] ?? null;
    if (key !== null && removed.has(key)) return [];
    const other = key !== null && changed.has(key) && firsts.has(item) ? theirs.get(key) : undefined;
    // Where the PSA has fields, the label is IT Glue's own.
    return other === undefined ? [item] : [{ ...kind.toOurs(other, labelOf(kind, other) ?? item.label), primary: item.primary }];
  });
  const added = edits.add.flatMap(({ key }) => {
    const other = theirs.get(key);
    if (other === undefined) return [];
    return [{ ...kind.toOurs(other, labelOf(kind, other) ?? freed.shift() ?? kind.label), primary: false }];
  });
  const had = lists.ours.some((item) => item.primary);
  return withPrimary([...kept, ...added], { keysOf: (items) => kind.ourKeys(items), key: edits.primary, had });
}

function labelOf<Ours extends OurItem, Theirs extends TheirItem>(kind: ListKind<Ours, Theirs>, item: Theirs): string | null {
  if (kind.fields !== null) return kind.fields.find(({ id }) => id === item.typeId)?.name || null;
  return item.typeName;
}

function ownType({ typeId, typeName }: TheirItem): NamedType | null {
  return typeId === null ? null : { id: typeId, name: typeName ?? '' };
}

function freeField(fields: readonly NamedType[], list: readonly TheirItem[], label: string): NamedType | null {
  const free = fields.filter(({ id }) => !list.some(({ typeId }) => typeId === id));
  const named = free.find(({ name }) => name !== '' && nameKey(name) === nameKey(label));
  return named ?? free.find(({ name }) => name === '') ?? free[0] ?? null;
}

function inFields<Theirs extends TheirItem>(fields: readonly NamedType[], list: readonly Theirs[]): readonly Theirs[] {
  const place = (item: Theirs): number => fields.findIndex(({ id }) => id === item.typeId);
  return list.toSorted((one, other) => place(one) - place(other)).map((item, index) => ({ ...item, primary: index === 0 }));
}

/** The one that was asked for is primary; else nothing changes, but that the first becomes it where the primary one went. */
function withPrimary<Item extends { readonly primary: boolean }>(
  list: readonly Item[],
  asked: { readonly keysOf: (items: readonly Item[]) => readonly (string | null)[]; readonly key: string | null; readonly had: boolean },
): readonly Item[] {
  const wanted = asked.key === null ? -1 : asked.keysOf(list).indexOf(asked.key);
  if (wanted < 0 && (!asked.had || list.some((item) => item.primary))) return list;
  const index = Math.max(0, wanted);
  return list.map((item, position) => (item.primary === (position === index) ? item : { ...item, primary: position === index }));
}
