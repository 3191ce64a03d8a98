import { isAscii } from './case-fold.ts';

/** Trims a text field and puts it into NFC; `null` when nothing is left. Letters keep their case. Idempotent. */
export function textKey(text: string | null): string | null {
  if (text === null) return null;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return isAscii(trimmed) ? trimmed : trimmed.normalize('NFC');
}

/** Tells whether two text fields hold the same value: equal after trimming and NFC; blank and absent are the same. */
export function sameValue(left: string | null, right: string | null): boolean {
  return left === right || textKey(left) === textKey(right);
}
