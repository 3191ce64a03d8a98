import type { ErrorDocument, PushPlanDocument, UndoDocument } from '../cli/documents.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { LogLevel } from '../telemetry/logger.ts';

/** Operations that write to the store: where a service runs, it does them (S4). */
export const jobNames = [
  'scan',
  'plan',
  'sync',
  'approve',
  'reject',
  'matchContact',
  'createContacts',
  'ignoreContacts',
  'restoreContacts',
  'unmatchContacts',
  'push',
  'undo',
  'changeCollector',
] as const;
export type JobName = (typeof jobNames)[number];

/** What only the service itself has done. */
type ServiceJobName = 'considerConfig' | 'recordRefusal' | 'prune' | 'summary' | 'tryStore' | 'watch' | 'land' | 'collectorFacts' | 'send';

/** One piece of work for the worker. Everything in it can be cloned. */
export interface Job {
  readonly id: number;
  readonly name: JobName | ServiceJobName;
  /** The operation's options without its functions. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly loaded: LoadedConfig;
  readonly logLevel: LogLevel;
  /** What started it: `schedule`, `catch-up`, `by hand` … */
  readonly trigger: string;
}

/** What a person is asked before the first write of `push` and `undo --delete-created`. */
export type Question =
  | { readonly kind: 'push'; readonly plans: readonly PushPlanDocument[] }
  | { readonly kind: 'undo'; readonly preview: UndoDocument };

/** What a job tells while it works. */
export type JobNews =
  | { readonly kind: 'task'; readonly task: number; readonly label: string }
  | { readonly kind: 'update'; readonly task: number; readonly done: number; readonly total: number | null }
  | { readonly kind: 'task-done' | 'task-failed'; readonly task: number; readonly text: string | null };

export type ToWorker =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'answer'; readonly id: number; readonly yes: boolean }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'news'; readonly id: number; readonly news: JobNews }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  /** `text` is the JSON of what the operation answered: it travels on as it is. */
  | { readonly kind: 'done'; readonly id: number; readonly text: string; readonly outcome: JobOutcome; readonly rssBytes: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorDocument }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly data: Readonly<Record<string, unknown>> }
  /** The worker's event loop turns. */
  | { readonly kind: 'alive' };

/** What the service itself needs to know of a finished job. */
export interface JobOutcome {
  /** `failed`: at least one organization's run failed as a whole. */
  readonly result: 'success' | 'passing failure' | 'failure';
  /** The first failure's code. */
  readonly code: string | null;
}
