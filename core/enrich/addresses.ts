import type { FieldPolicy } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';

/** An entry of a contact's e-mail or phone list, seen alike. */
interface Entry {
  readonly label: string;
  readonly primary: boolean;
}

export interface ListMergeInput<Item extends Entry> {
  /** The directory's entry, with the label and primary flag of a new one; `null` is blank. */
  readonly ours: Item | null;
  readonly theirs: readonly Item[];
  readonly base: FieldBase | undefined;
  readonly policy: FieldPolicy;
  /** Canonical form of an entry: equal keys are the same address. */
  readonly keyOf: (item: Item) => string;
  /** Puts the directory's value in the place of `old`, keeping type and primary. */
  readonly replace: (old: Item, value: Item) => Item;
  readonly withPrimary: (item: Item, primary: boolean) => Item;
  /** Keeps the directory's entry primary as long as it has the chosen label (P2). */
  readonly forcePrimary: boolean;
  /** Adds to an equal entry what it lacks (an extension). Returns the same object when there is nothing to add. */
  readonly complete: (existing: Item, ours: Item) => Item;
}

export type ListMergeOutcome<Item> =
  | { readonly action: 'keep'; readonly base: FieldBase | null; readonly why: string }
  | { readonly action: 'write'; readonly items: readonly Item[]; readonly base: FieldBase; readonly why: string };

/**
 * Merges the directory's one address into a contact's whole list (E5): added when missing; what rollcall wrote and the directory
 * no longer has is replaced in place; all other entries stay as they are, types included.
 */
export function mergeList<Item extends Entry>(input: ListMergeInput<Item>): ListMergeOutcome<Item> {
  const { ours, theirs, base, policy, keyOf } = input;
  if (policy === 'never') return { action: 'keep', base: null, why: 'its policy is never' };
  if (ours === null) return removeWritten(input);

  const key = keyOf(ours);
  const present = theirs.findIndex((item) => keyOf(item) === key);
  const oldWritten = base?.origin === 'written' && base.value !== key ? findWritten(input, base.value, ours.label) : -1;
  const everWritten = base?.origin === 'written' || base?.everWritten === true;

  if (present >= 0) return keepPresent(input, { key, present, oldWritten, everWritten });
  const written: FieldBase = { value: key, origin: 'written', everWritten: true };
  if (oldWritten >= 0) {
    const items = theirs.map((item, index) => (index === oldWritten ? input.replace(item, ours) : item));
    return {
      action: 'write',
      items: choosePrimary(input, items, oldWritten),
      base: written,
      why: 'the directory has a new one in place of what rollcall wrote',
    };
  }
  if (policy !== 'overwrite' && base?.origin === 'written' && base.value === key) {
    return { action: 'keep', base: null, why: 'a person removed what rollcall had written' };
  }
  if (policy !== 'overwrite' && everWritten && theirs.length === 0) {
    return { action: 'keep', base: null, why: 'a person cleared what rollcall had written' };
  }
  const items = choosePrimary(input, [...theirs, input.withPrimary(ours, false)], theirs.length);
  return { action: 'write', items, base: written, why: 'it is missing in the contact' };
}

function keepPresent<Item extends Entry>(
  input: ListMergeInput<Item>,
  at: { readonly key: string; readonly present: number; readonly oldWritten: number; readonly everWritten: boolean },
): ListMergeOutcome<Item> {
  const { theirs, base, ours } = input;
  const known = base?.value === at.key;
  const next: FieldBase = {
    value: at.key,
    origin: known && base !== undefined ? base.origin : 'equal',
    ...(at.everWritten ? { everWritten: true } : {}),
  };

  let items = theirs.map((item, index) => (index === at.present && ours !== null ? input.complete(item, ours) : item));
  let chosen = at.present;
  if (at.oldWritten >= 0) {
    const wasPrimary = theirs[at.oldWritten]?.primary === true;
    items = items.filter((_, index) => index !== at.oldWritten);
    chosen = at.present > at.oldWritten ? at.present - 1 : at.present;
    if (wasPrimary) items = items.map((item, index) => (index === chosen ? input.withPrimary(item, true) : item));
  }
  // Once met, the choice of the primary one is the people's, unless the settings say otherwise (P2).
  if (!known || input.forcePrimary) items = choosePrimary(input, items, chosen);

  const changed = items.length !== theirs.length || items.some((item, index) => item !== theirs[index]);
  if (!changed) return { action: 'keep', base: next, why: 'the contact has it already' };
  return {
    action: 'write',
    items,
    base: next,
    why: at.oldWritten >= 0 ? 'it takes the place of what rollcall wrote' : 'the entry is completed',
  };
}

/** The entry that rollcall wrote: where people have the same address under another label, theirs is left alone. */
function findWritten<Item extends Entry>({ theirs, keyOf }: ListMergeInput<Item>, key: string, label: string): number {
  const labelled = theirs.findIndex((item) => item.label === label && keyOf(item) === key);
  return labelled >= 0 ? labelled : theirs.findIndex((item) => keyOf(item) === key);
}

/** The entry becomes primary only if none is, or if the settings say so (E5, P2). Entries that stay as they are keep their identity. */
function choosePrimary<Item extends Entry>(input: ListMergeInput<Item>, items: readonly Item[], chosen: number): Item[] {
  const ours = items[chosen];
  const labelChosen = input.ours !== null && ours?.label === input.ours.label;
  const force = input.forcePrimary && labelChosen;
  if (ours === undefined || ours.primary) return [...items];
  if (items.some((item) => item.primary) && !force) return [...items];
  return items.map((item, index) => {
    const primary = index === chosen;
    return item.primary === primary ? item : input.withPrimary(item, primary);
  });
}

function removeWritten<Item extends Entry>({ theirs, base, policy, keyOf, withPrimary }: ListMergeInput<Item>): ListMergeOutcome<Item> {
  if (policy === 'clear' && base?.origin === 'written' && base.value !== '') {
    const at = theirs.findIndex((item) => keyOf(item) === base.value);
    if (at >= 0) {
      const left = theirs.filter((_, index) => index !== at);
      const items = theirs[at]?.primary === true ? left.map((item, index) => (index === 0 ? withPrimary(item, true) : item)) : left;
      return { action: 'write', items, base: { value: '', origin: 'equal' }, why: 'its policy is clear, and rollcall wrote the value' };
    }
  }
  return { action: 'keep', base: null, why: 'the directory has no value' };
}
