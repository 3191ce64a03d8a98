import type { Phone } from '../../core/model/phone.ts';

/**
 * The number without its extension, as IT Glue wants it (the extension has a member of its own; separators are stripped there).
 * An extension is cut off only where the text marks it as one: "555-0100 x12", "555-0100;ext=12", not "555-0112".
 */
export function numberWithoutExtension(phone: Phone): string {
  const raw = phone.raw.trim();
  const extension = phone.extension?.trim() ?? '';
  if (!/^\d+$/u.test(extension)) {
    return raw;
  }
  const number = raw.replace(new RegExp(`[\\s;,]*(?:\\p{L}+\\.?|#|~|,)[\\s.:=]*${extension}\\s*$`, 'u'), '').trim();
  return /\d/u.test(number) ? number : raw;
}

/** One text for a number and its extension, in the form that `numberWithoutExtension` takes apart again. */
export function withExtension(number: string, extension: string | null): string {
  return extension === null ? number : `${number} x${extension}`;
}

export function digitsOf(text: string): string {
  return text.replace(/\D+/gu, '');
}
