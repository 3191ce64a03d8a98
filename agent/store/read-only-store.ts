import { RollcallError } from '../../core/errors.ts';
import type { Store } from '../../core/ports/store.ts';

/** The same store for commands that only look: methods that write reject. */
export function readOnlyStore(store: Store): Store {
  return {
    ...store,
    acquireLease: refuse,
    beginRead: refuse,
    keepSourceMemory: refuse,
    saveLogons: refuse,
    saveCollector: refuse,
    deleteCollector: refuse,
    restoreCollector: refuse,
    replaceCollector: refuse,
    purgeCollectors: refuse,
    acknowledge: refuse,
    saveOrganizationState: refuse,
    saveUserStates: refuse,
    saveContactBases: refuse,
    saveContactStates: refuse,
    holdPlan: refuse,
    dropHeldPlan: refuse,
    startRun: refuse,
    finishRun: refuse,
    recordIntent: refuse,
    recordResult: refuse,
    markUndone: refuse,
    saveDecisions: refuse,
    prune: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new RollcallError('INTERNAL', 'Something was to be written to a store that was opened for reading.');
}
