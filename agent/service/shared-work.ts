import type { RollcallError } from '../../core/errors.ts';
import { asRollcallError } from '../cli/failure.ts';
import type { JobQueue } from '../store/postgres/job-queue.ts';
import type { Logger } from '../telemetry/logger.ts';
import { inTime } from './in-time.ts';
import { mayPass } from './job-outcome.ts';
import type { JobOutcome } from './job-protocol.ts';

/** The sync of one organization, for whichever hub is free. */
export interface SyncWork {
  readonly organization: string;
  /** The directories are read before. */
  readonly scan: boolean;
  readonly full: boolean;
  readonly trigger: string;
}

/** Told apart, so that a sync that reads does not give way to one that does not. */
export const workKinds = ['sync', 'reconcile'] as const;
type WorkKind = (typeof workKinds)[number];

export type WorkQueue = Pick<JobQueue<SyncWork, JobOutcome>, 'add' | 'ended' | 'take' | 'pause' | 'close'>;

export interface SharedWorkOptions {
  readonly logger: Logger;
  /** The queue that the configuration in force names; `null`: its store is this machine's alone. */
  readonly open: () => Promise<WorkQueue | null>;
  /** It was tried: `null` when it went well, or there is none. */
  readonly onOpened: (error: RollcallError | null) => void;
  /** Of the configuration in force. */
  readonly organizations: () => readonly string[];
  /** Does it here, for one organization or for all; rejects when it could not be done at all. */
  readonly sync: (work: Omit<SyncWork, 'organization'> & { readonly organization: string | null }) => Promise<JobOutcome>;
  /** One from the queue has ended; `null`: it was recorded, however it ended. */
  readonly onSynced: (error: RollcallError | null) => void;
}

/** How long a stop waits for each answer of a database, which may have vanished: what is under way there is found by its heartbeat. */
const closeMs = 500;
/** A slot of the schedule that several hubs see is one, though their clocks differ a little. */
const slotSeconds = 60;
/** What a person or an edit asked for is done each time. */
const ofTheSchedule: ReadonlySet<string> = new Set(['schedule', 'catch-up', 'first start', 'daily reconcile']);

/** Work that the hubs of one database share (H4): each organization by itself, by whichever hub comes first. */
export class SharedWork {
  readonly #options: SharedWorkOptions;
  readonly #stop = new AbortController();
  #queue: WorkQueue | null = null;
  #opening: Promise<void> | null = null;

  constructor(options: SharedWorkOptions) {
    this.#options = options;
  }

  /** Opens the queue, when there is one and it is not open. Never throws; called again, it tries again. */
  open(): Promise<void> {
    if (this.#queue !== null || this.#stop.signal.aborted) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    const { logger, open } = this.#options;
    try {
      const queue = await open();
      this.#options.onOpened(null);
      if (queue === null) return;
      if (this.#stop.signal.aborted) {
        await queue.close();
        return;
      }
      try {
        await queue.take((_, work) => this.#perform(work));
      } catch (error) {
        // It may have begun to take: nobody would end that.
        await queue.close().catch(() => undefined);
        throw error;
      }
      this.#queue = queue;
    } catch (thrown) {
      const error = asRollcallError(thrown);
      logger.warn('The queue of the database cannot be had', { code: error.code, reason: error.message });
      this.#options.onOpened(error);
    }
  }

  /**
   * Has all organizations synced; resolves when all have been, with what was worst. By this service alone, when nobody shares its store or
   * the queue cannot be had now: leases keep two that do the same apart.
   */
  async syncAll(asked: Omit<SyncWork, 'organization'>): Promise<JobOutcome> {
    const how = { scan: asked.scan, full: asked.full, trigger: asked.trigger };
    const queue = this.#queue;
    if (queue === null) return this.#options.sync({ organization: null, ...how });
    const kind = kindOf(how);
    const onceIn = ofTheSchedule.has(how.trigger) ? slotSeconds : undefined;
    const ids: string[] = [];
    for (const organization of this.#options.organizations()) {
      ids.push(await queue.add(kind, keyOf(organization, how), { organization, ...how }, onceIn));
    }
    const outcomes: JobOutcome[] = [];
    for (const id of ids) outcomes.push((await queue.ended(kind, id, this.#stop.signal)) ?? unknownEnd);
    return worstOf(outcomes);
  }

  /** Has what is known of one organization synced by whomever, and does not wait for it; `false`: there is nobody else. */
  async handOver(organization: string, trigger: string): Promise<boolean> {
    if (this.#queue === null) return false;
    const how = { scan: false, full: false, trigger };
    await this.#queue.add(kindOf(how), keyOf(organization, how), { organization, ...how });
    return true;
  }

  /** Takes nothing more, and waits for nothing more. */
  async pause(): Promise<void> {
    this.#stop.abort();
    await inTime(this.#opening ?? Promise.resolve(), closeMs);
    if (this.#queue !== null) await inTime(this.#queue.pause(), closeMs);
  }

  async close(): Promise<void> {
    await this.pause();
    if (this.#queue !== null) await inTime(this.#queue.close(), closeMs);
    this.#queue = null;
  }

  /** What it rejects is given back: another hub does it, or this one later. */
  async #perform(work: SyncWork): Promise<JobOutcome> {
    const { sync, onSynced } = this.#options;
    try {
      const outcome = await sync(work);
      onSynced(null);
      return outcome;
    } catch (thrown) {
      const error = asRollcallError(thrown);
      if (givenBack.has(error.code)) throw error;
      onSynced(error);
      return { result: mayPass(error.code) ? 'passing failure' : 'failure', code: error.code };
    }
  }
}

const givenBack: ReadonlySet<string> = new Set(['INTERRUPTED', 'ORGANIZATION_BUSY', 'STORE_LEASE_LOST']);

/** Nobody could do it, each time that it was tried; the runs tell more. */
const unknownEnd: JobOutcome = { result: 'passing failure', code: 'SERVICE_JOB_LOST' };

function kindOf({ scan }: Pick<SyncWork, 'scan'>): WorkKind {
  return scan ? 'sync' : 'reconcile';
}

function keyOf(organization: string, { full }: Pick<SyncWork, 'full'>): string {
  return full ? `${organization} full` : organization;
}

const order = { success: 0, 'passing failure': 1, failure: 2 } as const;

function worstOf(outcomes: readonly JobOutcome[]): JobOutcome {
  const none: JobOutcome = { result: 'success', code: null };
  return outcomes.reduce((worst, outcome) => (order[outcome.result] > order[worst.result] ? outcome : worst), none);
}
