/** Where one value goes. `differs`: nobody changed it since both sides were last in step, and it differs all the same. */
export type ValueTurn = 'same' | 'differs' | 'to-psa' | 'to-it-glue' | 'both-changed';

/** One value of both sides, now and when they were last in step, each in the words of its own side. */
export interface ValueSides {
  readonly itGlue: { readonly now: string | null; readonly base: string | null };
  readonly psa: { readonly now: string | null; readonly base: string | null };
  /** Both mean the same now. */
  readonly same: boolean;
}

/**
 * Decides about one value (P9): whoever changed it since the last sync passes it on; changed on both sides, the PSA wins. A side has
 * changed when it differs from its own half of the base, so that formatting and rollcall's own writes are no changes.
 */
export function mergeValues({ itGlue, psa, same }: ValueSides): ValueTurn {
  if (same) return 'same';
  const [ours, theirs] = [itGlue.now !== itGlue.base, psa.now !== psa.base];
  if (ours && theirs) return 'both-changed';
  if (theirs) return 'to-it-glue';
  return ours ? 'to-psa' : 'differs';
}
