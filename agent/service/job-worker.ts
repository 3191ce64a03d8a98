import process from 'node:process';
import { RollcallError } from '../../core/errors.ts';
import { asRollcallError, errorDocument } from '../cli/failure.ts';
import type { Operations, OperationsContext, Progress } from '../cli/operations.ts';
import { openServiceOperations, type ServiceOperations } from '../compose.ts';
import { openSharedResources, type SharedResources } from '../compose-shared.ts';
import { forwardingLogger } from '../telemetry/forwarding-logger.ts';
import { Redactor } from '../telemetry/redactor.ts';
import { outcomeOf } from './job-outcome.ts';
import type { FromWorker, Job, Question, ToWorker } from './job-protocol.ts';

/** A job under way: how to stop it, and who waits for a person's answer. */
interface Running {
  readonly id: number;
  readonly stop: AbortController;
  answer: ((yes: boolean) => void) | null;
}

const stateDirectory = process.argv[2] ?? '';
const aliveEveryMs = 5_000;
/** How long the job under way has for its end when the service has died. */
const orphanMs = 5_000;

const redactor = new Redactor();
let shared: { readonly place: string; readonly resources: SharedResources } | null = null;
let running: Running | null = null;
let underWay: Promise<void> = Promise.resolve();

function tell(message: FromWorker): void {
  // Whoever listened may be gone: then this process is about to end too.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

setInterval(() => tell({ kind: 'alive' }), aliveEveryMs);

// Ctrl-C goes to the whole group of processes: the service decides what becomes of the job.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => running?.stop.abort());
process.once('disconnect', () => {
  setTimeout(() => process.exit(1), orphanMs);
  void close().then(() => process.exit(1));
});
process.on('uncaughtException', (error) => {
  // The message may carry anything: only what kind of error it was is told.
  tell({ kind: 'log', level: 'error', message: 'The process of the jobs ended', data: { kind: error.name } });
  process.exit(1);
});

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'job':
      underWay = perform(message.job);
      break;
    case 'answer':
      if (running?.id === message.id) running.answer?.(message.yes);
      break;
    case 'stop':
      if (running?.id === message.id) running.stop.abort();
      break;
    case 'close':
      void close().then(() => process.disconnect?.());
      break;
  }
});

async function close(): Promise<void> {
  running?.stop.abort();
  await underWay;
  await closeStore();
}

async function closeStore(): Promise<void> {
  const open = shared;
  shared = null;
  await open?.resources.close();
}

/** Does one job; whatever happens is told, and the worker goes on. */
async function perform(job: Job): Promise<void> {
  const own: Running = { id: job.id, stop: new AbortController(), answer: null };
  running = own;
  const clean = (text: string): string => redactor.text(text);
  try {
    const operations = await open(job, own);
    let answer: unknown;
    try {
      answer = await call(operations, job, own);
    } finally {
      await operations.close();
    }
    const outcome = outcomeOf(answer);
    await distrust(outcome.code);
    const text = clean(JSON.stringify(answer ?? null));
    tell({ kind: 'done', id: job.id, text, outcome, rssBytes: process.memoryUsage.rss() });
  } catch (thrown) {
    const known = asRollcallError(thrown);
    await distrust(known.code);
    const wasStopped = own.stop.signal.aborted && known.code === 'INTERNAL';
    const error = wasStopped ? new RollcallError('INTERRUPTED', 'The job was stopped.', { cause: thrown }) : known;
    tell({ kind: 'failed', id: job.id, error: errorDocument(error, clean) });
  } finally {
    running = null;
  }
}

/** After a failure of the store the next job opens it anew: what could not be finished, its run above all, is put in order then. */
async function distrust(code: string | null): Promise<void> {
  if (code?.startsWith('STORE_') === true) await closeStore().catch(() => undefined);
}

async function open(job: Job, own: Running): Promise<ServiceOperations> {
  const context: OperationsContext = {
    loaded: job.loaded,
    stateDirectory,
    environment: process.env,
    logger: forwardingLogger({
      level: job.logLevel,
      redactor,
      forward: (level, message, data) => tell({ kind: 'log', level, message, data }),
    }),
    redactor,
    progress: progressOf(job.id),
    signal: own.stop.signal,
    trigger: job.trigger,
  };
  return openServiceOperations(context, await sharedFor(context));
}

/** The store stays open between jobs, unless the configuration names another one. */
async function sharedFor(context: OperationsContext): Promise<SharedResources> {
  const place = JSON.stringify(context.loaded.config.store);
  if (shared !== null && shared.place === place) return shared.resources;
  await closeStore();
  shared = { place, resources: openSharedResources(context) };
  return shared.resources;
}

type PlainOperation = (options: unknown) => Promise<unknown>;

async function call(operations: ServiceOperations, { name, options }: Job, own: Running): Promise<unknown> {
  if (name === 'push') {
    const given = options as unknown as Parameters<Operations['push']>[0];
    return operations.push({ ...given, confirm: (plans) => ask(own, { kind: 'push', plans }) });
  }
  if (name === 'undo') {
    const given = options as unknown as Parameters<Operations['undo']>[0];
    return operations.undo({ ...given, confirm: (preview) => ask(own, { kind: 'undo', preview }) });
  }
  return (operations[name] as unknown as PlainOperation).call(operations, options);
}

function ask(own: Running, question: Question): Promise<boolean> {
  return new Promise((resolve, reject) => {
    own.answer = resolve;
    own.stop.signal.addEventListener('abort', () =>
      reject(new RollcallError('INTERRUPTED', 'The job was stopped before it was confirmed.')),
    );
    tell({ kind: 'question', id: own.id, question });
  });
}

function progressOf(id: number): Progress {
  let tasks = 0;
  return {
    start(label) {
      tasks += 1;
      const task = tasks;
      tell({ kind: 'news', id, news: { kind: 'task', task, label } });
      return {
        update: (done, total) => tell({ kind: 'news', id, news: { kind: 'update', task, done, total } }),
        done: (text) => tell({ kind: 'news', id, news: { kind: 'task-done', task, text: text ?? null } }),
        fail: (text) => tell({ kind: 'news', id, news: { kind: 'task-failed', task, text: text ?? null } }),
      };
    },
  };
}
