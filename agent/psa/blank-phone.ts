/** The placeholder that stands for "no phone" (P2). */
const placeholderPhone = '000-000-0000';

/** Whether the phone is the placeholder for "none" (P2): the usual one, or the configured one. */
export function isBlankPhone(raw: string, placeholder: string): boolean {
  const written = digits(raw);
  return [placeholderPhone, placeholder].some((blank) => digits(blank) !== '' && digits(blank) === written);
}

function digits(text: string): string {
  return text.replace(/\D/g, '');
}
