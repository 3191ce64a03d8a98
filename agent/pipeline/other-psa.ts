import type { JournalEntry } from '../../core/ports/store.ts';
import type { RunContext } from './run-context.ts';
import { isPsaWrite } from './settlement.ts';

/**
 * Forgets what is remembered of another PSA when the configuration names a new one, or another tenant: its ids mean other records there, so
 * that a link kept would write one person's values to another (P3, P9). Links that the new PSA has are found again by key or e-mail (P8);
 * what is to be pushed stays so. Writes in the store only.
 */
export async function forgetOtherPsa(
  context: Pick<RunContext, 'organization' | 'store' | 'psa' | 'hash' | 'now' | 'logger'>,
): Promise<void> {
  const { organization, store, psa, logger } = context;
  if (psa === null) return;
  const state = await store.organizationState(organization);
  const tenant = context.hash(psa.tenant);
  if (state.psaTenant?.id === tenant) return;
  if (state.psaTenant !== undefined) {
    const states = await store.contactStates(organization);
    const forgotten = states.map((each) => ({ ...each, psaLink: null, synced: null, psaInactiveAt: null, awaitedSince: null }));
    await store.saveContactStates(organization, forgotten);
    await store.dropHeldPlan(organization);
    logger.warn('Another PSA is configured than before: links with the earlier one are forgotten', { contacts: states.length });
  }
  const { psaMapping: _mapping, watched: _watched, ...kept } = state;
  const isFirst = state.psaTenant === undefined;
  await store.saveOrganizationState(organization, {
    ...(isFirst ? state : { ...kept, canary: null, twoWaySince: null }),
    psaTenant: { id: tenant, since: isFirst ? 0 : context.now() },
  });
}

/** Whether a write of the journal went to the PSA that was configured before this one. */
export function wentToOtherPsa(entry: JournalEntry, psaTenant: { readonly since: number } | undefined): boolean {
  return isPsaWrite(entry) && entry.intendedAt < (psaTenant?.since ?? 0);
}
