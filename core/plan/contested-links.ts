import type { PsaContactId } from '../model/ids.ts';
import type { PushPlan } from './push-changes.ts';

/** Two contacts that would be linked with the same PSA contact are both held: a person decides whose it is (P8). */
export function holdContestedLinks(plans: readonly PushPlan[]): readonly PushPlan[] {
  const claims = new Map<PsaContactId, number>();
  for (const { change } of plans) if (change?.kind === 'link') claims.set(change.psaContactId, (claims.get(change.psaContactId) ?? 0) + 1);
  return plans.map((plan) => {
    const { change, view } = plan;
    if (change?.kind !== 'link' || claims.get(change.psaContactId) === 1) return plan;
    const message = `Held: ${claims.get(change.psaContactId)} contacts of IT Glue could be the PSA's contact ${change.psaContactId}`;
    return {
      ...plan,
      view: { ...view, state: 'held', message, candidates: [change.psaContactId] },
      change: null,
      filled: null,
      conflicts: [],
    };
  });
}
