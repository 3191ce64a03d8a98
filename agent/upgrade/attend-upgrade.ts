import { RollcallError } from '../../core/errors.ts';
import { judgeTrial, type ReleaseFacts, type Standing, shortestPatienceMs, standingOf } from '../../core/upgrade/standing.ts';
import { asRollcallError } from '../cli/failure.ts';
import { storeWhereabouts } from '../compose-store.ts';
import type { StartConfig } from '../service/config-in-force.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { releaseFacts } from './release-facts.ts';
import { standTrial, type TrialOptions, tryStore, withinTime } from './trial.ts';
import { confirmRelease, forgetTrials, forgetTries, recordUnwell, takeBackTry } from './upgrade-files.ts';

export interface AttendOptions {
  readonly stateDirectory: string;
  readonly redactor: Redactor;
  readonly now: () => number;
  /** Others than this process's own are for tests. */
  readonly facts?: (stateDirectory: string) => Promise<ReleaseFacts>;
}

export interface StartedOptions {
  readonly patienceMs: number;
  /** Aborted when somebody asks the service to stop. */
  readonly stopped: AbortSignal;
  readonly logger: Logger;
}

/** What a start of the service owes to upgrades: a trial of a new release, and that all is written down that whoever starts it goes by. */
export class UpgradeAttendant {
  readonly #options: AttendOptions;
  readonly #facts: ReleaseFacts;
  readonly #standing: Standing;
  #isConfirmed = false;

  private constructor(options: AttendOptions, facts: ReleaseFacts) {
    this.#options = options;
    this.#facts = facts;
    this.#standing = standingOf(facts);
  }

  /** Throws `SERVICE_MISMATCH` when this release runs in the place of one that was confirmed meanwhile. */
  static async begin(options: AttendOptions): Promise<UpgradeAttendant> {
    const facts = await (options.facts ?? releaseFacts)(options.stateDirectory);
    const attendant = new UpgradeAttendant(options, facts);
    if (attendant.#standing === 'overtaken') {
      throw new RollcallError(
        'SERVICE_MISMATCH',
        `Release ${facts.confirmed} was confirmed by a command, and ${facts.own} makes room for it.`,
      );
    }
    return attendant;
  }

  get isOnTrial(): boolean {
    return this.#standing === 'trial';
  }

  /** A configuration that this release refuses, and the one before it took, speaks against it. */
  assertTaken({ refused }: StartConfig): void {
    if (this.isOnTrial && refused !== null) throw refused;
  }

  /** Does a part of the start; what it throws is written down when it speaks against a release on trial. */
  async judged<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      const error = asRollcallError(thrown);
      if (this.isOnTrial) await this.#judge(error);
      throw error;
    }
  }

  async #judge({ code, message }: RollcallError): Promise<void> {
    const { stateDirectory, redactor, now } = this.#options;
    const release = this.#facts.own ?? '';
    if (judgeTrial(code) === 'not judged') await takeBackTry(stateDirectory, release);
    else await recordUnwell(stateDirectory, { release, code, message: redactor.text(message), at: new Date(now()).toISOString() });
  }

  /**
   * Resolves when the service may be started: all that a release on trial needs is well. Throws what is not well. Gives how many
   * milliseconds a release on trial has left for its start.
   */
  async stand(options: Omit<TrialOptions, 'release'>): Promise<number> {
    const { own, refused } = this.#facts;
    if (own !== null && this.isOnTrial) return this.judged(() => this.#standTrial({ ...options, release: own }));
    // Installed again in the place of one that was refused: its store may still be as that one left it.
    else if (this.#standing === 'confirmed' && refused !== null) await this.judged(() => tryStore(options)).catch(() => undefined);
    return 0;
  }

  async #standTrial(options: TrialOptions): Promise<number> {
    try {
      const leftMs = await standTrial(options);
      // A database that was brought up to date is not put back: the release before could not run any more, whatever comes now.
      if (storeWhereabouts(options).kind !== 'embedded') await this.#confirm(options.logger);
      return leftMs;
    } catch (error) {
      if (options.stopped.aborted || !(await this.#isConfirmedByNow())) throw error;
      return shortestPatienceMs;
    }
  }

  /**
   * Starts the service, which calls `confirm` when nothing of it can fail any more before it does its first thing outside. Until then what
   * fails, or takes longer than `patienceMs`, speaks against a release on trial, and is thrown; a stop does not. Resolves when the start
   * has ended or was stopped.
   */
  async started(start: (confirm: () => Promise<void>) => Promise<void>, options: StartedOptions): Promise<void> {
    const { patienceMs, stopped, logger } = options;
    if (!this.isOnTrial || this.#isConfirmed) return start(() => Promise.resolve());
    const confirmed = Promise.withResolvers<true>();
    let going: Promise<void> = Promise.resolve();
    const begin = async (over: AbortSignal): Promise<void> => {
      going = start(async () => {
        if (over.aborted) throw interrupted();
        await this.#confirm(logger);
        confirmed.resolve(true);
      });
      // A start that ends without it was stopped.
      if ((await Promise.race([confirmed.promise, going])) !== true) throw interrupted();
    };
    try {
      await this.judged(() => withinTime(patienceMs, stopped, begin));
    } catch (error) {
      void going.catch(() => undefined);
      if (stopped.aborted) return;
      throw error;
    }
    return going;
  }

  async #confirm(logger: Logger): Promise<void> {
    const release = this.#facts.own ?? '';
    await confirmRelease(this.#options.stateDirectory, release);
    this.#isConfirmed = true;
    logger.info('The new release is well and takes over', { release });
  }

  /** A command that wrote by this release has confirmed it: the store is as it needs it, and there is no way back. */
  async #isConfirmedByNow(): Promise<boolean> {
    const { facts = releaseFacts, stateDirectory } = this.#options;
    return (await facts(stateDirectory)).confirmed === this.#facts.own;
  }

  /** The service runs. Never throws: what could not be written down is written down by the next start. */
  async settle(): Promise<void> {
    const { stateDirectory } = this.#options;
    const { own, refused } = this.#facts;
    if (this.#standing === 'first' && own !== null) await confirmRelease(stateDirectory, own).catch(() => undefined);
    if (this.#standing === 'confirmed') await forgetTrials(stateDirectory);
    if (this.#standing === 'fallback' && refused !== null) await forgetTries(stateDirectory);
  }
}

function interrupted(): RollcallError {
  return new RollcallError('INTERRUPTED', 'The service was stopped while its release was on trial.');
}
