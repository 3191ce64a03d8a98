import { join } from 'node:path';
import type { StatusSummary } from '../cli/documents-status.ts';
import { asRollcallError } from '../cli/failure.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { HubFigures } from '../console/console-facts.ts';
import type { RunTally } from '../console/run-tally.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { RootLogger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type { ServiceFacts, ServiceProblem } from './service-facts.ts';

export interface OutletsOptions {
  readonly loaded: LoadedConfig;
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly logger: RootLogger;
  readonly redactor: Redactor;
  readonly facts: () => ServiceFacts;
  readonly tally: RunTally;
  readonly hub: () => HubFigures | null;
  readonly now: () => number;
}

/** What leaves the service by itself: messages to people, and the listener for monitors. Each is loaded only where it is asked for. */
export class Outlets {
  readonly #options: OutletsOptions;
  #notifier: { readonly notifier: Notifier; close(): Promise<void> } | null = null;
  #console: { problems(): readonly ServiceProblem[]; close(): Promise<void> } | null = null;
  /** Why nobody can be told: a secret or a certificate that is not there. */
  #silence: ServiceProblem | null = null;
  #configuring: Promise<void> = Promise.resolve();
  #closed = false;
  #configured: { readonly notify: string; readonly console: string } = { notify: '', console: '' };
  #summary: StatusSummary | null = null;
  #others: StatusSummary['problems'] = [];

  private constructor(options: OutletsOptions) {
    this.#options = options;
  }

  static async open(options: OutletsOptions): Promise<Outlets> {
    const outlets = new Outlets(options);
    await outlets.configure(options.loaded);
    return outlets;
  }

  /** Starts anew what has other settings than before, or could not be started with them. */
  configure(loaded: LoadedConfig): Promise<void> {
    const done = this.#configuring.then(() => this.#configure(loaded));
    this.#configuring = done.catch(() => undefined);
    return done;
  }

  async #configure(loaded: LoadedConfig): Promise<void> {
    if (this.#closed) return;
    const { config } = loaded;
    const wanted = {
      notify: JSON.stringify([config.notify, config.proxy, config.collector.name]),
      console: JSON.stringify([config.console, config.collector.name]),
    };
    const before = this.#configured;
    this.#configured = wanted;
    if (wanted.notify !== before.notify || this.#silence !== null) {
      await this.#notifier?.close();
      this.#notifier = null;
      await this.#tryNotifier(loaded);
    }
    if (wanted.console !== before.console) {
      await this.#console?.close();
      this.#console = await this.#startConsole(loaded);
    }
  }

  /** The proxy's password or certificates may be missing today and there tomorrow: a service does its runs all the same. */
  async #tryNotifier(loaded: LoadedConfig): Promise<void> {
    const { logger, now } = this.#options;
    try {
      this.#notifier = await this.#startNotifier(loaded);
      this.#silence = null;
    } catch (thrown) {
      const { code, message, hint, place } = asRollcallError(thrown);
      if (this.#silence?.message !== message) logger.warn('Nobody can be notified', { code, reason: message });
      const since = this.#silence?.since ?? new Date(now()).toISOString();
      this.#silence = { code, message, hint, place, severity: 'degraded', since };
    }
  }

  async #startNotifier({ config }: LoadedConfig): Promise<{ readonly notifier: Notifier; close(): Promise<void> } | null> {
    const { notify } = config;
    if (notify.webhook === '' && notify.email === '' && notify.heartbeatUrl === '') return null;
    const { openNotifier } = await import('../notify/open-notifier.ts');
    return openNotifier(config, { ...this.#options, stateFile: join(this.#options.stateDirectory, 'notify.json') });
  }

  async #startConsole({ config }: LoadedConfig): Promise<{ problems(): readonly ServiceProblem[]; close(): Promise<void> } | null> {
    if (config.console.listen === '') return null;
    const { startConsole } = await import('../console/start-console.ts');
    const { stateDirectory, logger, facts, tally, hub, now } = this.#options;
    return startConsole({
      listen: config.console.listen,
      stateDirectory,
      logger,
      facts,
      now,
      summary: () => this.#summary,
      tally,
      hub,
      losses: () => ({ logLines: lostLines(logger), notifications: this.#notifier?.notifier.problems().length ?? 0 }),
    });
  }

  problems(): readonly ServiceProblem[] {
    return [
      ...(this.#silence === null ? [] : [this.#silence]),
      ...(this.#notifier?.notifier.problems() ?? []),
      ...(this.#console?.problems() ?? []),
    ];
  }

  /** How all is, as it was just worked out. */
  report(summary: StatusSummary, own: readonly ServiceProblem[]): void {
    // What the service itself finds is in the summary as it was then; from now on it is told as it is.
    const codes = new Set(own.map(({ code }) => code));
    this.#others = summary.problems.filter(({ organization, code }) => organization !== null || !codes.has(code));
    this.#summary = summary;
    this.refresh(own);
  }

  /** The service's own problems may have changed. Nobody is told anything before it is known how all is. */
  refresh(own: readonly ServiceProblem[]): void {
    if (this.#summary === null) return;
    this.#notifier?.notifier.report([...this.#others, ...own.map((problem) => ({ ...problem, organization: null }))]);
  }

  /** A run of all organizations went well. */
  succeeded(): void {
    this.#notifier?.notifier.succeeded();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#configuring;
    await Promise.all([this.#notifier?.close(), this.#console?.close()]);
  }
}

/** Events that the log has lost since it cannot be written. */
function lostLines(logger: RootLogger): number {
  return logger.problems().reduce((sum, { place }) => sum + (typeof place['lost'] === 'number' ? place['lost'] : 0), 0);
}
