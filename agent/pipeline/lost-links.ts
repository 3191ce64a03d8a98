import { RollcallError } from '../../core/errors.ts';
import type { PsaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { ContactState } from '../../core/model/state.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Psa } from '../../core/ports/psa.ts';

/** So many are looked up in one run; those beyond stay as they were known and are looked at by the next one. */
const mostLookedUp = 100;
/** A list may show a contact later than its own look-up does. */
const freshMs = 15 * 60_000;

/**
 * What became of linked contacts that a complete list of the company does not have: only the contact's own look-up says that it was deleted,
 * or that it belongs to another company now (C11). Throws `PSA_UNSTABLE_LIST` when it is there all the same: then the list is not complete,
 * and what else it lacks would be created a second time.
 */
export async function findLostLinks(
  psa: Psa,
  listed: readonly PsaContact[],
  { companyId, states, now }: { readonly companyId: string; readonly states: readonly ContactState[]; readonly now: Moment },
): Promise<ReadonlyMap<PsaContactId, 'deleted' | 'moved'>> {
  const known = new Set(listed.map(({ id }) => id));
  const missing = states.flatMap(({ psaLink }) =>
    psaLink === null || psaLink.lost !== undefined || known.has(psaLink.psaContactId) ? [] : [psaLink],
  );
  const lost = new Map<PsaContactId, 'deleted' | 'moved'>();
  for (const { psaContactId: id, linkedAt } of missing.slice(0, mostLookedUp)) {
    const contact = await psa.getContact(id);
    if (contact === null) lost.set(id, 'deleted');
    else if (contact.companyId !== companyId) lost.set(id, 'moved');
    else if (contact.active && now - linkedAt > freshMs) throw incomplete(psa, id);
  }
  return lost;
}

function incomplete({ displayName }: Psa, id: PsaContactId): RollcallError {
  const message = `${displayName} did not list contact ${id} of the company, which is there: its list is not complete, so nothing goes by it.`;
  return new RollcallError('PSA_UNSTABLE_LIST', message, { place: { system: displayName } });
}
