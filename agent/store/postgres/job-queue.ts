import { setTimeout as pause } from 'node:timers/promises';
import { type ConstructorOptions, type Job, type JobWithMetadata, PgBoss } from 'pg-boss';
import { RollcallError } from '../../../core/errors.ts';
import type { DatabasePlace } from './database-place.ts';
import { queueSchemaName } from './schema-names.ts';
import { openPool } from './sessions.ts';
import { translatePostgresError } from './translate-error.ts';

const sessions = 3;
const idleSessionMs = 30_000;
const idleInTransactionMs = 60_000;
/** A job of whose process nothing was heard for so long is given to another one. */
const heartbeatSeconds = 30;
const superviseSeconds = 10;
/** The longest that pg-boss allows: a first sync waits for rate limits. Whoever hangs is found by the heartbeat. */
const longestSeconds = 23 * 3_600;
/** What has ended is looked at for a minute at most: each question about a key goes through what is kept of it. */
const keptSeconds = 3_600;
const tidyEverySeconds = 600;
/** Processes that died over one job; after them it waits for the next time that it is asked for. */
const mostRetries = 5;
const retryDelaySeconds = 5;
const pollMs = 1_000;
const touchEveryMs = 10_000;
const askEveryMs = 500;

/** A piece of work in the queue, and what came of it: both can be told in JSON. */
export interface JobQueue<Work extends object, Outcome extends object> {
  /**
   * Puts it in. Of one kind and key one waits at most, and one is under way: what waits already stands for this one too. With `onceIn`
   * so does what came in within so many seconds, ended or not. Resolves with the id of whichever stands for it.
   */
  add(kind: string, key: string, work: Work, onceIn?: number): Promise<string>;
  /** Resolves when it has ended, whoever did it; `null` when nobody could, or it is not known any more. Rejects with `INTERRUPTED`. */
  ended(kind: string, id: string, signal: AbortSignal): Promise<Outcome | null>;
  /** Takes from now on one piece at a time, while `isFree` says so. What `perform` rejects is given to another process. */
  take(isFree: () => boolean, perform: (kind: string, work: Work) => Promise<Outcome>): void;
  /** Takes nothing more; what is under way goes on. */
  pause(): void;
  close(): Promise<void>;
}

export interface JobQueueOptions {
  readonly place: DatabasePlace;
  readonly password: string;
  readonly kinds: readonly string[];
  /** What went wrong behind the scenes; the queue tries again by itself. */
  readonly onProblem: (error: unknown) => void;
}

/** A queue in the database, which all processes that share it see. Throws what opening the store throws for its connection. */
export async function openJobQueue<Work extends object, Outcome extends object>(
  options: JobQueueOptions,
): Promise<JobQueue<Work, Outcome>> {
  const { place, password, kinds, onProblem } = options;
  const pool = await openPool(place, password, {
    most: sessions,
    readOnly: false,
    command: 'rollcall queue',
    idleMs: idleSessionMs,
    idleInTransactionMs,
  });
  const executeSql = async (text: string, values?: unknown[]): Promise<{ rows: unknown[] }> => {
    try {
      return await pool.query(text, values);
    } catch (error) {
      throw translatePostgresError(error, place);
    }
  };
  try {
    const boss = await startBoss({ executeSql }, onProblem);
    for (const kind of kinds) await makeQueue(boss, kind);
    return new BossQueue(boss, options, () => pool.end());
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** pg-boss makes its tables and brings them up to date, one process at a time. */
async function startBoss(db: NonNullable<ConstructorOptions['db']>, onProblem: (error: unknown) => void): Promise<PgBoss> {
  // Whoever may not make schemas may not ask for one that is there either.
  const { rows } = await db.executeSql('select 1 from pg_namespace where nspname = $1', [queueSchemaName]);
  const boss = new PgBoss({
    db,
    schema: queueSchemaName,
    createSchema: rows.length === 0,
    schedule: false,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    maintenanceIntervalSeconds: tidyEverySeconds,
    registerInstance: false,
  });
  boss.on('error', onProblem);
  try {
    await boss.start();
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw error;
  }
}

async function makeQueue(boss: PgBoss, kind: string): Promise<void> {
  const settings = {
    heartbeatSeconds,
    expireInSeconds: longestSeconds,
    deleteAfterSeconds: keptSeconds,
    retryLimit: mostRetries,
    retryDelay: retryDelaySeconds,
  };
  await boss.createQueue(kind, { policy: 'stately', ...settings });
  await boss.updateQueue(kind, settings);
}

class BossQueue<Work extends object, Outcome extends object> implements JobQueue<Work, Outcome> {
  readonly #boss: PgBoss;
  readonly #kinds: readonly string[];
  readonly #onProblem: (error: unknown) => void;
  readonly #endPool: () => Promise<void>;
  readonly #stop = new AbortController();
  #taking: Promise<void> | null = null;

  constructor(boss: PgBoss, { kinds, onProblem }: JobQueueOptions, endPool: () => Promise<void>) {
    this.#boss = boss;
    this.#kinds = kinds;
    this.#onProblem = onProblem;
    this.#endPool = endPool;
  }

  async add(kind: string, key: string, work: Work, onceIn?: number): Promise<string> {
    for (;;) {
      // Its steps have borders: what came in just before one counts too.
      const recent = onceIn === undefined ? undefined : await this.#latest(kind, key);
      if (recent !== undefined && onceIn !== undefined && Math.abs(Date.now() - Number(recent.createdOn)) < onceIn * 1_000)
        return recent.id;
      const options = { singletonKey: key, ...(onceIn === undefined ? {} : { singletonSeconds: onceIn }) };
      const id = await this.#boss.send(kind, work, options);
      if (id !== null) return id;
      const [waiting] = await this.#boss.findJobs(kind, { key, queued: true });
      // None: it was taken between the two questions.
      if (waiting !== undefined) return waiting.id;
    }
  }

  async #latest(kind: string, key: string): Promise<JobWithMetadata<unknown> | undefined> {
    const all = await this.#boss.findJobs(kind, { key });
    return all.toSorted((left, right) => Number(right.createdOn) - Number(left.createdOn))[0];
  }

  async ended(kind: string, id: string, signal: AbortSignal): Promise<Outcome | null> {
    for (;;) {
      const [job] = await this.#boss.findJobs(kind, { id });
      if (job === undefined || job.state === 'failed' || job.state === 'cancelled') return null;
      if (job.state === 'completed') return job.output as Outcome;
      await pause(askEveryMs, undefined, { signal }).catch((cause: unknown) => {
        throw new RollcallError('INTERRUPTED', 'Stopped while it waited for what another process does.', { cause });
      });
    }
  }

  take(isFree: () => boolean, perform: (kind: string, work: Work) => Promise<Outcome>): void {
    this.#taking ??= this.#takeInTurn(isFree, perform);
  }

  /** Not by the workers of the library: those take what they cannot begin, and keep it from others. */
  async #takeInTurn(isFree: () => boolean, perform: (kind: string, work: Work) => Promise<Outcome>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const hasWorked = isFree() && (await this.#takeOne(perform).catch((error: unknown) => this.#report(error)));
      if (!hasWorked) await pause(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #takeOne(perform: (kind: string, work: Work) => Promise<Outcome>): Promise<boolean> {
    for (const kind of this.#kinds) {
      const [job] = await this.#boss.fetch<Work>(kind, { batchSize: 1 });
      if (job === undefined) continue;
      await this.#carryOut(kind, job, perform);
      return true;
    }
    return false;
  }

  /** Shows that this process lives for as long as it takes. */
  async #carryOut(kind: string, job: Job<Work>, perform: (kind: string, work: Work) => Promise<Outcome>): Promise<void> {
    // Another process may have been given it since, when this one was paused.
    const attempt = { id: job.id, retryCount: job.retryCount };
    const beat = setInterval(() => void this.#boss.touch(kind, attempt).catch((error: unknown) => this.#report(error)), touchEveryMs);
    beat.unref();
    try {
      const outcome = await perform(kind, job.data);
      await this.#boss.complete(kind, attempt, outcome);
    } catch (error) {
      await this.#boss.fail(kind, attempt, { code: error instanceof RollcallError ? error.code : 'INTERNAL' });
    } finally {
      clearInterval(beat);
    }
  }

  #report(error: unknown): false {
    this.#onProblem(error);
    return false;
  }

  pause(): void {
    this.#stop.abort();
  }

  async close(): Promise<void> {
    this.pause();
    await this.#taking;
    await this.#boss.stop({ graceful: false });
    await this.#endPool();
  }
}
