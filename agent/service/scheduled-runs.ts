import { join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { nextSlots } from '../schedule/cron-slots.ts';
import {
  comingRuns,
  type DueRun,
  ended,
  firesTooOften,
  lookAtClock,
  newSchedule,
  reconciled,
  reconcileStarted,
  resumed,
  type ScheduleParts,
  type ScheduleSettings,
  type ScheduleState,
  started,
  withReconcileOwed,
  withSettings,
} from '../schedule/schedule.ts';
import { readSchedule, writeSchedule } from '../schedule/schedule-file.ts';
import { spreadOf } from '../schedule/spread.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { JobOutcome } from './job-protocol.ts';
import type { Problems } from './problem.ts';

export interface ScheduledRunsOptions {
  readonly stateDirectory: string;
  /** Starts are spread by it. */
  readonly owner: string;
  readonly settings: ScheduleSettings;
  readonly now: () => number;
  readonly logger: Logger;
  readonly problems: Problems;
  /** Does the run; resolves when it has ended, however. */
  readonly run: (due: DueRun) => Promise<JobOutcome>;
}

const lookEveryMs = 1_000;

/**
 * Starts runs when the schedule says so (S1), never two at once. The wall clock is looked at each second, so that a sleep of the machine,
 * a clock that jumps and a slot that passed while nothing ran are all the same case: a slot that has passed.
 */
export class ScheduledRuns {
  readonly #options: ScheduledRunsOptions;
  readonly #parts: ScheduleParts;
  #settings: ScheduleSettings;
  #state: ScheduleState;
  #isRunning = false;
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: ScheduledRunsOptions, state: ScheduleState, parts: ScheduleParts) {
    this.#options = options;
    this.#settings = options.settings;
    this.#state = state;
    this.#parts = parts;
  }

  /** Takes up what an earlier start of the service remembered. */
  static async open(options: ScheduledRunsOptions): Promise<ScheduledRuns> {
    const parts = { nextSlots, spread: (text: string) => spreadOf(`${options.owner} ${text}`) };
    const known = await readSchedule(fileIn(options.stateDirectory));
    const state =
      known === null
        ? newSchedule(options.settings, options.now(), parts)
        : resumed(withSettings(known, options.settings, parts), options.now());
    const runs = new ScheduledRuns(options, state, parts);
    runs.#noteFrequency();
    return runs;
  }

  get lastSuccessAt(): number | null {
    return this.#state.lastSuccessAt;
  }

  get coming(): readonly { readonly command: string; readonly at: number }[] {
    return comingRuns(this.#state, this.#settings);
  }

  /** A run is under way, or about to begin. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
    this.#look();
  }

  /** Settings that came into force. */
  configure(settings: ScheduleSettings): void {
    this.#settings = settings;
    this.#state = withSettings(this.#state, settings, this.#parts);
    this.#noteFrequency();
    void this.#save();
  }

  /** A sync that a person started went well: it counts like one of the schedule's. `startedAt` null: it compared nothing. */
  noteSuccess(startedAt: number | null): void {
    // Whether it read everything is not known here.
    const { owesFull } = this.#state;
    const state = { ...ended(this.#state, 'success', this.#options.now(), 0), owesFull };
    this.#state = startedAt === null ? state : reconciled(state, startedAt);
    void this.#save();
  }

  /** An edit that is in force asks for a sync without a read of the directories (P7). It is owed until one succeeds, over restarts too. */
  oweReconcile(): void {
    this.#state = withReconcileOwed(this.#state, this.#options.now());
    void this.#save();
    if (this.#timer !== null) this.#look();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#save();
  }

  #look(): void {
    const { now, logger, problems } = this.#options;
    const looked = lookAtClock(this.#state, this.#settings, now(), this.#parts);
    this.#state = looked.state;
    if (looked.wentBackMs > 0) {
      const minutes = Math.round(looked.wentBackMs / 60_000);
      logger.warn('The clock was set back', { minutes });
      const message = `The clock of this machine was set back by ${minutes} minutes; the next runs were worked out anew.`;
      problems.put('clock', new RollcallError('CLOCK_JUMPED', message), 'degraded', now());
    }
    if (looked.due !== null && !this.#isRunning) void this.#run(looked.due);
  }

  async #run(due: DueRun): Promise<void> {
    const { now, logger, problems } = this.#options;
    const attempt = this.#state.retry?.attempt ?? 0;
    const startedAt = now();
    this.#isRunning = true;
    this.#state = due.scan
      ? started(this.#state, this.#settings, { full: due.full, now: startedAt }, this.#parts)
      : reconcileStarted(this.#state, startedAt);
    logger.info('A scheduled run begins', { trigger: due.trigger, full: due.full });
    try {
      await this.#save();
      const { result, code } = await this.#options.run(due);
      // What reads no directory makes up for no slot.
      if (due.scan) this.#state = ended(this.#state, result, now(), due.trigger === 'retry' ? attempt : 0);
      if (result === 'success') {
        this.#state = reconciled(this.#state, startedAt);
        problems.clear('clock');
      }
      logger[result === 'success' ? 'info' : 'warn']('A scheduled run has ended', { result, code });
    } finally {
      this.#isRunning = false;
      await this.#save();
    }
  }

  /** What cannot be kept costs at most a run too many after the next start. */
  #save(): Promise<void> {
    const state = this.#state;
    this.#saving = this.#saving.then(() => this.#write(state));
    return this.#saving;
  }

  async #write(state: ScheduleState): Promise<void> {
    const { stateDirectory, problems, now } = this.#options;
    try {
      await writeSchedule(fileIn(stateDirectory), state);
      problems.clear('schedule file');
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
      const message = `The service cannot write to its state directory ${stateDirectory} (${code}).`;
      problems.put('schedule file', new RollcallError('STORE_UNUSABLE', message, { cause }), 'failed', now());
    }
  }

  #noteFrequency(): void {
    const { problems, now } = this.#options;
    const { scan, fullScan, timezone } = this.#settings;
    const fast = [scan, fullScan].find((expression) => firesTooOften(expression, timezone, this.#parts));
    if (fast === undefined) {
      problems.clear('frequency');
      return;
    }
    const message = `The schedule "${fast}" fires more than once a minute; runs start once a minute at most.`;
    problems.put('frequency', new RollcallError('SCHEDULE_TOO_OFTEN', message), 'degraded', now());
  }
}

function fileIn(stateDirectory: string): string {
  return join(stateDirectory, 'schedule.json');
}
