import type { PsaContactInput, PsaPhone } from '../model/psa-contact.ts';
import { mappedEmails, mappedPhones, type PsaContext, type PushCandidate } from './psa-context.ts';

/** What a contact lacks for the push (P1), in the words of the configuration where there is one. */
export type MissingForPush = 'company' | 'firstName' | 'lastName' | 'email' | 'phone' | 'location' | 'emailType' | 'phoneType';

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
  const phones = withPlaceholder(candidate, psa.settings.phoneType === '' ? [] : mappedPhones(candidate, psa), psa);
  const location = candidate.location === null ? null : psa.location(candidate.location);

  if (company === null) {
    missing.push('company');
    if (psa.snapshot.companyProblem !== null) hints.push(psa.snapshot.companyProblem);
  }
  if (requirements.firstName && candidate.firstName === null) missing.push('firstName');
  if (requirements.lastName && candidate.lastName === null) missing.push('lastName');
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
    if (primary !== undefined) hints.push(`${displayName} has no phone type "${primary.label}"`);
  }
  if (requirements.location && location === null) {
    missing.push('location');
    if (candidate.location !== null) hints.push(`${displayName} has no location "${candidate.location.name}" at the company`);
  }

  if (missing.length > 0 || company === null || candidate.firstName === null) return { eligible: false, missing, hints };
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
    },
  };
}

/** P2: a contact without any phone is pushed with the placeholder. */
function withPlaceholder(candidate: PushCandidate, phones: readonly PsaPhone[], psa: PsaContext): readonly PsaPhone[] {
  const { blankPhone, phoneType } = psa.settings;
  const hasPhone = candidate.phones.some((item) => item.kind === 'phone');
  const type = psa.phoneType(phoneType);
  if (hasPhone || blankPhone === '' || type === null || !psa.snapshot.requirements.blankPhoneAllowed) return phones;
  return [{ phone: { raw: blankPhone, e164: null, extension: null }, typeId: type.id, typeName: type.name, primary: true }];
}

/** IT Glue lets two entries be primary; a PSA takes one: the first. */
function onePrimary<Item extends { readonly primary: boolean }>(items: readonly Item[]): readonly Item[] {
  const first = items.findIndex((item) => item.primary);
  return items.map((item, index) => (item.primary && index !== first ? { ...item, primary: false } : item));
}
