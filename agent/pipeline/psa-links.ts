import { externalKeyOf } from '../../core/eligibility/psa-context.ts';
import { psaAdapter } from '../../core/enrich/ownership.ts';
import type { Contact } from '../../core/model/contact.ts';
import { type ContactId, type PsaContactId, psaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { ContactState } from '../../core/model/state.ts';
import type { Psa } from '../../core/ports/psa.ts';

/** Links of PSA contacts with IT Glue contacts: rollcall's own, and before them those that IT Glue shows. */
export function linksOf(
  psa: Pick<Psa, 'adapterNames'>,
  contacts: readonly Contact[],
  states: Iterable<ContactState>,
): Map<PsaContactId, ContactId> {
  const links = new Map<PsaContactId, ContactId>();
  for (const state of states) if (state.psaLink !== null) links.set(state.psaLink.psaContactId, state.contactId);
  for (const contact of contacts) {
    const remoteId = psaAdapter(contact.adapters, psa.adapterNames)?.remoteId ?? null;
    if (remoteId !== null) links.set(psaContactId(remoteId), contact.id);
  }
  return links;
}

/** Links of PSA contacts with IT Glue contacts, with those that rollcall remembers. */
export function linksWith(
  known: ReadonlyMap<PsaContactId, ContactId>,
  states: Iterable<ContactState>,
): ReadonlyMap<PsaContactId, ContactId> {
  const links = new Map(known);
  for (const state of states) if (state.psaLink !== null) links.set(state.psaLink.psaContactId, state.contactId);
  return links;
}

/**
 * Learns links that only the PSA tells any more: contacts that carry rollcall's key of an IT Glue contact, which is still there (P8). What
 * is known otherwise stays.
 */
export function learnLinksByKey(
  linkedTo: Map<PsaContactId, ContactId>,
  psaContacts: readonly PsaContact[],
  contacts: readonly Pick<Contact, 'id'>[],
): void {
  const keyed = psaContacts.filter(({ id, externalKey }) => externalKey !== null && !linkedTo.has(id));
  if (keyed.length === 0) return;
  const byKey = new Map(contacts.map(({ id }) => [externalKeyOf(null, id), id]));
  for (const { id, externalKey } of keyed) {
    const contact = byKey.get(externalKey);
    if (contact !== undefined) linkedTo.set(id, contact);
  }
}
