import { joinNameKeys, nameKey } from '../../core/normalize/person-name.ts';

/** Whether the text is a record's id in a PSA: a whole number above zero. */
export function isId(value: string | null): value is string {
  return value !== null && /^[1-9]\d*$/.test(value);
}

/** Ids by their number, whatever their length. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The name's identity, for "exactly this name": both parts as core compares them; `null` when both are blank. */
export function wholeNameKey(firstName: string | null, lastName: string | null): string | null {
  const first = nameKey(firstName) ?? '';
  const last = nameKey(lastName) ?? '';
  return first === '' && last === '' ? null : joinNameKeys(first, last);
}
