import type { Contact } from '../model/contact.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { ContactState, SyncedSide } from '../model/state.ts';
import { contactSide, psaSide, sameField, syncedFields, withDefaults } from '../two-way/sides.ts';
import { contactFingerprint } from './fingerprint.ts';

/**
 * What the watch makes of a contact that IT Glue calls updated (P9): `changed` when a mapped field differs from what rollcall remembers,
 * `new` when it remembers nothing, `same` else, as after its own writes.
 */
export function seenInItGlue(contact: Contact, state: ContactState | undefined): 'new' | 'changed' | 'same' {
  if (state === undefined) return 'new';
  if (state.synced !== null) return isSame(contactSide(contact), state.synced.itGlue) ? 'same' : 'changed';
  if (state.psaLink !== null) return 'changed';
  if (state.fingerprint === null) return 'new';
  return state.fingerprint === contactFingerprint(contact) ? 'same' : 'changed';
}

/** The same for a PSA contact that is linked; `state` is its IT Glue contact's, and comes back with what it was created as. */
export function seenInPsa(twin: PsaContact, state: ContactState): { readonly state: ContactState; readonly changed: boolean } {
  const { synced } = state;
  if (synced?.psaContactId !== twin.id) return { state, changed: true };
  const psa = psaSide(twin);
  const base = withDefaults(synced, psa);
  return { state: base === synced ? state : { ...state, synced: base }, changed: !isSame(psa, base.psa) };
}

function isSame(now: SyncedSide, base: SyncedSide): boolean {
  return syncedFields.every((field) => sameField(now, base, field));
}
