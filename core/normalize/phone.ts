import type { Phone } from '../model/phone.ts';

/**
 * Gives the form in which phones are compared (E5): E.164 when the edge could work it out, else the digits. The extension is no
 * part of it. `null` when there is no digit at all.
 */
export function phoneKey(phone: Phone): string | null {
  if (phone.e164 !== null) return phone.e164;
  const digits = digitsOf(phone.raw);
  const extension = phone.extension === null ? '' : digitsOf(phone.extension);
  const number =
    extension !== '' && digits.length > extension.length && digits.endsWith(extension) ? digits.slice(0, -extension.length) : digits;
  return number === '' ? null : number;
}

function digitsOf(text: string): string {
  return text.replace(/\P{Nd}/gu, '');
}
