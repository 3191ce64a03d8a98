import { nameKey } from '../../../core/normalize/person-name.ts';
import { equalsText } from './conditions.ts';
import type { ContactRow, UserDefinedField } from './schema.ts';

/** Where contacts carry rollcall's key (P8). */
export type KeyPlace =
  | { readonly kind: 'none' }
  | { readonly kind: 'user-defined'; readonly field: UserDefinedField }
  | { readonly kind: 'custom'; readonly caption: string };

/** Reads `psa.externalKeyField`: `userDefinedField1` to `userDefinedField10`, or the caption of a custom field. */
export function readKeyPlace(setting: string): KeyPlace {
  const name = setting.trim();
  if (name === '') return { kind: 'none' };
  const number = /^userDefinedField([1-9]|10)$/i.exec(name)?.[1];
  return number === undefined
    ? { kind: 'custom', caption: name }
    : { kind: 'user-defined', field: `userDefinedField${number}` as UserDefinedField };
}

/** The key that the contact carries. */
export function keyOf(row: ContactRow, place: KeyPlace): string | null {
  if (place.kind === 'none') return null;
  if (place.kind === 'user-defined') return row[place.field];
  const value = customField(row, place.caption)?.['value'];
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

/** The query that brings the contacts with this key. */
export function keyQuery(place: KeyPlace, key: string): { readonly conditions: readonly string[]; readonly customFieldConditions: string } {
  if (place.kind === 'user-defined') return { conditions: [equalsText(place.field, key)], customFieldConditions: '' };
  const caption = place.kind === 'custom' ? place.caption : '';
  return { conditions: [], customFieldConditions: `${equalsText('caption', caption)} and ${equalsText('value', key)}` };
}

/** The custom field of this caption as the contact shows it; every contact of the tenant shows all. */
export function customField(row: ContactRow, caption: string): Readonly<Record<string, unknown>> | undefined {
  return row.customFields?.find((field) => typeof field['caption'] === 'string' && nameKey(field['caption']) === nameKey(caption));
}
