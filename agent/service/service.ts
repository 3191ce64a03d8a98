import { RollcallError } from '../../core/errors.ts';
import { asRollcallError } from '../cli/failure.ts';
import { registryPlace } from '../compose-hub.ts';
import { openWorkQueue } from '../compose-queue.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { organizationsOf } from '../config/organizations.ts';
import { isCollector } from '../config/role.ts';
import type { Config } from '../config/schema.ts';
import { resyncedOrganizations } from '../config/two-way.ts';
import { RunTally } from '../console/run-tally.ts';
import { configMark } from '../control/config-mark.ts';
import { type Call, type ControlServer, startControlServer } from '../control/control-server.ts';
import { hubWorkNames } from '../hub/administration/hub-work-names.ts';
import type { ConfigVerdict } from '../pipeline/service-work.ts';
import type { WatchedOrganization, WatchOutcome } from '../pipeline/watch/watch-outcome.ts';
import type { DueRun } from '../schedule/schedule.ts';
import type { LogLevel, RootLogger } from '../telemetry/logger.ts';
import { version } from '../version.ts';
import { answeredInTime } from './answered-in-time.ts';
import { writeFacts } from './facts-file.ts';
import { HubHost } from './hub-host.ts';
import type { HubLoop } from './hub-loop.ts';
import { mayPass } from './job-outcome.ts';
import { type JobName, type JobOutcome, jobNames } from './job-protocol.ts';
import { JobRunner } from './job-runner.ts';
import { LiveConfiguration } from './live-configuration.ts';
import { type LoopDelay, measureLoopDelay } from './loop-delay.ts';
import { createHubLoop } from './open-hub-loop.ts';
import { Outlets } from './outlets.ts';
import { Problems } from './problem.ts';
import { ScheduledRuns } from './scheduled-runs.ts';
import type { ServiceFacts } from './service-facts.ts';
import { ServiceJobs } from './service-jobs.ts';
import type { ServiceOptions } from './service-options.ts';
import { scheduleOwner, scheduleSettings, watchSettings } from './service-settings.ts';
import { SharedWork } from './shared-work.ts';
import { watchFile } from './watch-file.ts';
import { WatchLoop } from './watch-loop.ts';

/** How long a stop waits for the job under way; less than the patience of every service manager. */
const stopPatienceMs = 7_000;
const dayMs = 86_400_000;
const factsEveryMs = 60_000;
const summaryEveryMs = 3_600_000;
const eachMinute: ReadonlySet<string> = new Set(['watch', 'collectorFacts']);

/**
 * The service: everything that waits lives here, on a thread that is always free; everything that works is a job of the runner's
 * process. The caller holds the service's lock.
 */
export class Service {
  readonly #options: ServiceOptions;
  readonly #logger: RootLogger;
  readonly #problems: Problems;
  readonly #runner: JobRunner;
  readonly #tally = new RunTally();
  readonly #jobs: ServiceJobs;
  readonly #startedAt: number;
  readonly #configuration: LiveConfiguration;
  #schedule: ScheduledRuns | null = null;
  #control: ControlServer | null = null;
  #outlets: Outlets | null = null;
  readonly #hubHost: HubHost;
  #loop: LoopDelay | null = null;
  #fileWatch: { close(): void } | null = null;
  readonly #twoWay: WatchLoop;
  readonly #hubLink: HubLoop;
  readonly #shared: SharedWork;
  #facts: NodeJS.Timeout | null = null;
  #current: ServiceFacts['current'] = null;
  #stoppedAt: number | null = null;
  #factsWriting: Promise<void> = Promise.resolve();
  #isStopping = false;
  #prunedAt = 0;
  #summaryAt = 0;
  readonly #stopped = Promise.withResolvers<string>();
  readonly #begun = Promise.withResolvers<void>();

  constructor(options: ServiceOptions) {
    const { now, logger, start, stateDirectory } = options;
    this.#options = options;
    this.#logger = logger;
    this.#startedAt = now();
    this.#problems = new Problems(() => this.#changed());
    this.#runner = new JobRunner({
      stateDirectory: options.stateDirectory,
      logger,
      onCurrent: (current) => {
        const before = this.#current;
        this.#current = current === null ? null : { command: current.name, startedAt: dateText(now()) };
        // What comes each minute is not worth two writes of the facts.
        if (!eachMinute.has(current?.name ?? before?.command ?? '')) this.#changed();
      },
    });
    this.#jobs = new ServiceJobs({
      runner: this.#runner,
      tally: this.#tally,
      logger,
      loaded: () => this.#configuration.loaded,
      logLevel: () => this.#logLevel,
    });
    this.#hubHost = new HubHost({
      stateDirectory,
      registryPlace: (loaded) => registryPlace({ ...options, loaded }),
      logger,
      now,
      onChange: () => void this.#summarise(),
      job: (name, jobOptions, trigger) => this.#jobs.do(name, jobOptions, trigger),
      handOver: (organization) => this.#shared.handOver(organization, 'upload'),
      onSynced: (error) => {
        this.#noteRun(error);
        return this.#summarise();
      },
      isStopping: () => this.#isStopping,
    });
    this.#configuration = new LiveConfiguration({
      start,
      stateDirectory,
      logger,
      problems: this.#problems,
      now,
      run: (name, jobOptions, loaded) => this.#jobs.doUnder(loaded, { name, options: jobOptions, trigger: 'reload' }),
      isStopping: () => this.#isStopping,
      onChange: (loaded, before) => this.#follow(loaded, before),
      onReloading: () => options.manager.reloading(),
      onReloaded: () => options.manager.ready(),
    });
    this.#twoWay = new WatchLoop({
      collector: this.#configuration.loaded.config.collector.name,
      now,
      elapsed: () => performance.now(),
      logger,
      problems: this.#problems,
      isFree: () => this.#isFree,
      look: () => this.#look(),
      onSomething: (organizations) => this.#tellWatched(organizations),
    });
    this.#hubLink = createHubLoop({
      ...options,
      config: () => this.#configuration.loaded.config,
      isFree: () => this.#isFree,
      job: (name) => this.#jobs.unseen(name, 'hub'),
      onChange: () => void this.#summarise(),
    });
    this.#shared = new SharedWork({
      logger,
      open: () => openWorkQueue({ ...options, loaded: this.#configuration.loaded }),
      isFree: () => !this.#runner.busy,
      onOpened: (error) => this.#problems.note('queue', error, 'degraded', now()),
      organizations: () => organizationsOf(this.#configuration.loaded.config),
      sync: async ({ trigger, ...asked }) => {
        const { sparedFullReads } = this.#hubLink;
        return (await this.#jobs.do('sync', { ...asked, approve: null, sparedFullReads }, trigger)).outcome;
      },
      onSynced: (error) => {
        this.#noteRun(error);
        void this.#summarise();
      },
    });
  }

  /** Where the work is shared, a slot of the schedule lasts until the others have done their part too. */
  get #isFree(): boolean {
    return !this.#runner.busy && (this.#shared.isOpen || this.#schedule?.isRunning !== true);
  }

  /** Resolves with the reason when somebody has asked the service to stop. */
  get stopRequested(): Promise<string> {
    return this.#stopped.promise;
  }

  requestStop(reason: string): void {
    this.#isStopping = true;
    this.#stopped.resolve(reason);
  }

  /** Resolves when all is going; the service is ready, and says so, before its first job. */
  async start(): Promise<void> {
    const { logger, manager, platform, stateDirectory, redactor, now, start, beforeReady } = this.#options;
    this.#fileWatch = watchFile(start.loaded.file, () => void this.reload({ accept: false }).catch(() => undefined));
    this.#schedule = await ScheduledRuns.open({
      stateDirectory,
      owner: scheduleOwner(this.#configuration.loaded.config),
      settings: scheduleSettings(this.#configuration.loaded.config),
      now,
      logger,
      problems: this.#problems,
      run: (due) => this.#runScheduled(due),
    });
    this.#control = await startControlServer({
      stateDirectory,
      platform,
      version,
      configFile: start.loaded.file,
      configuration: () => configMark(this.#configuration.loaded.config),
      handle: (call) => this.#handle(call),
      clean: (text) => redactor.text(text),
    });
    if (this.#isStopping) {
      await this.#control.close();
      return;
    }
    await this.#writeFacts();
    if (this.#isStopping) return;
    await beforeReady();
    if (this.#isStopping) return;
    this.#begun.resolve();
    this.#facts = setInterval(() => this.#tick(), factsEveryMs).unref();
    manager.ready();
    logger.info('The service is ready', { version, pid: process.pid, configFile: start.loaded.file });
    this.#outlets = await Outlets.open({
      ...this.#options,
      loaded: this.#configuration.loaded,
      facts: () => this.facts(),
      tally: this.#tally,
      hub: () => this.#hubHost.figures(),
    });
    await this.#hubHost.configure(this.#configuration.loaded);
    this.#loop = measureLoopDelay();
    if (this.#isStopping) await this.#outlets.close();
    else await this.#configuration.considerStart();
    await this.#shared.open();
    if (this.#isStopping) return;
    this.#schedule.start();
    this.#twoWay.configure(watchSettings(this.#configuration.loaded.config));
    this.#twoWay.start();
    this.#hubLink.configure(isCollector(this.#configuration.loaded.config));
    await this.#hubLink.start();
  }

  facts(): ServiceFacts {
    const { config } = this.#configuration.loaded;
    const { now } = this.#options;
    const success = this.#schedule?.lastSuccessAt ?? null;
    return {
      pid: process.pid,
      version,
      startedAt: dateText(this.#startedAt),
      at: dateText(now()),
      configFile: this.#configuration.loaded.file,
      configLoadedAt: dateText(this.#configuration.loadedAt),
      stoppedAt: this.#stoppedAt === null ? null : dateText(this.#stoppedAt),
      schedule: { scan: config.schedule.scan, fullScan: config.schedule.fullScan, timezone: config.schedule.timezone },
      next: (this.#schedule?.coming ?? []).map(({ command, at }) => ({ command, at: dateText(at) })),
      current: this.#current,
      lastSuccessAt: success === null ? null : dateText(success),
      watch: this.#twoWay.facts(),
      problems: [...this.#problems.list(), ...this.#logger.problems(), ...this.#hubHost.problems(), ...(this.#outlets?.problems() ?? [])],
      eventLoop: this.#loop?.read() ?? { p50: 0, p99: 0, max: 0 },
      rssBytes: process.memoryUsage.rss(),
    };
  }

  async #runScheduled(due: DueRun): Promise<JobOutcome> {
    try {
      const outcome = await this.#shared.syncAll(due);
      this.#noteRun(null);
      if (outcome.result === 'success') this.#twoWay.hasten();
      this.#hubLink.hasten();
      // Whoever waits for a sign of life waits for runs of the schedule.
      if (outcome.result === 'success' && due.scan) this.#outlets?.succeeded();
      return outcome;
    } catch (thrown) {
      const error = asRollcallError(thrown);
      const outcome: JobOutcome = { result: mayPass(error.code) ? 'passing failure' : 'failure', code: error.code };
      if (error.code !== 'INTERRUPTED') this.#noteRun(error);
      return outcome;
    } finally {
      await this.#afterRun();
    }
  }

  /** A run that could not even be recorded in the store is told by the service itself. */
  #noteRun(error: RollcallError | null): void {
    const isUntold = error !== null && /^(?:STORE|SERVICE)_/.test(error.code);
    this.#problems.note('run', isUntold ? error : null, 'failed', this.#options.now());
  }

  /** One look of the watch. It is no run: what it does is told as one, and looks are counted apart. */
  async #look(): Promise<WatchOutcome> {
    const text = await this.#jobs.unseen('watch', 'watch');
    return JSON.parse(text) as WatchOutcome;
  }

  /** What the watch did is told like a run. */
  #tellWatched(organizations: readonly WatchedOrganization[]): void {
    for (const { outcome } of organizations) this.#tally.ended('watch', outcome === 'failed' ? 'failure' : 'success', null);
    void this.#summarise();
  }

  async #afterRun(): Promise<void> {
    const now = this.#options.now();
    if (now - this.#prunedAt > dayMs || now < this.#prunedAt) {
      this.#prunedAt = now;
      await this.#jobs.quietly('prune');
    }
    await this.#summarise();
  }

  /** Asks how all is, for the listener and for those who are to be told. */
  async #summarise(): Promise<void> {
    this.#summaryAt = this.#options.now();
    const answer = await this.#jobs.quietly('summary');
    if (answer !== null) this.#outlets?.report(JSON.parse(answer.text), this.facts().problems);
  }

  get #logLevel(): LogLevel {
    return this.#options.logLevel ?? this.#configuration.loaded.config.log.level;
  }

  async #handle(call: Call): Promise<string> {
    if (call.name !== 'stop') await this.#begun.promise;
    switch (call.name) {
      case 'facts':
        return JSON.stringify(this.facts());
      case 'stop':
        this.requestStop('asked by a command');
        return JSON.stringify({ stopping: true });
      case 'reload':
        return JSON.stringify(await this.reload({ accept: call.options['accept'] === true }));
      default: {
        const hubWork = hubWorkNames.find((known) => known === call.name);
        if (hubWork !== undefined) return JSON.stringify(await this.#hubHost.work(hubWork, call.options, this.#configuration.loaded));
        const name = jobNames.find((known) => known === call.name);
        if (name === undefined) throw new RollcallError('SERVICE_MISMATCH', `The service does not know how to "${call.name}".`);
        return this.#carryOut(name, call);
      }
    }
  }

  async #carryOut(name: JobName, call: Call): Promise<string> {
    this.#logger.info('A command is carried out', { command: name });
    let startedAt = this.#options.now();
    const { text, outcome } = await this.#jobs.do(name, call.options, 'by hand', {
      news: (news) => call.news(news),
      question: (question) => answeredInTime(call.ask(question)),
      waiting: (behind) => call.waiting(behind),
      started: () => {
        startedAt = this.#options.now();
      },
      signal: call.signal,
    });
    // Jobs are done again, and recorded.
    this.#problems.clear('run');
    this.#hubLink.hasten();
    if (name === 'sync' && outcome.result === 'success' && call.options['organization'] === null) {
      // A plan that was stored compares nothing anew.
      this.#schedule?.noteSuccess(call.options['approve'] === null ? startedAt : null);
      this.#twoWay.hasten();
    }
    void this.#summarise();
    return text;
  }

  /** Looks at the file and, if it is right, puts it into force (S3); throws why it was refused. */
  async reload(options: { readonly accept: boolean }): Promise<ConfigVerdict> {
    await this.#begun.promise;
    return this.#configuration.reload(options);
  }

  /** What runs by settings that have changed follows. */
  async #follow(loaded: LoadedConfig, before: Config): Promise<void> {
    this.#logger.setLevel(this.#logLevel);
    this.#schedule?.configure(scheduleSettings(loaded.config));
    this.#twoWay.configure(watchSettings(loaded.config));
    this.#hubLink.configure(isCollector(loaded.config));
    if (resyncedOrganizations(before, loaded.config).length > 0) this.#schedule?.oweReconcile();
    await this.#outlets?.configure(loaded);
    await this.#hubHost.configure(loaded);
    this.#changed();
  }

  #tick(): void {
    void this.#writeFacts();
    this.#outlets?.refresh(this.facts().problems);
    const now = this.#options.now();
    if (this.#configuration.isToBeTriedAgain && !this.#runner.busy) void this.reload({ accept: false }).catch(() => undefined);
    const isLong = now - this.#summaryAt > summaryEveryMs || now < this.#summaryAt;
    if (isLong && !this.#runner.busy) void this.#summarise();
    void this.#outlets?.configure(this.#configuration.loaded).catch(() => undefined);
    void this.#hubHost.configure(this.#configuration.loaded);
    void this.#shared.open();
  }

  #changed(): void {
    void this.#writeFacts();
    this.#outlets?.refresh(this.facts().problems);
  }

  #writeFacts(): Promise<void> {
    this.#factsWriting = this.#factsWriting.then(() =>
      // A full disk is told by the schedule's own file, and by whoever asks the running service.
      writeFacts(this.#options.stateDirectory, this.facts()).catch(() => undefined),
    );
    return this.#factsWriting;
  }

  /** Ends everything in a consistent state, within ten seconds. */
  async stop(reason: string): Promise<void> {
    this.#logger.info('The service stops', { reason });
    this.#options.manager.stopping();
    this.#fileWatch?.close();
    if (this.#facts !== null) clearInterval(this.#facts);
    this.#twoWay.close();
    const hub = this.#hubLink.close();
    const schedule = this.#schedule?.close();
    await this.#shared.pause();
    await this.#runner.close(stopPatienceMs);
    await this.#shared.close();
    await schedule;
    await hub;
    await this.#control?.close();
    await this.#hubHost.close();
    await this.#outlets?.close();
    this.#stoppedAt = this.#options.now();
    await this.#writeFacts();
    this.#loop?.close();
    this.#logger.info('The service has stopped');
  }
}

function dateText(moment: number): string {
  return new Date(moment).toISOString();
}
