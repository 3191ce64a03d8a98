import type { RollcallError } from '../../core/errors.ts';
import { asRollcallError } from '../cli/failure.ts';
import type { Registry } from '../hub/registry/registry.ts';
import type { LandAnswer, LivingCollector } from '../pipeline/land/land-uploads.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Job } from './job-protocol.ts';
import type { JobAnswer } from './job-runner.ts';

export interface LandingsOptions {
  readonly logger: Logger;
  /** `null`: this service is no hub, or not yet. */
  readonly registry: () => Registry | null;
  /** Has a job done; rejects when it could not be done at all. */
  readonly job: (name: 'land' | 'sync', options: Job['options'], trigger: string) => Promise<JobAnswer>;
  /** Leaves the sync after an upload to whichever hub of the database comes first; `false`: there are no others. */
  readonly handOver?: (organization: string) => Promise<boolean>;
  /** A sync after an upload has ended; `null`: it was recorded, however it ended. */
  readonly onSynced: (error: RollcallError | null) => Promise<void>;
  /** What became of uploads that were taken from the inbox. */
  readonly onLanded?: (counts: Pick<LandAnswer, 'landed' | 'refused'>) => void;
  readonly isStopping: () => boolean;
  readonly now: () => number;
  /** After a failure. */
  readonly retryMs?: number;
}

/** How soon it is tried again when the store could not be had. */
const usualRetryMs = 60_000;
/** And when another hub was in charge of the organization: the pause doubles from there, for a first sync may take hours. */
const postponedMs = 5_000;
const longestPostponedMs = 60_000;

/**
 * What follows when a collector has sent something: it lands, and the organizations of which it changed something are synced. One round
 * after the other; what arrives meanwhile makes another one. What has not landed lies in the inbox, whatever becomes of this process.
 */
export class Landings {
  readonly #options: LandingsOptions;
  #isWanted = false;
  #round: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  /** Rounds in a row that left something to another hub. */
  #postponed = 0;

  constructor(options: LandingsOptions) {
    this.#options = options;
  }

  /** Something waits in the inbox. Returns at once and never throws. */
  wake(): void {
    this.#isWanted = true;
    this.#round ??= this.#rounds().finally(() => {
      this.#round = null;
      // It may have been asked for after the last look at it.
      if (this.#isWanted && !this.#options.isStopping()) this.wake();
    });
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isWanted = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    await this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#isWanted && !this.#options.isStopping()) {
      this.#isWanted = false;
      const changed = await this.#land();
      for (const organization of changed) {
        if (this.#options.isStopping()) return;
        await this.#sync(organization);
      }
    }
  }

  async #land(): Promise<readonly string[]> {
    const { registry, job, logger, now } = this.#options;
    const open = registry();
    // Who may send cannot be told now. What waits is looked at again when the hub is open.
    if (open === null) return [];
    try {
      const knownAt = now();
      const collectors = await open.collectors(null);
      const living = collectors.filter(({ revokedAt }) => revokedAt === null).map(livingOf);
      const { text } = await job('land', { collectors: living, knownAt }, 'hub');
      const answer = JSON.parse(text) as LandAnswer;
      this.#options.onLanded?.(answer);
      if (answer.landed + answer.refused > 0) logger.info('Uploads have landed', { landed: answer.landed, refused: answer.refused });
      this.#postponed = answer.postponed > 0 ? this.#postponed + 1 : 0;
      if (this.#postponed > 0) this.#tryAgain(Math.min(longestPostponedMs, postponedMs * 2 ** (this.#postponed - 1)));
      return answer.changed;
    } catch (thrown) {
      const { code, message } = asRollcallError(thrown);
      if (code !== 'INTERRUPTED') logger.warn('Uploads could not be landed', { code, reason: message });
      this.#tryAgain(this.#options.retryMs ?? usualRetryMs);
      return [];
    }
  }

  /** Without another read: what is stored has changed. */
  async #sync(organization: string): Promise<void> {
    const { job, onSynced, handOver } = this.#options;
    // Where the queue fails, this hub does it.
    if ((await handOver?.(organization).catch(() => false)) === true) return;
    const error = await job('sync', { organization, scan: false, full: false, approve: null }, 'upload').then(
      () => null,
      (thrown: unknown) => asRollcallError(thrown),
    );
    if (error?.code !== 'INTERRUPTED') await onSynced(error);
  }

  #tryAgain(afterMs: number): void {
    if (this.#options.isStopping()) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.wake();
    }, afterMs).unref();
  }
}

type Known = Awaited<ReturnType<Registry['collectors']>>[number];

/** The subnets are those that it was invited for, the location is what it told. */
function livingOf({ id, organization, name, location, subnets, version }: Known): LivingCollector {
  return { id, organization, name, location, subnets, version };
}
