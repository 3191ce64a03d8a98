import type { ContactId, PsaContactId } from '../model/ids.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import { emailKey } from '../normalize/email.ts';
import { nameKey, personNameKey } from '../normalize/person-name.ts';
import type { PsaContext, PushCandidate } from './psa-context.ts';

/** Whether the contact is in the PSA already (P8). */
export type TwinDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'link'; readonly twin: PsaContact; readonly why: string }
  | { readonly kind: 'hold'; readonly why: string; readonly candidates: readonly PsaContactId[] };

/**
 * Looks for the contact among the company's PSA contacts before it is created: by any of its e-mails, then by exact name (P8). Links
 * only a sure hit; holds whenever a person has to decide. The external key, where a PSA has one, was looked up before.
 */
export function findTwin(candidate: PushCandidate, psa: PsaContext): TwinDecision {
  const byEmail = distinct(candidate.emails.flatMap((email) => psa.byEmail.get(emailKey(email.value) ?? '') ?? []));
  if (byEmail.length > 0) return judgeEmailHits(candidate, byEmail, psa);
  const key = personNameKey(candidate.firstName, candidate.lastName);
  const byName = key === null ? [] : (psa.byName.get(key) ?? []);
  return judgeNameHits(byName, psa);
}

/** The same decision over contacts that were read afresh, right before a create. */
export function judgeHits(candidate: PushCandidate, hits: readonly PsaContact[], psa: PsaContext): TwinDecision {
  const emails = new Set(candidate.emails.map((email) => emailKey(email.value)));
  const byEmail = hits.filter((hit) => hit.emails.some((email) => emails.has(emailKey(email.value))));
  if (byEmail.length > 0) return judgeEmailHits(candidate, byEmail, psa);
  const key = personNameKey(candidate.firstName, candidate.lastName);
  const byName = key === null ? [] : hits.filter((hit) => personNameKey(hit.firstName, hit.lastName) === key);
  return judgeNameHits(byName, psa);
}

function judgeEmailHits(candidate: PushCandidate, hits: readonly PsaContact[], psa: PsaContext): TwinDecision {
  const name = psa.snapshot.displayName;
  const [twin] = hits;
  if (twin === undefined) return { kind: 'none' };
  if (hits.length > 1) return hold(`${hits.length} contacts in ${name} have its e-mail`, hits);
  const problem = problemOf(twin, candidate.contactId, psa);
  if (problem !== null) return hold(`the contact in ${name} with its e-mail ${problem}`, hits);
  const sameFirst = equalNames(candidate.firstName, twin.firstName);
  const sameLast = equalNames(candidate.lastName, twin.lastName);
  if (!sameFirst && !sameLast) return hold(`the contact in ${name} with its e-mail has another name`, hits);
  return { kind: 'link', twin, why: `${name} has a contact with its e-mail and ${sameFirst ? 'first' : 'last'} name` };
}

function judgeNameHits(hits: readonly PsaContact[], psa: PsaContext): TwinDecision {
  if (hits.length === 0) return { kind: 'none' };
  const name = psa.snapshot.displayName;
  if (hits.length > 1) return hold(`${hits.length} contacts in ${name} have its name`, hits);
  return hold(`a contact in ${name} has its name but not its e-mail`, hits);
}

function problemOf(twin: PsaContact, contactId: ContactId | null, psa: PsaContext): string | null {
  if (!twin.active) return 'is inactive; it is never reactivated by itself';
  const linked = psa.snapshot.linkedTo.get(twin.id);
  return linked !== undefined && linked !== contactId ? `is linked to another IT Glue contact (${linked})` : null;
}

function equalNames(a: string | null, b: string | null): boolean {
  const key = a === null ? null : nameKey(a);
  return key !== null && b !== null && key === nameKey(b);
}

function hold(why: string, hits: readonly PsaContact[]): TwinDecision {
  return { kind: 'hold', why, candidates: hits.map((hit) => hit.id) };
}

function distinct(contacts: readonly PsaContact[]): PsaContact[] {
  return contacts.length < 2 ? [...contacts] : [...new Set(contacts)];
}
