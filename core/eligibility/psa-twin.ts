import type { ContactId, PsaContactId } from '../model/ids.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import { emailKey } from '../normalize/email.ts';
import { nameKey, personNameKey } from '../normalize/person-name.ts';
import { externalKeysOf, type PsaContext, type PushCandidate } from './psa-context.ts';

/** Whether the contact is in the PSA already (P8). */
export type TwinDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'link'; readonly twin: PsaContact; readonly why: string }
  | { readonly kind: 'hold'; readonly why: string; readonly candidates: readonly PsaContactId[] };

/**
 * Looks for the contact among the company's PSA contacts before it is created: by rollcall's key where the PSA has one, by any of its
 * e-mails, then by exact name (P8). Links only a sure hit; holds whenever a person has to decide.
 */
export function findTwin(candidate: PushCandidate, psa: PsaContext): TwinDecision {
  const byKey = findByKey(candidate, psa);
  if (byKey.kind !== 'none') return byKey;
  const byEmail = distinct(candidate.emails.flatMap((email) => psa.byEmail.get(emailKey(email.value) ?? '') ?? []));
  if (byEmail.length > 0) return judgeEmailHits(candidate, byEmail, psa);
  const key = personNameKey(candidate.firstName, candidate.lastName);
  const byName = key === null ? [] : (psa.byName.get(key) ?? []);
  return judgeNameHits(byName, psa);
}

/** By rollcall's key alone: it tells a link again that the store has lost, whatever became of e-mail and name since (P8). */
export function findByKey(candidate: PushCandidate, psa: PsaContext): TwinDecision {
  if (!psa.snapshot.hasExternalKey) return { kind: 'none' };
  return judgeKeyHits(candidate, distinct(externalKeysOf(candidate).flatMap((key) => psa.byKey.get(key) ?? [])), psa);
}

/** The same decision over contacts that were read afresh, right before a create. */
export function judgeHits(candidate: PushCandidate, hits: readonly PsaContact[], psa: PsaContext): TwinDecision {
  const keys = psa.snapshot.hasExternalKey ? externalKeysOf(candidate) : [];
  const byKey = keys.flatMap((key) => hits.filter((hit) => hit.externalKey === key));
  if (byKey.length > 0) return judgeKeyHits(candidate, byKey, psa);
  const emails = new Set(candidate.emails.map((email) => emailKey(email.value)));
  const byEmail = hits.filter((hit) => hit.emails.some((email) => emails.has(emailKey(email.value))));
  if (byEmail.length > 0) return judgeEmailHits(candidate, byEmail, psa);
  const key = personNameKey(candidate.firstName, candidate.lastName);
  const byName = key === null ? [] : hits.filter((hit) => personNameKey(hit.firstName, hit.lastName) === key);
  return judgeNameHits(byName, psa);
}

function judgeKeyHits(candidate: PushCandidate, hits: readonly PsaContact[], psa: PsaContext): TwinDecision {
  const name = psa.snapshot.displayName;
  const [twin] = hits;
  if (twin === undefined) return { kind: 'none' };
  if (hits.length > 1) return hold(`${hits.length} contacts in ${name} carry its key`, hits);
  const problem = problemOf(twin, candidate.contactId, psa);
  if (problem !== null) return hold(`the contact in ${name} with its key ${problem}`, hits);
  return { kind: 'link', twin, why: `${name} has a contact with its key` };
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
  const { company } = psa.snapshot;
  if (company !== null && twin.companyId !== company.id) return `belongs to another company (${twin.companyId})`;
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
