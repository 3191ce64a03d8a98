import { assessEligibility } from '../eligibility/eligibility.ts';
import { externalKeyOf, type PsaContext, type PushCandidate } from '../eligibility/psa-context.ts';
import { findByKey, findTwin } from '../eligibility/psa-twin.ts';
import type { Enrichment } from '../enrich/enrich-contact.ts';
import { type Ownership, psaAdapter } from '../enrich/ownership.ts';
import { type Placeholder, placeholderOf } from '../enrich/push-labels.ts';
import type { Contact } from '../model/contact.ts';
import type { PushWant } from '../model/state.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import { contactFingerprint } from './fingerprint.ts';
import type { PlanContext } from './plan-context.ts';

const mappedMembers = ['firstName', 'lastName', 'title', 'emails', 'phones', 'locationId'] as const;

/** The PSA of an organization whose contacts IT Glue pushes by itself (P10); else `null`. */
function pushedByItGlue({ psaContext, settings, pushRequest }: PlanContext): PsaContext | null {
  if (psaContext === null || settings.psa.push !== 'it-glue' || pushRequest !== null) return null;
  return psaContext.snapshot.excluded === null && psaContext.snapshot.company !== null ? psaContext : null;
}

/** IT Glue itself shows that the contact is in the PSA. */
function isLinkedByItGlue(contact: Contact, { snapshot }: PsaContext): boolean {
  return psaAdapter(contact.adapters, snapshot.adapterNames) !== null || contact.psaIntegration !== null;
}

/**
 * What rollcall writes into IT Glue for IT Glue's own push (P10), when the contact is wanted there (P3, P4) and not linked; else
 * `undefined`. `enrichment`: what would be written anyway.
 */
export function fittedForPush(
  context: PlanContext,
  contact: Contact,
  { want, enrichment }: { readonly want: PushWant | null; readonly enrichment: Enrichment },
): { readonly placeholder: Placeholder | null } | undefined {
  const psa = pushedByItGlue(context);
  if (psa === null || isLinkedByItGlue(contact, psa)) return undefined;
  const state = context.contactStatesById.get(contact.id);
  const isWanted = want !== null || state?.pushWant != null || wasUpdated(context, contact, enrichment);
  return isWanted ? { placeholder: placeholderFor(context, psa) } : undefined;
}

/** P4: this plan changes a mapped field, or somebody did since two-way was switched on. */
function wasUpdated({ settings, contactStatesById, organizationState }: PlanContext, contact: Contact, { patch }: Enrichment): boolean {
  if (!settings.psa.twoWay) return false;
  if (mappedMembers.some((member) => patch[member] !== undefined)) return true;
  const seen = contactStatesById.get(contact.id)?.fingerprint ?? null;
  return organizationState.twoWaySince !== null && seen !== null && seen !== contactFingerprint(contact);
}

/** P2: what a contact without a phone gets that is created to be pushed by IT Glue. */
export function placeholderForNew(context: PlanContext): Placeholder | null {
  const psa = pushedByItGlue(context);
  return psa === null ? null : placeholderFor(context, psa);
}

function placeholderFor({ settings }: PlanContext, { snapshot }: PsaContext): Placeholder | null {
  return settings.psa.blankPhoneInItGlue && snapshot.requirements.blankPhoneAllowed ? placeholderOf(settings.psa) : null;
}

/**
 * Why a write into IT Glue would make IT Glue push a second contact (P8, P10): it does not look before it creates. The contact is in the
 * PSA already, by rollcall or before, and IT Glue does not know. `null`: it would not.
 */
export function pushedTwice(context: PlanContext, contact: Contact | null, patch: ContactPatch, immutableId: string): string | null {
  const psa = pushedByItGlue(context);
  if (psa === null || (contact !== null && isLinkedByItGlue(contact, psa))) return null;
  const candidate = candidateOf(context, contact, { patch, immutableId });
  // What IT Glue does not push may be written.
  if (!assessEligibility(candidate, psa).eligible) return null;
  const notYet = 'and IT Glue has not linked it yet: by its own push it would make a second one';
  const isLinkedByUs = contact !== null && context.contactStatesById.get(contact.id)?.psaLink != null;
  if (isLinkedByUs) return `rollcall has put it into ${psa.snapshot.displayName}, ${notYet}`;
  const keyed = findByKey(candidate, psa);
  const twin = keyed.kind === 'none' ? findTwin(candidate, psa) : keyed;
  return twin.kind === 'none' ? null : `${twin.why}, ${notYet}`;
}

/** The same as an owner: values that go to the PSA all the same go there (E9). */
export function ownedUntilLinked(context: PlanContext, contact: Contact, enrichment: Enrichment, immutableId: string): Ownership | null {
  if (!mappedMembers.some((member) => enrichment.patch[member] !== undefined)) return null;
  const why = pushedTwice(context, contact, enrichment.patch, immutableId);
  return why === null ? null : { by: 'the PSA', why };
}

function candidateOf(
  { locationsById }: PlanContext,
  contact: Contact | null,
  { patch, immutableId }: { readonly patch: ContactPatch; readonly immutableId: string },
): PushCandidate {
  const locationId = patch.locationId === undefined ? (contact?.locationId ?? null) : patch.locationId;
  return {
    contactId: contact?.id ?? null,
    label: contact?.name ?? '',
    firstName: patch.firstName ?? contact?.firstName ?? null,
    lastName: patch.lastName ?? contact?.lastName ?? null,
    title: patch.title ?? contact?.title ?? null,
    emails: patch.emails ?? contact?.emails ?? [],
    phones: patch.phones ?? contact?.phones ?? [],
    location: locationId === null ? null : (locationsById.get(locationId) ?? null),
    contactTypeName: null,
    externalKey: externalKeyOf(immutableId, contact?.id ?? null),
  };
}
