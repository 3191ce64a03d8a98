import type { OperationsContext } from './cli/operations.ts';
import { storePlace } from './compose-store.ts';
import { isCollector } from './config/role.ts';
import type { WorkQueue } from './service/shared-work.ts';
import { workKinds } from './service/shared-work.ts';

/** The queue of the database that the configuration names; `null`: the store is a file, or this machine decides nothing itself. */
export async function openWorkQueue(
  context: Pick<OperationsContext, 'loaded' | 'stateDirectory' | 'environment' | 'redactor' | 'logger'>,
): Promise<WorkQueue | null> {
  if (isCollector(context.loaded.config)) return null;
  const opened = storePlace(context);
  if (opened.kind === 'embedded') return null;
  // Most installations have no database, and need not load the driver.
  const { openJobQueue } = await import('./store/postgres/job-queue.ts');
  const { place, password } = opened;
  return openJobQueue({
    place,
    password,
    kinds: workKinds,
    onProblem: (error) => context.logger.warn('The queue of the database has a problem', { cause: String(error) }),
  });
}
