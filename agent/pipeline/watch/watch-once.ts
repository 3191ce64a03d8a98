import type { Services } from '../services.ts';
import type { WatchOutcome } from './watch-outcome.ts';

/** One look of the watch (P9). */
export function watchOnce(_services: Services): Promise<WatchOutcome> {
  return Promise.resolve({ seenTo: { itGlue: null, psa: null }, organizations: [], error: null });
}
