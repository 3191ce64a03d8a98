import { RollcallError } from '../../core/errors.ts';
import { asRollcallError } from '../cli/failure.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { organizationsOf } from '../config/organizations.ts';
import type { HubFigures } from '../console/console-facts.ts';
import type { HubWorkName } from '../hub/administration/hub-work-names.ts';
import type { Inbox } from '../hub/inbox/inbox.ts';
import { nameKey } from '../hub/registry/collector-name.ts';
import type { Registry } from '../hub/registry/registry.ts';
import { HubTally } from '../hub/server/hub-tally.ts';
import type { RunningHub } from '../hub/server/start-hub.ts';
import { sparedReadsOf } from '../hub/spared-reads.ts';
import type { RegistryPlace } from '../store/registry/open-configured-registry.ts';
import type { Logger } from '../telemetry/logger.ts';
import { version } from '../version.ts';
import { type CollectorCounts, conditionOf, countCollectors } from './collector-counts.ts';
import { inTime } from './in-time.ts';
import { Landings, type LandingsOptions } from './landings.ts';
import { leftInFile } from './left-registry.ts';
import type { HubParts, OpenHubOptions } from './open-hub.ts';
import type { ServiceProblem } from './service-facts.ts';

const dayMs = 86_400_000;
/** As long as a collector may be silent. */
const listenedLongMs = 15 * 60_000;
const auditKeptMs = 400 * dayMs;
/** How long a stop waits for what is under way: a database that has vanished is waited for much longer. */
const closeMs = 1_500;

export interface HubHostOptions extends Pick<LandingsOptions, 'job' | 'handOver' | 'onSynced' | 'isStopping'> {
  readonly stateDirectory: string;
  /** Where the configuration has the registry; throws when a secret for it is missing. */
  readonly registryPlace: (loaded: LoadedConfig) => Promise<RegistryPlace>;
  readonly logger: Logger;
  readonly now: () => number;
  /** A collector or a subnet is otherwise than it was, so that people may have to be told. */
  readonly onChange?: () => void;
}

/** The hub within the service: opened, listening and closed again as `hub.listen` asks for it (S3). */
export class HubHost {
  readonly #options: HubHostOptions;
  readonly tally = new HubTally();
  readonly #landings: Landings;
  #parts: HubParts | null = null;
  #listener: RunningHub | null = null;
  #problem: ServiceProblem | null = null;
  #configured = '';
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #tidiedAt = 0;
  #openedAt = 0;
  /** Of the latest look at the collectors; `null`: there was none. */
  #seen: { readonly counts: CollectorCounts; readonly condition: string } | null = null;

  constructor(options: HubHostOptions) {
    this.#options = options;
    this.#landings = new Landings({
      ...options,
      registry: () => this.registry,
      onLanded: ({ landed, refused }) => {
        this.tally.landed += landed;
        this.tally.refused += refused;
      },
    });
  }

  /** `null`: this service is no hub. */
  get inbox(): Inbox | null {
    return this.#parts?.inbox ?? null;
  }

  /** `null`: this service is no hub. */
  get registry(): Registry | null {
    return this.#parts?.registry ?? null;
  }

  /** Follows the settings; called again, it tries again what could not be opened. Never throws. */
  configure(loaded: LoadedConfig): Promise<void> {
    return this.#inTurn(() => this.#configure(loaded)).catch(() => undefined);
  }

  problems(): readonly ServiceProblem[] {
    return [...(this.#problem === null ? [] : [this.#problem]), ...(this.#listener?.problems() ?? [])];
  }

  /** What it was asked since the service runs, and its collectors as of the latest look; `null`: this service is no hub. */
  figures(): HubFigures | null {
    return this.#parts === null ? null : { tally: this.tally, collectors: this.#seen?.counts ?? null };
  }

  /** Where it listens; `null` while it does not. */
  address(): string | null {
    return this.#listener?.address() ?? null;
  }

  /** Carries out a command, with the registry that is open, or is opened for it. */
  work(name: HubWorkName, options: unknown, loaded: LoadedConfig): Promise<object> {
    return this.#inTurn(async () => {
      const [{ hubWork }, { withHub }] = await Promise.all([import('../hub/administration/hub-work.ts'), import('./open-hub.ts')]);
      const context = { loaded, now: this.#options.now() };
      const parts = this.#parts;
      if (parts !== null) return hubWork(name, options, { ...context, ...parts });
      return withHub(await this.#place(loaded), (opened) => hubWork(name, options, { ...context, ...opened }));
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return inTime(this.#end(), closeMs);
  }

  async #end(): Promise<void> {
    await this.#landings.close();
    await this.#turn;
    await this.#shut();
  }

  async #place(loaded: LoadedConfig): Promise<OpenHubOptions> {
    const { stateDirectory, now, registryPlace } = this.#options;
    return { registry: await registryPlace(loaded), stateDirectory, now, command: 'rollcall run' };
  }

  async #configure(loaded: LoadedConfig): Promise<void> {
    const { config } = loaded;
    if (this.#isClosed) return;
    const wanted = config.hub.listen === '' ? '' : JSON.stringify([config.hub, config.collector, organizationsOf(config)]);
    if (wanted !== this.#configured) {
      await this.#shut();
      this.#configured = wanted;
    }
    if (wanted === '') return;
    if (this.#parts === null) await this.#open(loaded);
    if (this.#parts !== null && this.#listener === null) await this.#listen(config, this.#parts);
    await this.#tidy();
    await this.#look();
  }

  /** Once a minute: collectors fall silent without anything that tells it. */
  async #look(): Promise<void> {
    const { now, logger, onChange } = this.#options;
    if (this.#parts === null) return;
    const { registry, inbox } = this.#parts;
    try {
      const { listCollectors } = await import('../hub/administration/list-collectors.ts');
      const waiting = await inbox.waiting();
      const known = await listCollectors(null, { registry, inbox: { waiting: () => Promise.resolve(waiting) }, now: now() });
      const condition = conditionOf(known, now() - this.#openedAt > listenedLongMs);
      const before = this.#seen?.condition ?? condition;
      this.#seen = { counts: countCollectors(known, waiting.length), condition };
      if (condition !== before) onChange?.();
    } catch (thrown) {
      const { code, message } = asRollcallError(thrown);
      logger.warn('The hub could not look at its collectors', { code, reason: message });
      // The password may be another one by now: it is asked for when the hub is opened again.
      if (code === 'STORE_REFUSED') await this.#shut();
    }
  }

  async #open(loaded: LoadedConfig): Promise<void> {
    const { now, logger } = this.#options;
    try {
      const { openHub } = await import('./open-hub.ts');
      const options = await this.#place(loaded);
      this.#parts = await openHub(options);
      this.#problem = null;
      this.#openedAt = now();
      const left = await leftInFile(options.stateDirectory, options.registry, this.#parts.registry);
      if (left > 0) logger.warn('The database knows no collectors, and a file of this machine does: move the store', { collectors: left });
    } catch (thrown) {
      const { code, message, hint, place } = asRollcallError(thrown);
      if (this.#problem === null) logger.warn('The hub cannot be opened', { code, reason: message });
      const since = this.#problem?.since ?? new Date(now()).toISOString();
      this.#problem = { code, message, hint, place, severity: 'degraded', since };
    }
  }

  async #listen(config: LoadedConfig['config'], parts: HubParts): Promise<void> {
    // Loaded only where there is a hub: a web server takes memory.
    const { startHub } = await import('../hub/server/start-hub.ts');
    const { logger, now } = this.#options;
    const { hub, collector } = config;
    const own: readonly string[] = organizationsOf(config);
    this.#listener = startHub({
      ...parts,
      listen: hub.listen,
      certFile: hub.certFile,
      keyFile: hub.keyFile,
      name: collector.name,
      version,
      logger,
      now,
      onWaiting: () => this.#landings.wake(),
      tally: this.tally,
      sparedFullReads: (holder) => sparedReadsOf(parts.registry, holder, now()),
      // What the hub reads by itself is kept under its own name.
      isReserved: (organization, name) => own.includes(organization) && nameKey(name) === nameKey(collector.name),
    });
    // What arrived before the last stop waits to be landed, and what landed then may wait for its sync.
    this.#landings.wake();
  }

  async #tidy(): Promise<void> {
    const { now, logger } = this.#options;
    if (this.#parts === null || Math.abs(now() - this.#tidiedAt) < dayMs) return;
    this.#tidiedAt = now();
    try {
      await this.#parts.inbox.tidy(now());
      await this.#parts.registry.prune(now() - auditKeptMs);
    } catch (thrown) {
      const { code, message } = asRollcallError(thrown);
      logger.warn('The hub could not clear away what is old', { code, reason: message });
    }
  }

  async #shut(): Promise<void> {
    const [listener, parts] = [this.#listener, this.#parts];
    this.#listener = null;
    this.#parts = null;
    this.#problem = null;
    this.#seen = null;
    await listener?.close();
    await parts?.registry.close();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(() => {
      if (this.#isClosed) throw new RollcallError('INTERRUPTED', 'The service stops.');
      return work();
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
