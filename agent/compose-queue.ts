import { asRollcallError } from './cli/failure.ts';
import type { OperationsContext } from './cli/operations.ts';
import { unlockedStorePlace } from './compose-store.ts';
import { isCollector } from './config/role.ts';
import { LogBurst } from './hub/server/log-burst.ts';
import type { SecretPlaces } from './secrets/secret-sources.ts';
import type { WorkQueue } from './service/shared-work.ts';
import { workKinds } from './service/shared-work.ts';

/** It asks each second, whatever the answer was. */
const warningsAMinute = 1;

/** The queue of the database that the configuration names; `null`: the store is a file, or this machine decides nothing itself. */
export async function openWorkQueue(
  context: Pick<OperationsContext, 'loaded' | 'redactor' | 'logger'> & SecretPlaces,
): Promise<WorkQueue | null> {
  if (isCollector(context.loaded.config)) return null;
  const opened = await unlockedStorePlace(context);
  if (opened.kind === 'embedded') return null;
  // Most installations have no database, and need not load the driver.
  const { openJobQueue } = await import('./store/postgres/job-queue.ts');
  const { place, password } = opened;
  const burst = new LogBurst(warningsAMinute, Date.now);
  return openJobQueue({
    place,
    password,
    kinds: workKinds,
    onProblem(error) {
      const { code, message } = asRollcallError(error);
      if (burst.take()) context.logger.warn('The queue of the database has a problem', { code, reason: message });
    },
  });
}
