import { RollcallError } from '../../core/errors.ts';
import { trialPatienceMs } from '../../core/upgrade/standing.ts';
import { registryPlace } from '../compose-hub.ts';
import { storeWhereabouts } from '../compose-store.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { inTime } from '../service/in-time.ts';
import { JobRunner } from '../service/job-runner.ts';
import type { ServiceOptions } from '../service/service-options.ts';
import { diskOf } from '../store/disk.ts';

export type TrialOptions = Pick<
  ServiceOptions,
  'environment' | 'logger' | 'manager' | 'now' | 'platform' | 'redactor' | 'stateDirectory'
> & {
  /** The configuration to run with. */
  readonly loaded: LoadedConfig;
  readonly release: string;
  /** Aborted when somebody asks the service to stop. */
  readonly stopped: AbortSignal;
};

/** How much longer the service manager waits, for what comes before and after. */
const marginMs = 30_000;
/** What a start has at least when the trial before it took nearly all the time; less than the margin. */
const shortestStartMs = 10_000;
/** How long what was ended may take to be gone. */
const endMs = 5_000;

/**
 * Has everything of this machine work that the service needs, and does nothing outside: the process of the jobs starts, opens the
 * store, brings it up to date and reads from it; the registry of a hub is opened. Resolves when all of it is well; throws what is not,
 * `UPGRADE_UNWELL` when it took too long, `INTERRUPTED` when it was stopped. Gives how many milliseconds are left for the start.
 */
export async function standTrial(options: TrialOptions): Promise<number> {
  const { logger, manager, release, stopped, loaded } = options;
  const where = storeWhereabouts(options);
  const patienceMs = trialPatienceMs(where.kind === 'embedded' ? ((await diskOf(where.path))?.store ?? 0) : null);
  const beganAt = performance.now();
  manager.extend(patienceMs + marginMs);
  manager.status(`${release} is on trial`);
  logger.info('A new release is on trial: nothing is done outside until it is well', { release, patienceMs });
  await withinTime(patienceMs, stopped, async (over) => {
    // The store comes last: a database that was brought up to date is not put back.
    if (loaded.config.hub.listen !== '') await openRegistryOnce(options);
    await tryStore({ ...options, stopped: over });
  });
  return Math.max(shortestStartMs, Math.round(patienceMs - (performance.now() - beganAt)));
}

/** Opens the store as the service does it, in a process of its own, and brings it up to date or back. Rejects with what is wrong. */
export async function tryStore({
  stateDirectory,
  logger,
  loaded,
  stopped,
}: Pick<TrialOptions, 'stateDirectory' | 'logger' | 'loaded' | 'stopped'>): Promise<void> {
  const runner = new JobRunner({ stateDirectory, logger });
  const end = (): void => void runner.close(0);
  stopped.addEventListener('abort', end);
  try {
    await runner.run({ name: 'tryStore', options: {}, trigger: 'trial', loaded, logLevel: loaded.config.log.level });
  } finally {
    stopped.removeEventListener('abort', end);
    await runner.close(0);
  }
}

async function openRegistryOnce(options: TrialOptions): Promise<void> {
  const { withHub } = await import('../service/open-hub.ts');
  const { stateDirectory, now } = options;
  const registry = await registryPlace(options);
  await withHub({ registry, stateDirectory, now, command: 'rollcall run' }, ({ inbox }) => inbox.waiting());
}

/** Ends the work when it is stopped, or takes too long; resolves or rejects when it has ended, or does not end. */
export async function withinTime(patienceMs: number, stopped: AbortSignal, work: (over: AbortSignal) => Promise<void>): Promise<void> {
  const over = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (error: RollcallError): void => {
    ended.reject(error);
    over.abort();
  };
  const onStop = (): void => end(new RollcallError('INTERRUPTED', 'The service was stopped while its release was on trial.'));
  const seconds = Math.round(patienceMs / 1_000);
  const late = setTimeout(
    () => end(new RollcallError('UPGRADE_UNWELL', `The release was not well within ${seconds} seconds.`)),
    patienceMs,
  );
  stopped.addEventListener('abort', onStop);
  const done = work(over.signal);
  if (stopped.aborted) onStop();
  try {
    await Promise.race([done, ended.promise]);
  } finally {
    clearTimeout(late);
    stopped.removeEventListener('abort', onStop);
    await inTime(done, endMs);
  }
}
