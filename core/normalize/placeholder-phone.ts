import type { Phone } from '../model/phone.ts';

/** Whether a phone stands for "none" (P2): all zeros, or the configured placeholder. It reads back as blank everywhere. */
export function isPlaceholderPhone({ raw, e164 }: Phone, blankPhone: string): boolean {
  const written = digitsOf(raw) || digitsOf(e164 ?? '');
  return written !== '' && (/^0+$/u.test(written) || written === digitsOf(blankPhone));
}

/** Digits only: the form in which the placeholder is remembered. */
export function placeholderKey(blankPhone: string): string {
  return digitsOf(blankPhone);
}

function digitsOf(text: string): string {
  return text.replace(/\D/gu, '');
}
