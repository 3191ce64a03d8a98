import type { ContactPhone } from '../model/contact.ts';
import type { PsaSettings } from '../model/settings.ts';
import type { FieldBase } from '../model/state.ts';
import { isPlaceholderPhone, placeholderKey } from '../normalize/placeholder-phone.ts';

/** An entry of a contact's e-mail or phone list. */
interface Entry {
  readonly label: string;
  readonly primary: boolean;
}

/** Labels that rollcall itself gave while no type was chosen (E2), and none at all; any other is a person's. */
const ownLabels: ReadonlySet<string> = new Set(['', 'AD Email', 'AD Phone']);

/**
 * What IT Glue asks of the directory's entry before it pushes the contact by itself (P10): the chosen type's label, where it has none
 * but rollcall's own, and a primary one in the list. Gives the same list when there is nothing to do.
 */
export function fitForPush<Item extends Entry>(
  items: readonly Item[],
  ours: Item,
  { keyOf, withPrimary }: { readonly keyOf: (item: Item) => string; readonly withPrimary: (item: Item, primary: boolean) => Item },
): readonly Item[] {
  const at = items.findIndex((item) => keyOf(item) === keyOf(ours));
  const found = items[at];
  if (found === undefined) return items;
  const isRelabelled = ownLabels.has(found.label.trim()) && found.label !== ours.label;
  const hasPrimary = items.some((item) => item.primary);
  if (!isRelabelled && hasPrimary) return items;
  const labelled = isRelabelled ? { ...found, label: ours.label } : found;
  return items.with(at, hasPrimary ? labelled : withPrimary(labelled, true));
}

/** The placeholder for "no phone", as it is written into IT Glue (P2). */
export interface Placeholder {
  readonly item: ContactPhone;
  /** Remembers that it was written: one that a person takes away does not come again. */
  readonly base: FieldBase;
}

/** `null`: no phone type is chosen, or blank phones stay blank. */
export function placeholderOf({ blankPhone, phoneType }: Pick<PsaSettings, 'blankPhone' | 'phoneType'>): Placeholder | null {
  const value = placeholderKey(blankPhone);
  if (value === '' || phoneType === '') return null;
  const phone = { raw: blankPhone, e164: null, extension: null };
  return { item: { phone, label: phoneType, kind: 'phone', primary: true }, base: { value, origin: 'written' } };
}

/** The phones without the placeholder: it is no value (P2). */
export function withoutPlaceholder<Item extends { readonly phone: ContactPhone['phone'] }>(
  phones: readonly Item[],
  blankPhone: string,
): readonly Item[] {
  return phones.some(({ phone }) => isPlaceholderPhone(phone, blankPhone))
    ? phones.filter(({ phone }) => !isPlaceholderPhone(phone, blankPhone))
    : phones;
}
