import { RollcallError } from '../../core/errors.ts';
import type { ErrorDocument } from '../cli/documents.ts';
import { asRollcallError } from '../cli/failure.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import type { ConfigVerdict } from '../pipeline/service-work.ts';
import type { RootLogger } from '../telemetry/logger.ts';
import { inForceAtStart, keepLastGood, loadPatiently, restartNote, type StartConfig, withStartSettings } from './config-in-force.ts';
import { mayPass } from './job-outcome.ts';
import type { Job } from './job-protocol.ts';
import type { JobAnswer } from './job-runner.ts';
import type { Problems } from './problem.ts';

export interface LiveConfigurationOptions {
  readonly start: StartConfig;
  readonly stateDirectory: string;
  readonly logger: RootLogger;
  readonly problems: Problems;
  readonly now: () => number;
  /** Does a job under a configuration that may not be in force yet. */
  readonly run: (name: Job['name'], options: Job['options'], loaded: LoadedConfig) => Promise<JobAnswer>;
  readonly isStopping: () => boolean;
  /** Settings have changed: what runs by them is to follow. */
  readonly onChange: (loaded: LoadedConfig, before: Config) => Promise<void>;
  readonly onReloading: () => void;
  readonly onReloaded: () => void;
}

/** The configuration in force, and how an edit of its file comes into force (S3). */
export class LiveConfiguration {
  readonly #options: LiveConfigurationOptions;
  #loaded: LoadedConfig;
  #loadedAt: number;
  #reloading: Promise<unknown> = Promise.resolve();
  #ahead: Promise<ConfigVerdict> | null = null;
  #again = false;

  constructor(options: LiveConfigurationOptions) {
    this.#options = options;
    this.#loaded = inForceAtStart(options.start);
    this.#loadedAt = options.now();
  }

  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  get loadedAt(): number {
    return this.#loadedAt;
  }

  /** An edit was refused for a reason that may pass by itself. */
  get isToBeTriedAgain(): boolean {
    return this.#again;
  }

  /** What the file brought at the start is treated like an edit of the one that was in force before. */
  async considerStart(): Promise<void> {
    const { loaded, refused } = this.#options.start;
    if (refused !== null) {
      this.#refuse(refused);
      return;
    }
    if (JSON.stringify(this.#loaded.config) === JSON.stringify(loaded.config)) {
      this.#loaded = loaded;
      await this.#keepLastGood();
      return;
    }
    await this.reload({ accept: false }).catch(() => undefined);
  }

  /** Looks at the file and, if it is right, puts it into force. One edit after the other; throws why it was refused. */
  reload({ accept }: { readonly accept: boolean }): Promise<ConfigVerdict> {
    if (this.#options.isStopping()) return Promise.reject(new RollcallError('INTERRUPTED', 'The service stops.'));
    // One that has not begun yet will see the file as it is then, however often it is asked for.
    if (!accept && this.#ahead !== null) return this.#ahead;
    const done = this.#reloading.then(() => {
      if (this.#ahead === done) this.#ahead = null;
      return this.#reload({ accept });
    });
    if (!accept) this.#ahead = done;
    this.#reloading = done.catch(() => undefined);
    return done;
  }

  async #reload({ accept }: { readonly accept: boolean }): Promise<ConfigVerdict> {
    this.#again = false;
    this.#options.onReloading();
    try {
      const fresh = await loadPatiently(this.#loaded.file);
      const verdict = await this.#consider(fresh, accept);
      if (!verdict.accepted) {
        const dropped = verdict.removedInUse.map((item) => `${item.organization} (${item.users} users decided about)`).join(', ');
        throw new RollcallError(
          'CONFIG_ORGANIZATION_IN_USE',
          `${fresh.file} no longer names organization ${dropped}, which is in use; the configuration before the edit stays in force.`,
          { place: { file: fresh.file } },
        );
      }
      await this.#putInForce(fresh, verdict);
      return verdict;
    } catch (thrown) {
      const error = asRollcallError(thrown);
      if (error.code !== 'INTERRUPTED') this.#refuse(error);
      throw error;
    } finally {
      this.#options.onReloaded();
    }
  }

  async #consider(fresh: LoadedConfig, accept: boolean): Promise<ConfigVerdict> {
    const before = this.#loaded.config;
    // The store stays where it is until a restart.
    const loaded = { ...fresh, config: withStartSettings(fresh.config, before) };
    const { text } = await this.#options.run('considerConfig', { previous: before, accept }, loaded);
    return JSON.parse(text) as ConfigVerdict;
  }

  async #putInForce(fresh: LoadedConfig, verdict: ConfigVerdict): Promise<void> {
    const { now, logger, problems, onChange } = this.#options;
    const { config: before } = this.#loaded;
    const settings = verdict.changes.map(({ path }) => path);
    const note = restartNote(before, fresh.config);
    if (note === null) problems.clear('restart');
    else problems.put('restart', new RollcallError('CONFIG_RESTART_NEEDED', note), 'degraded', now());
    this.#loaded = { ...fresh, config: withStartSettings(fresh.config, before) };
    this.#loadedAt = now();
    problems.clear('configuration');
    if (settings.length === 0) return;
    const scope = verdict.scope.map(({ directory, takenIn, leftOut, unknown }) => ({ directory, takenIn, leftOut, unknown }));
    logger.info('The configuration was edited and is in force', { settings, scope });
    await onChange(this.#loaded, before);
    await this.#keepLastGood();
  }

  #refuse(error: RollcallError): void {
    const { logger, problems, now } = this.#options;
    logger.error('The edited configuration is refused; the one before it stays in force', {
      code: error.code,
      reason: error.message,
    });
    problems.put('configuration', error, 'degraded', now());
    // The edit may be right: the store could not be had, or the disk was full.
    this.#again = /^(?:STORE|SERVICE)_/.test(error.code) && mayPass(error.code);
    if (error.code === 'CONFIG_ORGANIZATION_IN_USE') return;
    const { code, message, hint, place } = error;
    void this.#recordRefusal({ code, message, hint, place });
  }

  /** What cannot be recorded is in the log, and in `status` as long as it lasts. */
  async #recordRefusal(refusal: ErrorDocument): Promise<void> {
    await this.#options.run('recordRefusal', { error: refusal }, this.#loaded).catch(() => undefined);
  }

  async #keepLastGood(): Promise<void> {
    try {
      await keepLastGood(this.#loaded, this.#options.stateDirectory);
    } catch (error) {
      this.#options.logger.warn('The copy of the configuration could not be kept', { code: asRollcallError(error).code });
    }
  }
}
