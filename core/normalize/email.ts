import { isAscii } from './case-fold.ts';

/**
 * Gives the form in which e-mail addresses are compared (M1): trimmed, NFC, the whole address in lower case. Dots and `+tags`
 * are kept: only the receiving system knows what they mean. `null` when the text is no address at all. Idempotent.
 */
export function emailKey(text: string | null): string | null {
  if (text === null) return null;
  const trimmed = text.trim();
  if (!isAddress(trimmed)) return null;
  const lower = trimmed.toLowerCase();
  return isAscii(lower) ? lower : lower.normalize('NFC');
}

/** The part before the `@` of an address that `emailKey` returned. */
export function emailLocalPart(key: string): string {
  return key.slice(0, key.lastIndexOf('@'));
}

/** Something, an `@`, something, and no white space: placeholders such as `n/a` and lists of addresses are no address. */
function isAddress(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at < text.length - 1 && text.indexOf('@', at + 1) === -1 && !/\s/u.test(text);
}
