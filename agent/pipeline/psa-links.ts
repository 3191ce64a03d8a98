import type { ContactId, PsaContactId } from '../../core/model/ids.ts';
import type { ContactState } from '../../core/model/state.ts';

/** Links of PSA contacts with IT Glue contacts, with those that rollcall remembers. */
export function linksWith(
  known: ReadonlyMap<PsaContactId, ContactId>,
  states: Iterable<ContactState>,
): ReadonlyMap<PsaContactId, ContactId> {
  const links = new Map(known);
  for (const state of states) if (state.psaLink !== null) links.set(state.psaLink.psaContactId, state.contactId);
  return links;
}
