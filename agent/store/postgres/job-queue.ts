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
const keptSeconds = 86_400;
/** Processes that died over one job; after them it waits for the next time that it is asked for. */
const mostRetries = 5;
const retryDelaySeconds = 5;
const pollSeconds = 1;
const askEveryMs = 500;

/** A piece of work in the queue, and what came of it: both can be told in JSON. */
export interface JobQueue<Work extends object, Outcome extends object> {
  /**
   * Puts it in. Of one kind and key one waits at most, and one is under way: what waits already stands for this one too. `onceIn`
   * seconds, counted in steps from a common beginning: nor does it come in when one came in within the same step, ended or not.
   * Resolves with the id of whichever stands for it.
   */
  add(kind: string, key: string, work: Work, onceIn?: number): Promise<string>;
  /** Resolves when it has ended, whoever did it; `null` when nobody could, or it is not known any more. Rejects with `INTERRUPTED`. */
  ended(kind: string, id: string, signal: AbortSignal): Promise<Outcome | null>;
  /** Takes from now on one piece of each kind at a time. What `perform` rejects is given to another process. */
  take(perform: (kind: string, work: Work) => Promise<Outcome>): Promise<void>;
  /** Takes nothing more; what is under way goes on. */
  pause(): Promise<void>;
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
    return new BossQueue(boss, kinds, () => pool.end());
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
  readonly #endPool: () => Promise<void>;

  constructor(boss: PgBoss, kinds: readonly string[], endPool: () => Promise<void>) {
    this.#boss = boss;
    this.#kinds = kinds;
    this.#endPool = endPool;
  }

  async add(kind: string, key: string, work: Work, onceIn?: number): Promise<string> {
    for (;;) {
      const options = { singletonKey: key, ...(onceIn === undefined ? {} : { singletonSeconds: onceIn }) };
      const id = await this.#boss.send(kind, work, options);
      if (id !== null) return id;
      const found = await this.#standIn(kind, key, onceIn !== undefined);
      // None: it was taken between the two questions.
      if (found !== undefined) return found.id;
    }
  }

  /** What is in the queue for the key, or, with `ended`, was last. */
  async #standIn(kind: string, key: string, ended: boolean): Promise<JobWithMetadata<unknown> | undefined> {
    const [waiting] = await this.#boss.findJobs(kind, { key, queued: true });
    if (waiting !== undefined || !ended) return waiting;
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

  async take(perform: (kind: string, work: Work) => Promise<Outcome>): Promise<void> {
    for (const kind of this.#kinds) {
      await this.#boss.work<Work, Outcome | null>(
        kind,
        { pollingIntervalSeconds: pollSeconds, batchSize: 1 },
        async (jobs: Job<Work>[]) => {
          const [job] = jobs;
          return job === undefined ? null : perform(kind, job.data);
        },
      );
    }
  }

  async pause(): Promise<void> {
    for (const kind of this.#kinds) await this.#boss.offWork(kind, { wait: false });
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await this.#endPool();
  }
}
