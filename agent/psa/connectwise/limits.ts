import type { PsaPhone } from '../../../core/model/psa-contact.ts';
import type { PsaContactPatch } from '../../../core/ports/psa.ts';
import { isId } from '../identity.ts';
import { phoneParts } from '../phone-parts.ts';
import { connectWiseRequirements } from './product.ts';

const { longest } = connectWiseRequirements;

/** What a new contact and a patch have in common. */
type Wanted = Omit<PsaContactPatch, 'externalKey'>;

/** Why the PSA cannot take this, in words; `null`: it can. A text that is too long is never shortened. */
export function unacceptable(wanted: Wanted): string | null {
  const emails = [...(wanted.emails ?? []), ...(wanted.addEmails ?? [])];
  const phones = [...(wanted.phones ?? []), ...(wanted.addPhones ?? [])];
  return (
    tooLong('first name', wanted.firstName, longest.firstName) ??
    tooLong('last name', wanted.lastName, longest.lastName) ??
    tooLong('title', wanted.title, longest.title) ??
    first(emails.map((email) => tooLong('e-mail', email.value, longest.email))) ??
    first(phones.map(({ phone }) => tooLongPhone(phone))) ??
    (isBlank(wanted.firstName) ? 'the first name is blank' : null) ??
    (isForeign(wanted.locationId) ? 'the site is none of the PSA' : null)
  );
}

function tooLongPhone(phone: PsaPhone['phone']): string | null {
  const { value, extension } = phoneParts(phone);
  return tooLong('phone', value, longest.phone) ?? tooLong('extension', extension, longest.extension);
}

function tooLong(name: string, text: string | null | undefined, limit: number | null): string | null {
  return limit !== null && (text?.trim().length ?? 0) > limit ? `the ${name} is longer than ${limit} characters` : null;
}

function isBlank(text: string | undefined): boolean {
  return text !== undefined && text.trim() === '';
}

function isForeign(id: string | null | undefined): boolean {
  return id !== undefined && id !== null && !isId(id);
}

function first(reasons: readonly (string | null)[]): string | null {
  return reasons.find((reason) => reason !== null) ?? null;
}
