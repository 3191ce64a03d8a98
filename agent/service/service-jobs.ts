import { asRollcallError } from '../cli/failure.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { RunTally } from '../console/run-tally.ts';
import type { Logger, LogLevel } from '../telemetry/logger.ts';
import type { Job } from './job-protocol.ts';
import type { JobAnswer, JobListener, JobRunner } from './job-runner.ts';

export interface ServiceJobsOptions {
  readonly runner: JobRunner;
  readonly tally: RunTally;
  readonly logger: Logger;
  /** The configuration in force. */
  readonly loaded: () => LoadedConfig;
  readonly logLevel: () => LogLevel;
}

/** The jobs of the service: done by the runner, counted, under the configuration that is in force when they are asked for. */
export class ServiceJobs {
  readonly #options: ServiceJobsOptions;

  constructor(options: ServiceJobsOptions) {
    this.#options = options;
  }

  /** Rejects with the job's failure. */
  do(name: Job['name'], options: Job['options'], trigger: string, listener: JobListener = {}): Promise<JobAnswer> {
    return this.doUnder(this.#options.loaded(), { name, options, trigger }, listener);
  }

  /** The same under another configuration. */
  async doUnder(loaded: LoadedConfig, job: Pick<Job, 'name' | 'options' | 'trigger'>, listener: JobListener = {}): Promise<JobAnswer> {
    const { runner, tally, logLevel } = this.#options;
    const begun = performance.now();
    let outcome = 'failure';
    try {
      const answer = await runner.run({ ...job, loaded, logLevel: logLevel() }, listener);
      outcome = answer.outcome.result === 'success' ? 'success' : 'failure';
      return answer;
    } finally {
      tally.ended(job.name, outcome, performance.now() - begun);
    }
  }

  /** A job that is no run: it is not counted. */
  async unseen(name: 'watch' | 'collectorFacts' | 'send', trigger: string): Promise<string> {
    const { runner, loaded, logLevel } = this.#options;
    const { text } = await runner.run({ name, options: {}, trigger, loaded: loaded(), logLevel: logLevel() });
    return text;
  }

  /** A job that serves the service itself: its failure is told, and ends nothing. */
  async quietly(name: 'prune' | 'summary'): Promise<JobAnswer | null> {
    try {
      return await this.do(name, {}, 'schedule');
    } catch (thrown) {
      const { code, message } = asRollcallError(thrown);
      if (code !== 'INTERRUPTED') this.#options.logger.warn('A job of the service failed', { job: name, code, reason: message });
      return null;
    }
  }
}
