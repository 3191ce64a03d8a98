import type { PsaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { ContactState } from '../../core/model/state.ts';
import type { Psa } from '../../core/ports/psa.ts';

/** So many are looked up in one run; those beyond stay as they were known and are looked at by the next one. */
const mostLookedUp = 100;

/**
 * What became of linked contacts that a complete list of the company does not have: only the contact's own look-up says that it was deleted,
 * or that it belongs to another company now (C11).
 */
export async function findLostLinks(
  psa: Psa,
  listed: readonly PsaContact[],
  { companyId, states }: { readonly companyId: string; readonly states: readonly ContactState[] },
): Promise<ReadonlyMap<PsaContactId, 'deleted' | 'moved'>> {
  const known = new Set(listed.map(({ id }) => id));
  const missing = states.flatMap(({ psaLink }) =>
    psaLink === null || psaLink.lost !== undefined || known.has(psaLink.psaContactId) ? [] : [psaLink.psaContactId],
  );
  const lost = new Map<PsaContactId, 'deleted' | 'moved'>();
  for (const id of missing.slice(0, mostLookedUp)) {
    const contact = await psa.getContact(id);
    if (contact === null) lost.set(id, 'deleted');
    else if (contact.companyId !== companyId) lost.set(id, 'moved');
  }
  return lost;
}
