import type { RollcallError } from '../../core/errors.ts';
import type { MatchState } from '../../core/model/state.ts';
import type { RunOutcome } from '../../core/ports/store.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type {
  ContactsDocument,
  ExplainDocument,
  PlanDocument,
  PushDocument,
  PushPlanDocument,
  RejectDocument,
  RunDetailDocument,
  RunsDocument,
  ScanDocument,
  StatusDocument,
  SyncDocument,
  UndoDocument,
  ValidateDocument,
} from './documents.ts';
import type { AssessDocument } from './documents-assess.ts';
import type { CollectorChangeDocument } from './documents-collector-change.ts';
import type { DoctorDocument } from './documents-doctor.ts';
import type { NotifyTestDocument } from './documents-notify.ts';

/** Shows that something long is going on. Calls are cheap and never throw; a task ends with `done` or `fail`. */
export interface ProgressTask {
  /** `total` null: not known (yet). */
  update(done: number, total: number | null): void;
  /** `text` replaces the label in the line that stays. */
  done(text?: string): void;
  fail(text?: string): void;
}

export interface Progress {
  start(label: string): ProgressTask;
}

/** `null`: all organizations of the configuration. An unknown id is `ORGANIZATION_UNKNOWN`. */
interface OrganizationChoice {
  readonly organization: string | null;
}

interface ScanOptions extends OrganizationChoice {
  readonly full: boolean;
}

interface PlanOptions extends OrganizationChoice {
  /** `false`: plan from the store (`--no-scan`). */
  readonly scan: boolean;
  readonly full: boolean;
}

interface SyncOptions extends PlanOptions {
  /** The held plan to apply; `PLAN_NOT_HELD` when no organization holds it. */
  readonly approve: string | null;
  /** Of a collector, for `full`: directories whose full reads other collectors do (C9). */
  readonly sparedFullReads?: readonly string[];
}

interface AssessOptions extends OrganizationChoice {
  /** Days without logon after which an account is stale. */
  readonly staleDays: number;
}

export interface ContactsListOptions extends OrganizationChoice {
  readonly state: MatchState | null;
  /** In name, e-mail, sAMAccountName and userPrincipalName, without regard to case. */
  readonly search: string | null;
  readonly collector: string | null;
}

export interface RunsOptions extends OrganizationChoice {
  readonly limit: number;
  /** Milliseconds since 1970; `null`: from the beginning, and no summary. */
  readonly since: number | null;
  /** `null`: every outcome. */
  readonly outcome: RunOutcome | null;
}

/** USER is an objectGUID, sAMAccountName, userPrincipalName or mail; `USER_NOT_FOUND`, `USER_AMBIGUOUS`. */
interface UserOptions extends OrganizationChoice {
  readonly user: string;
}

export interface UsersOptions extends OrganizationChoice {
  /** All or none: nothing is recorded when one of them is not found. */
  readonly users: readonly string[];
}

interface MatchOptions extends UserOptions {
  readonly contact: string;
}

export interface PushOptions extends OrganizationChoice {
  /** All syncable contacts (P5); else `contacts`. */
  readonly all: boolean;
  readonly contacts: readonly string[];
  /** Asked before the first write, not at all when there is nothing to push. `false`: nothing is done, `declined` is true. */
  readonly confirm: (plans: readonly PushPlanDocument[]) => Promise<boolean>;
}

export interface ChangeCollectorOptions extends OrganizationChoice {
  readonly action: 'delete' | 'restore' | 'replace';
  /** The collector's name. */
  readonly collector: string;
  /** With `replace`: the name of the machine that takes its place; else `null`. */
  readonly replacement: string | null;
  /** Only says what would happen. */
  readonly preview: boolean;
}

export interface UndoOptions {
  readonly run: string;
  readonly deleteCreated: boolean;
  /** Asked only with `deleteCreated`, before the first write, when something would be deleted. */
  readonly confirm: (preview: UndoDocument) => Promise<boolean>;
}

/**
 * What the commands call. Each method answers with the documents of `--json`; the command renders them and sets the exit code.
 * Failures of the whole command are thrown as `RollcallError`. When several organizations are concerned, the failure of one is
 * in its document (`error`) and the others go on. An aborted signal ends each method as soon as the state is consistent: either
 * with `interrupted: true` in the document or by throwing `INTERRUPTED`.
 */
export interface Operations {
  /** Tests what the configuration names; `offline`: only the file, its references to secrets and the store. */
  validate(options: { readonly offline: boolean }): Promise<ValidateDocument>;
  /** Examines this machine and what the configuration names; writes nothing. */
  doctor(): Promise<DoctorDocument>;
  scan(options: ScanOptions): Promise<readonly ScanDocument[]>;
  plan(options: PlanOptions): Promise<readonly PlanDocument[]>;
  sync(options: SyncOptions): Promise<readonly SyncDocument[]>;
  approve(options: OrganizationChoice & { readonly hash: string }): Promise<SyncDocument>;
  reject(options: OrganizationChoice & { readonly hash: string }): Promise<RejectDocument>;
  status(options: OrganizationChoice): Promise<StatusDocument>;

  listContacts(options: ContactsListOptions): Promise<readonly ContactsDocument[]>;
  showContact(options: UserOptions): Promise<ContactsDocument>;
  matchContact(options: MatchOptions): Promise<ContactsDocument>;
  createContacts(options: UsersOptions): Promise<readonly ContactsDocument[]>;
  ignoreContacts(options: UsersOptions): Promise<readonly ContactsDocument[]>;
  restoreContacts(options: UsersOptions): Promise<readonly ContactsDocument[]>;
  unmatchContacts(options: UsersOptions): Promise<readonly ContactsDocument[]>;

  explain(options: UserOptions): Promise<ExplainDocument>;
  /** Sends a test message through each channel of `notify`; `NOTIFY_NOT_CONFIGURED` when there is none. */
  notifyTest(): Promise<NotifyTestDocument>;
  /**
   * Looks at what the store has of the directories, at IT Glue and at the PSA, and keeps and writes nothing. `STORE_NOT_FOUND` when no
   * directory was read yet.
   */
  assess(options: AssessOptions): Promise<readonly AssessDocument[]>;
  push(options: PushOptions): Promise<readonly PushDocument[]>;

  /** Newest first. */
  listRuns(options: RunsOptions): Promise<RunsDocument>;
  showRun(options: { readonly run: string }): Promise<RunDetailDocument>;
  undo(options: UndoOptions): Promise<UndoDocument>;

  /** What becomes of what a collector of this hub saw (D5). */
  changeCollector(options: ChangeCollectorOptions): Promise<CollectorChangeDocument>;

  /** Closes store and connections; called once, also after a failure. */
  close(): Promise<void>;
}

/** What the composition root needs to build the operations. */
export interface OperationsContext {
  readonly loaded: LoadedConfig;
  /** The file itself is not right: `loaded` is the one that was in force before. Only `status` goes on then. */
  readonly refused?: RollcallError | null;
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Register every resolved secret here, so that no log line can carry it. */
  readonly redactor: Redactor;
  readonly progress: Progress;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** What starts the runs, for the journal; `by hand` when not given. */
  readonly trigger?: string;
  /** `false`: no person waits for the command, as far as can be told. */
  readonly attended?: boolean;
}

/** `agent/compose.ts` exports one as `openOperations`. Cheap: it opens nothing that the command may not need. */
export type OpenOperations = (context: OperationsContext) => Promise<Operations>;
