import type { PsaContactInput, PsaPhone } from '../model/psa-contact.ts';
import { isPlaceholderPhone } from '../normalize/placeholder-phone.ts';
import type { PsaRequirements } from '../ports/psa.ts';
import { mappedEmails, mappedPhones, type PsaContext, type PushCandidate } from './psa-context.ts';

/** What a contact lacks for the push (P1), in the words of the configuration where there is one. */
export type MissingForPush = 'company' | 'firstName' | 'lastName' | 'email' | 'phone' | 'location' | 'emailType' | 'phoneType';

/** What a contact has too much of: a text longer than the PSA takes. */
const longWords = {
  firstName: 'first name',
  lastName: 'last name',
  title: 'title',
  email: 'e-mail',
  phone: 'phone',
  extension: 'extension',
} as const;

export type Eligibility =
  | { readonly eligible: true; readonly input: PsaContactInput }
  | { readonly eligible: false; readonly missing: readonly MissingForPush[]; readonly hints: readonly string[] };

/** Tells whether a contact meets its PSA's requirements (P1), and what would be sent, by the PSA's own ids (P12). */
export function assessEligibility(candidate: PushCandidate, psa: PsaContext): Eligibility {
  const { requirements, company, displayName } = psa.snapshot;
  const missing: MissingForPush[] = [];
  const hints: string[] = [];
  // No type chosen: nothing of that kind is sent (P1).
  const emails = psa.settings.emailType === '' ? [] : mappedEmails(candidate, psa);
  const phones = phonesToSend(candidate, psa);
  const location = candidate.location === null ? null : psa.location(candidate.location);

  if (company === null) {
    missing.push('company');
    if (psa.snapshot.companyProblem !== null) hints.push(psa.snapshot.companyProblem);
  }
  if (requirements.firstName && candidate.firstName === null) missing.push('firstName');
  if (requirements.lastName && candidate.lastName === null) missing.push('lastName');
  // Types and locations are read with the company: without it nothing is known of them.
  if (company === null) return { eligible: false, missing, hints };
  if (requirements.typesRequired) {
    if (psa.emailType(psa.settings.emailType) === null) missing.push('emailType');
    if (psa.phoneType(psa.settings.phoneType) === null) missing.push('phoneType');
  }
  if (requirements.primaryEmail && !missing.includes('emailType') && !emails.some((email) => email.primary)) {
    missing.push('email');
    const primary = candidate.emails.find((email) => email.primary);
    if (primary !== undefined) hints.push(`${displayName} has no e-mail type "${primary.label}"`);
  }
  if (requirements.primaryPhone && !missing.includes('phoneType') && !phones.some((phone) => phone.primary)) {
    missing.push('phone');
    const primary = candidate.phones.find((phone) => phone.primary);
    if (candidate.phones.length === 0 && psa.settings.push === 'it-glue' && requirements.blankPhoneAllowed)
      hints.push('psa.blankPhoneInItGlue writes a placeholder');
    if (primary !== undefined) hints.push(`${displayName} has no phone type "${primary.label}"`);
  }
  if (requirements.location && location === null) {
    missing.push('location');
    if (candidate.location !== null) hints.push(`${displayName} has no location "${candidate.location.name}" at the company`);
  }

  const tooLong = tooLongFor(requirements.longest, { ...candidate, emails, phones });
  hints.push(...tooLong.map((what) => `${displayName} takes no ${what}`));
  if (missing.length > 0 || tooLong.length > 0 || candidate.firstName === null) return { eligible: false, missing, hints };
  return {
    eligible: true,
    input: {
      companyId: company.id,
      locationId: location?.id ?? null,
      firstName: candidate.firstName,
      lastName: candidate.lastName,
      title: candidate.title,
      emails: onePrimary(emails),
      phones: onePrimary(phones),
      contactTypeId: psa.contactType(candidate.contactTypeName)?.id ?? null,
      externalKey: psa.snapshot.hasExternalKey ? candidate.externalKey : null,
    },
  };
}

/** The values that are longer than the PSA takes, in words with the limit. They are never shortened: IT Glue's own pull matches by name. */
export function tooLongFor(
  longest: PsaRequirements['longest'],
  values: {
    readonly firstName?: string | null;
    readonly lastName?: string | null;
    readonly title?: string | null;
    readonly emails?: readonly { readonly value: string }[];
    readonly phones?: readonly Pick<PsaPhone, 'phone'>[];
  },
): readonly string[] {
  const texts: readonly (readonly [keyof typeof longWords, string | null | undefined])[] = [
    ['firstName', values.firstName],
    ['lastName', values.lastName],
    ['title', values.title],
    ...(values.emails ?? []).map(({ value }) => ['email', value] as const),
    ...(values.phones ?? []).map(({ phone }) => ['phone', phone.raw] as const),
    ...(values.phones ?? []).map(({ phone }) => ['extension', phone.extension] as const),
  ];
  const found = texts.flatMap(([kind, text]) => {
    const limit = longest[kind];
    return limit !== null && (text?.length ?? 0) > limit ? [`${longWords[kind]} of more than ${limit} characters`] : [];
  });
  return [...new Set(found)];
}

/**
 * P2: a contact without any phone is pushed with the placeholder, which is no phone where IT Glue has it either. What IT Glue pushes by
 * itself has the phones that it has there, the placeholder among them (P10).
 */
function phonesToSend(candidate: PushCandidate, psa: PsaContext): readonly PsaPhone[] {
  const { blankPhone, phoneType, push } = psa.settings;
  if (push === 'it-glue') return phoneType === '' ? [] : mappedPhones(candidate, psa);
  const own = candidate.phones.filter((item) => !isPlaceholderPhone(item.phone, blankPhone));
  const phones = phoneType === '' ? [] : mappedPhones({ phones: own }, psa);
  const hasPhone = own.some((item) => item.kind === 'phone');
  const type = psa.phoneType(phoneType);
  if (hasPhone || blankPhone === '' || type === null || !psa.snapshot.requirements.blankPhoneAllowed) return phones;
  return [{ phone: { raw: blankPhone, e164: null, extension: null }, typeId: type.id, typeName: type.name, primary: true }];
}

/** IT Glue lets two entries be primary; a PSA takes one: the first. */
function onePrimary<Item extends { readonly primary: boolean }>(items: readonly Item[]): readonly Item[] {
  const first = items.findIndex((item) => item.primary);
  return items.map((item, index) => (item.primary && index !== first ? { ...item, primary: false } : item));
}
