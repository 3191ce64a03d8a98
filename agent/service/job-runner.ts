import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { RollcallError } from '../../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { FromWorker, Job, JobNews, JobOutcome, Question, ToWorker } from './job-protocol.ts';
import { jobWorkerWord } from './job-worker-word.ts';
import { errorOf } from './remote-error.ts';

/** What came of a job; `text` is JSON. */
export interface JobAnswer {
  readonly text: string;
  readonly outcome: JobOutcome;
}

/** Who follows a job. */
export interface JobListener {
  readonly news?: (news: JobNews) => void;
  /** Nobody to ask means no. */
  readonly question?: (question: Question) => Promise<boolean>;
  /** It has to wait; `behind` is the job under way. */
  readonly waiting?: (behind: string) => void;
  readonly started?: () => void;
  /** Stops this job alone, also while it waits. */
  readonly signal?: AbortSignal;
}

export interface JobRunnerOptions {
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** The worker is ended when it had nothing to do for so long, and its memory goes back. */
  readonly idleMs?: number;
  /** The same for one that has done nothing but small jobs: it has no memory to give back, and the next one comes soon. */
  readonly smallIdleMs?: number;
  /** A worker whose event loop does not turn for so long hangs and is ended. */
  readonly hangMs?: number;
  readonly onCurrent?: (current: { readonly name: string; readonly trigger: string } | null) => void;
  /** The program of the worker; another one in tests. */
  readonly workerFile?: string;
}

const looksTillHang = 10;
/** Jobs that come each minute and need next to nothing. */
const smallJobs: ReadonlySet<Job['name']> = new Set(['watch', 'summary']);
/** A look that found much to do may have made a worker as big as a sync does. */
const smallBytes = 256 * 1024 * 1024;

// The executable has no files: it runs itself, and this first word tells it what as.
const jobWorker = isSea() ? jobWorkerWord : fileURLToPath(new URL('./job-worker.ts', import.meta.url));

/**
 * The file of the executable may have been replaced since this process began: what comes to lie there has not proved that it is well, and
 * its process of jobs would migrate the store. Linux still has the program itself; Windows lets no file be replaced that runs.
 */
const ownProgram = isSea() && process.platform === 'linux' ? { execPath: '/proc/self/exe', argv0: process.execPath } : {};

type JobRequest = Omit<Job, 'id'>;

interface Current {
  readonly id: number;
  readonly listener: JobListener;
  readonly settle: (result: JobAnswer | RollcallError) => void;
}

/**
 * Does jobs one after the other (S2) in a process of their own, which is started when there is one to do and ends when there was none
 * for a while. One that crashes, runs out of memory or hangs costs its job, not the service; and what a big sync needed of memory goes
 * back to the machine as a whole, which a thread's does not.
 */
export class JobRunner {
  readonly #options: Required<Pick<JobRunnerOptions, 'idleMs' | 'smallIdleMs' | 'hangMs' | 'workerFile'>> & JobRunnerOptions;
  #worker: ChildProcess | null = null;
  #current: Current | null = null;
  #currentName = '';
  /** The worker has done more than small jobs, or has more memory than they need. */
  #hasGrown = false;
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #jobs = 0;
  #idle: NodeJS.Timeout | null = null;
  /** Looks since the worker was last heard: counted, for a machine that slept has not waited. */
  #silentLooks = 0;
  #watch: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: JobRunnerOptions) {
    this.#options = { idleMs: 20_000, smallIdleMs: 180_000, hangMs: 120_000, workerFile: jobWorker, ...options };
  }

  /** Jobs under way or waiting. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Resolves with the answer; rejects with the job's failure, with `INTERRUPTED` when it was stopped before its start. */
  run(request: JobRequest, listener: JobListener = {}): Promise<JobAnswer> {
    if (this.#waiting > 0) listener.waiting?.(this.#currentName);
    // A look gives way at once, also where it waits for a limit: what it saw is seen again by the next one.
    if (request.name !== 'watch' && this.#currentName === 'watch' && this.#current !== null) {
      this.#post({ kind: 'stop', id: this.#current.id });
    }
    this.#waiting += 1;
    let hasBegun = false;
    const turn = this.#queue.then(() => {
      hasBegun = true;
      return this.#perform(request, listener);
    });
    this.#queue = turn.then(
      () => this.#afterOne(),
      () => this.#afterOne(),
    );
    const { signal } = listener;
    if (signal === undefined) return turn;
    // Who gives up while waiting is let go at once; the turn passes without him.
    const givenUp = new Promise<never>((_resolve, reject) => {
      const leave = (): void => {
        if (!hasBegun) reject(stoppedBefore());
      };
      signal.addEventListener('abort', leave, { once: true });
    });
    return Promise.race([turn, givenUp]);
  }

  async #perform(request: JobRequest, listener: JobListener): Promise<JobAnswer> {
    if (this.#closed || listener.signal?.aborted === true) throw stoppedBefore();
    listener.started?.();
    const worker = this.#startedWorker();
    this.#jobs += 1;
    const id = this.#jobs;
    this.#currentName = request.name;
    if (!smallJobs.has(request.name)) this.#hasGrown = true;
    this.#options.onCurrent?.({ name: request.name, trigger: request.trigger });
    const stop = (): void => this.#post({ kind: 'stop', id });
    listener.signal?.addEventListener('abort', stop);
    try {
      const result = await new Promise<JobAnswer | RollcallError>((settle) => {
        this.#current = { id, listener, settle };
        this.#silentLooks = 0;
        send(worker, { kind: 'job', job: { ...request, id } });
      });
      if (result instanceof RollcallError) throw result;
      return result;
    } finally {
      listener.signal?.removeEventListener('abort', stop);
      this.#current = null;
      this.#options.onCurrent?.(null);
    }
  }

  #afterOne(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0 || this.#worker === null) return;
    const { idleMs, smallIdleMs } = this.#options;
    this.#idle ??= setTimeout(
      () => {
        this.#idle = null;
        // In the queue, so that the next worker opens the store when this one has closed it.
        this.#queue = this.#queue.then(() => this.#endWorker());
      },
      this.#hasGrown ? idleMs : smallIdleMs,
    ).unref();
  }

  #post(message: ToWorker): void {
    if (this.#worker !== null) send(this.#worker, message);
  }

  #startedWorker(): ChildProcess {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#worker !== null) return this.#worker;
    this.#hasGrown = false;
    const worker = fork(this.#options.workerFile, [this.#options.stateDirectory], {
      ...ownProgram,
      env: { ...compiledCode(), ...process.env },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    worker.on('message', (message) => this.#hear(message as FromWorker));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', (code, signal) => this.#lost(worker, new Error(signal ?? `exit ${code}`)));
    this.#worker = worker;
    this.#watch = setInterval(() => this.#proveAlive(), Math.max(20, this.#options.hangMs / looksTillHang)).unref();
    return worker;
  }

  #hear(message: FromWorker): void {
    this.#silentLooks = 0;
    if (message.kind === 'log') this.#options.logger[message.level](message.message, message.data);
    if (!('id' in message) || message.id !== this.#current?.id) return;
    const { listener, settle, id } = this.#current;
    switch (message.kind) {
      case 'news':
        listener.news?.(message.news);
        break;
      case 'question':
        void this.#answer(id, listener, message.question);
        break;
      case 'done':
        if (message.rssBytes > smallBytes) this.#hasGrown = true;
        settle({ text: message.text, outcome: message.outcome });
        break;
      case 'failed':
        settle(errorOf(message.error));
        break;
    }
  }

  async #answer(id: number, listener: JobListener, question: Question): Promise<void> {
    const yes = (await listener.question?.(question).catch(() => false)) ?? false;
    this.#post({ kind: 'answer', id, yes });
  }

  #proveAlive(): void {
    this.#silentLooks += 1;
    if (this.#current === null || this.#silentLooks <= looksTillHang) return;
    this.#options.logger.error('A job hangs and is ended', { job: this.#currentName });
    const worker = this.#worker;
    if (worker === null) return;
    this.#lost(worker, new Error('it hung'));
    worker.kill('SIGKILL');
  }

  /** The worker has ended, in order or not. What it left open in the store is settled by its successor (A2). */
  #lost(worker: ChildProcess, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    if (this.#current === null) return;
    this.#current.settle(
      new RollcallError('SERVICE_JOB_LOST', `The job "${this.#currentName}" ended without an answer (${error.message}).`, { cause: error }),
    );
  }

  async #endWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker === null || this.#waiting > 0) return;
    await this.#closeWorker(worker, 5_000);
  }

  /** Lets the worker close its store and end; after the deadline it is ended as it is. */
  async #closeWorker(worker: ChildProcess, deadlineMs: number): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exit = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
    });
    const timer = setTimeout(() => worker.kill('SIGKILL'), deadlineMs);
    send(worker, { kind: 'close' });
    await exit;
    clearTimeout(timer);
  }

  /** Stops the job under way, refuses those that wait, and ends the worker within the deadline. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (this.#current !== null) this.#post({ kind: 'stop', id: this.#current.id });
    let timer: NodeJS.Timeout | null = null;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([this.#queue, late]);
    if (timer !== null) clearTimeout(timer);
    const worker = this.#worker;
    if (worker !== null) await this.#closeWorker(worker, this.#current === null ? 2_000 : 0);
  }
}

/** Compiled code is kept where this process keeps it: halves what the start of a worker costs. */
function compiledCode(): Readonly<Record<string, string>> {
  const folder = getCompileCacheDir();
  // What is given is the folder of this version of Node within the one that is meant.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

function stoppedBefore(): RollcallError {
  return new RollcallError('INTERRUPTED', 'Stopped before it began.');
}

/** What cannot be sent reaches a worker that has ended, whose job is settled by its end. */
function send(worker: ChildProcess, message: ToWorker): void {
  if (worker.connected) worker.send(message, () => undefined);
}
