import type { PsaContext } from '../eligibility/psa-context.ts';
import { misplacedText } from '../eligibility/psa-location.ts';
import type { PushPlan } from './push-changes.ts';

/** How many locations are told one by one. */
const mostTold = 20;

/** The contact is held because the PSA has no counterpart of its location. */
export function isMisplaced(psa: PsaContext | null, { location, view }: PushPlan): boolean {
  const problem = psa === null || location === null ? null : psa.locationProblem(location);
  return problem !== null && view.message === misplacedText(problem);
}

/** Locations of contacts that are not in the PSA, and that it has no counterpart of: each once, with its candidates. */
export function locationNotices(psa: PsaContext | null, pushes: readonly PushPlan[]): readonly string[] {
  if (psa === null || psa.snapshot.company === null) return [];
  const waiting = new Map<string, { readonly problem: string; count: number }>();
  for (const { location, view } of pushes) {
    if (location === null || (view.state !== 'held' && view.state !== 'not-eligible')) continue;
    const problem = psa.locationProblem(location);
    if (problem === null) continue;
    const known = waiting.get(location.id) ?? { problem, count: 0 };
    known.count += 1;
    waiting.set(location.id, known);
  }
  const all = [...waiting.values()];
  const told = all
    .slice(0, mostTold)
    .map(({ problem, count }) => `${problem}; ${count === 1 ? '1 contact waits' : `${count} contacts wait`}`);
  return all.length > mostTold
    ? [...told, `${all.length - mostTold} more locations have no counterpart in ${psa.snapshot.displayName}`]
    : told;
}
