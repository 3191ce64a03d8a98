import { judgeCanary } from '../eligibility/canary.ts';
import type { Canary } from '../model/state.ts';
import type { ReconcileInput } from '../reconcile-input.ts';

/** The organization's canary as it stands now (P10). */
export function judgeCanaryNow(input: ReconcileInput): Canary | null {
  const { canary } = input.organizationState;
  // Without the company's contacts nothing can be told: it waits for a run that sees them.
  if (canary === null || input.psa === null || input.psa.company === null) return canary;
  const state = judgeCanary({
    canary,
    contact: input.contacts.find((contact) => contact.id === canary.contactId) ?? null,
    psaContacts: input.psa.contacts,
    adapterNames: input.psa.adapterNames,
    settleMinutes: input.settings.psa.settleMinutes,
    now: input.now,
  });
  return { ...canary, state };
}
