import { foldCase } from './case-fold.ts';

/**
 * Gives the form in which first or last names are compared (M2): trimmed, NFC, full case folding. White space and punctuation
 * inside are kept as they are. `null` when the name is blank or absent. Idempotent.
 */
export function nameKey(text: string | null): string | null {
  const trimmed = text === null ? '' : text.trim();
  return trimmed === '' ? null : foldCase(trimmed);
}

/** Joins both names into one key (M2); `null` unless both are present. Two keys are equal when both names are. */
export function personNameKey(firstName: string | null, lastName: string | null): string | null {
  const first = nameKey(firstName);
  const last = nameKey(lastName);
  return first === null || last === null ? null : joinNameKeys(first, last);
}

/** Joins two results of `nameKey`; the length tells where the first one ends, whatever is in it. */
export function joinNameKeys(first: string, last: string): string {
  return `${first.length}:${first} ${last}`;
}
