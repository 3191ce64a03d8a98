import type { Phone } from '../model/phone.ts';
import { emailKey } from '../normalize/email.ts';

const fewestDigits = 7;
const mostDigits = 15;

/**
 * Says what is wrong with an e-mail address, as far as its text tells; `null` when nothing is. Stricter than what matching takes for
 * an address: the domain needs a dot, and marks that no mail system takes are named.
 */
export function emailProblem(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return 'it is blank';
  if (/[,;]/u.test(trimmed)) return 'several addresses in one field';
  if (/\s/u.test(trimmed)) return 'a space in it';
  const ats = trimmed.split('@').length - 1;
  if (ats === 0) return 'no @';
  if (ats > 1) return 'more than one @';
  if (emailKey(trimmed) === null) return 'nothing before or after the @';
  const domain = trimmed.slice(trimmed.indexOf('@') + 1);
  if (/^[.-]|[.-]$|\.\./u.test(domain) || /^\.|\.@|\.\./u.test(trimmed)) return 'a dot or hyphen out of place';
  if (!domain.includes('.')) return 'the domain has no dot';
  return /[<>()[\]:"\\]/u.test(trimmed) ? 'a bracket, colon or quote in it' : null;
}

/** Says what is wrong with a phone number; `null` when it is a valid one of its country. */
export function phoneProblem(phone: Phone): string | null {
  if (phone.e164 !== null) return null;
  const digits = phone.raw.replace(/\P{Nd}/gu, '');
  if (digits === '') return 'no digit in it';
  if (/^0+$/u.test(digits)) return 'a placeholder';
  if (digits.length < fewestDigits) return 'too short: perhaps an extension';
  if (digits.length > mostDigits) return 'too long: perhaps two numbers';
  return /\p{L}{2,}/u.test(phone.raw) ? 'words in it' : 'not a valid number of its country';
}
