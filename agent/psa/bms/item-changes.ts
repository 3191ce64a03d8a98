import { isId } from '../identity.ts';

/** `RelatedItemOperationType`: the order in the answer (added, updated, deleted) tells the numbers. */
const operations = { add: 0, update: 1, delete: 2 } as const;

/** An e-mail or a phone of a contact; the API addresses them by their text. */
export interface Item {
  readonly text: string;
  /** What makes two of them the same one; a blank phone (P2) has its own. */
  readonly key: string;
  readonly typeId: string | null;
  readonly primary: boolean;
  /** Of phones, its digits; the text has it too. */
  readonly extension?: string;
}

export interface ItemChange {
  readonly kind: keyof typeof operations;
  readonly item: Item;
  /** The text that takes the place of the item's own. */
  readonly newText?: string;
}

/** How the API names what it changes. */
export type ItemName = 'EmailAddress' | 'PhoneNumber';

/** What is missing is added; nothing is removed. */
export function additions(current: readonly Item[], wanted: readonly Item[]): readonly ItemChange[] {
  const known = new Set(current.map(({ key }) => key));
  return distinct(wanted).flatMap((item): ItemChange[] => (known.has(item.key) ? [] : [{ kind: 'add', item }]));
}

/**
 * Makes the list what is wanted: what is there already keeps its text, unless another extension is wanted, and its type, unless another
 * one is. Additions come first and removals last, so that the contact is never without.
 */
export function replacements(current: readonly Item[], wanted: readonly Item[]): readonly ItemChange[] {
  const list = distinct(wanted);
  const keys = new Set(list.map(({ key }) => key));
  const kept = list.flatMap((item): ItemChange[] => {
    const known = current.find(({ key, primary }) => key === item.key && primary) ?? current.find(({ key }) => key === item.key);
    if (known === undefined) return [];
    const changed = { ...known, typeId: item.typeId ?? known.typeId, primary: item.primary, extension: item.extension ?? '' };
    const isExtended = changed.extension === (known.extension ?? '');
    // Which one is no more the primary one follows from which one is.
    const isAsWanted = isExtended && changed.typeId === known.typeId && (known.primary || !item.primary);
    return isAsWanted ? [] : [{ kind: 'update', item: changed, ...(isExtended ? {} : { newText: item.text }) }];
  });
  const removed = current.filter(({ key }) => !keys.has(key)).map((item): ItemChange => ({ kind: 'delete', item }));
  return [...additions(current, list), ...kept, ...removed];
}

/** The changes as the API takes them. An update repeats a text that stays, so that none can take its absence for a blank. */
export function toOperations(name: ItemName, changes: readonly ItemChange[]): readonly Readonly<Record<string, unknown>>[] {
  return changes.map(({ kind, item, newText }) => ({
    Operation: operations[kind],
    [name]: item.text,
    ...(kind === 'update' ? { [`New${name}`]: newText ?? item.text } : {}),
    ...(kind === 'delete' ? {} : { TypeId: Number(item.typeId), IsDefault: item.primary }),
  }));
}

/** Whether the changes can be seen in what the contact has now. */
export function areDone(changes: readonly ItemChange[], now: readonly Item[]): boolean {
  return changes.every(({ kind, item }) => {
    const found = now.filter(({ key }) => key === item.key);
    if (kind === 'delete') return found.length === 0;
    return found.some(
      ({ typeId, primary, extension = '' }) =>
        typeId === item.typeId && (primary || !item.primary) && (kind === 'add' || extension === (item.extension ?? '')),
    );
  });
}

/** Whether each change carries what the API asks for. */
export function areTyped(changes: readonly ItemChange[]): boolean {
  return changes.every(({ kind, item }) => kind === 'delete' || isId(item.typeId));
}

/** One for each key, the first; primary when one of them is. */
function distinct(items: readonly Item[]): readonly Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const known = byKey.get(item.key);
    byKey.set(item.key, known === undefined ? item : { ...known, primary: known.primary || item.primary });
  }
  return [...byKey.values()];
}
