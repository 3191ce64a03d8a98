import type { AdapterLink, Contact } from '../model/contact.ts';
import type { ContactState } from '../model/state.ts';

/** Why a contact is not written in IT Glue (E9); `null` when it may be. */
export interface Ownership {
  readonly by: string;
  readonly why: string;
}

/** Tells whether another integration owns the contact: an adapter that syncs it, or a refusal that still holds (E9). */
export function ownedElsewhere(contact: Contact, state: ContactState | undefined): Ownership | null {
  const syncing = contact.adapters.find((adapter) => adapter.sync && !adapter.orphaned);
  if (syncing !== undefined) return { by: syncing.adapter, why: `${syncing.adapter} syncs this contact` };
  if (contact.psaIntegration === 'enabled' && contact.adapters.length === 0)
    return { by: 'the PSA', why: 'a PSA integration syncs this contact' };
  if (state === undefined || state.refusedAtUpdate === null) return null;
  const unchanged = state.refusedAtUpdate === (contact.updatedAt ?? 'unknown');
  return unchanged ? { by: 'another integration', why: 'IT Glue refused to update it, and it has not changed since' } : null;
}

/** The link of a contact, location or organization with the PSA in use; orphaned and switched-off ones count: it is known there. */
export function psaAdapter(adapters: readonly AdapterLink[], adapterNames: readonly string[]): AdapterLink | null {
  const names = new Set(adapterNames.map((name) => name.toLowerCase()));
  return adapters.find((adapter) => names.has(adapter.adapter.toLowerCase())) ?? null;
}
