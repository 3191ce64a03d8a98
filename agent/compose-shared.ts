import { join } from 'node:path';
import { RollcallError } from '../core/errors.ts';
import type { Store } from '../core/ports/store.ts';
import type { OperationsContext } from './cli/operations.ts';
import { openForWriting } from './compose-store.ts';
import { systemClock } from './http/http-clock.ts';
import type { RateBudget } from './http/rate-budget.ts';
import { openSpentBudgets, type SpentBudgets } from './http/spent-budgets.ts';
import { CompanyLists } from './pipeline/company/company-lists.ts';

/** What the jobs of a service share: they come one after the other. */
export interface SharedResources {
  /** Open for writing from the first call on; waits a while for a command that was there first. */
  store(): Promise<Store>;
  /** Rate budgets by service and bucket: limits hold across jobs. */
  budgets(service: string): Map<string, RateBudget>;
  /** What the budgets granted, kept for the next process. */
  readonly spent: SpentBudgets;
  readonly companyLists: CompanyLists;
  close(): Promise<void>;
}

/** For the store that the context's configuration names. */
export function openSharedResources(context: OperationsContext): SharedResources {
  const budgets = new Map<string, Map<string, RateBudget>>();
  const spent = spentBudgets(context);
  let store: Promise<Store> | null = null;
  return {
    store() {
      store ??= openPatiently(context).catch((error: unknown) => {
        // The next job tries again: the disk may have room by then.
        store = null;
        throw error;
      });
      return store;
    },
    companyLists: new CompanyLists(),
    spent,
    budgets(service) {
      const known = budgets.get(service) ?? new Map<string, RateBudget>();
      budgets.set(service, known);
      return known;
    },
    async close() {
      await spent.save();
      const open = await store?.catch(() => null);
      await open?.close();
    },
  };
}

/** Processes one after another, and beside the service, keep one limit (a vendor counts by the hour). */
export function spentBudgets({ stateDirectory, logger }: OperationsContext): SpentBudgets {
  return openSpentBudgets({
    path: join(stateDirectory, 'rate-budgets.json'),
    clock: systemClock,
    onProblem: (error) =>
      logger.warn('What was sent to IT Glue and the PSA in the last hour could not be kept for the next command', { cause: String(error) }),
  });
}

const lockPatienceMs = 30_000;

async function openPatiently(context: OperationsContext): Promise<Store> {
  const until = performance.now() + lockPatienceMs;
  for (;;) {
    try {
      return await openForWriting(context, 'run');
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== 'STORE_LOCKED' || performance.now() > until) throw error;
      await systemClock.wait(250, context.signal);
    }
  }
}
