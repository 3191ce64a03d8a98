import type { Absence, Absentee } from '../model/absence.ts';
import type { DirectoryEntry } from '../model/directory-user.ts';
import type { ContactId, OrganizationId, RunId, UserId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Plan } from '../model/plan.ts';
import type { ContactBase, ContactState, OrganizationState, UserState } from '../model/state.ts';
import type { Moment } from '../model/time.ts';
import type { LogonSurvey, ReadProof } from './directory-source.ts';
import type { LeaseAnswer } from './lease.ts';

/** One read of one directory by one collector, as the store keeps it. */
export interface ReadRecord {
  readonly id: number;
  readonly organization: OrganizationId;
  readonly collector: string;
  readonly directory: string;
  readonly sourceType: 'active-directory' | 'ldif';
  readonly startedAt: Moment;
  readonly finishedAt: Moment | null;
  readonly outcome: 'running' | 'complete' | 'incomplete' | 'failed';
  readonly proof: ReadProof | null;
  /** Error code of a failed read. */
  readonly error: string | null;
}

export interface StoredSighting {
  readonly userId: UserId;
  readonly collector: string;
  readonly directory: string;
  readonly sourceType: 'active-directory' | 'ldif';
  /** The newest complete read that saw the user; `entry` is what it saw. */
  readonly read: ReadRecord;
  readonly firstSeenAt: Moment;
  /** As the read brought it, with the last logon of the latest survey where that is later (C4). */
  readonly entry: DirectoryEntry;
  /** What is known of it when the latest complete read did not bring it; `null`: that one did, or nothing is known. */
  readonly absence: Absence | null;
}

/** One directory as one collector reads it. */
export type SourceKey = Pick<ReadRecord, 'organization' | 'collector' | 'directory'>;

/** What the reads of a source have come to. */
export interface SourceReads {
  /** The newest, whatever its outcome. */
  readonly latest: ReadRecord;
  /** The newest complete one, of everything or of changes. */
  readonly latestComplete: ReadRecord | null;
  /** The newest complete one of everything: what its proof counts is what later reads are judged by (C1). */
  readonly latestFull: ReadRecord | null;
  readonly logons: StoredLogonSurvey | null;
}

/** The latest survey of last logons, without the logons. */
export interface StoredLogonSurvey extends Omit<LogonSurvey, 'logons'> {
  readonly at: Moment;
}

/** The state of a source that the hub has (H2). */
export interface AcknowledgedState {
  /** As whom the hub knows this collector: what another hub has is nothing to build on. */
  readonly by: string;
  /** Number of the complete read whose state it is. */
  readonly read: number;
  /** Of that read (D1). */
  readonly family: string;
  /** Which survey of last logons it holds; `null`: none. */
  readonly survey: string | null;
}

/** Some records of a source's state. */
export interface SourceStatePage {
  /** Users whom the latest complete read brought, as the directory told them: later logons of surveys are apart. */
  readonly entries: readonly DirectoryEntry[];
  /** Users of the same family whom it did not bring, by immutable id. */
  readonly absences: readonly (readonly [string, Absence])[];
  /** Latest logons that surveys brought, by immutable id; 0: there was none. */
  readonly logons: readonly (readonly [string, Moment])[];
}

/** What a source has come to at one moment: whole, or what changed since a state that the hub has. Must be closed. */
export interface SourceState {
  /** The latest complete read: the one whose state this is. */
  readonly read: ReadRecord;
  /** The read whose state this one builds on; `null`: this one is whole. */
  readonly base: number | null;
  readonly counts: { readonly entries: number; readonly absences: number; readonly logons: number };
  /** The survey whose logons are among the records; `null`: there is none, or the hub has it. */
  readonly survey: StoredLogonSurvey | null;
  /** What the hub has once it has this. */
  readonly reaches: Omit<AcknowledgedState, 'by'>;
  /** The records in an order that is the same each time, at most so many a page. May be asked for again. */
  pages(mostRecords: number): AsyncIterable<SourceStatePage>;
  close(): Promise<void>;
}

/** What lands together with the entries of a read. */
export interface Landing {
  readonly proof: ReadProof;
  readonly checkpoint: JsonObject | null;
  /** By immutable id, for users that the read did not bring. Ids that the source never saw are left out. */
  readonly absences: ReadonlyMap<string, Absence>;
}

/** Where the pages of one running read go. Nothing of it is seen by anybody until `complete`. */
export interface ReadSink {
  add(entries: readonly DirectoryEntry[]): Promise<void>;
  /** Forgets what was added so far: the reader starts over on another server. */
  restart(): Promise<void>;
  /**
   * The users of this source that were not added so far, in the order of their ids: whom a read of everything would leave without.
   * Those who were absent before are among them. `among`: of these ids only; `null` or absent: of all.
   */
  absentees(among?: readonly string[] | null): Promise<readonly Absentee[]>;
  /** Those added whom the latest complete read did not bring: how many, and the names that come first. */
  newcomers(mostNames: number): Promise<{ readonly count: number; readonly names: readonly string[] }>;
  /**
   * Lands the read in one transaction, with its checkpoint and what is known of absent users. A read of everything: its entries
   * replace those of earlier reads of the same collector and directory, and users that it did not bring stay as they were last seen.
   * A read of changes: users that it neither brought nor tells absent stay as they are. Throws `INTERNAL`, and lands nothing, when
   * the proof is not complete, counts other users than were added, or is of changes of another family than the latest complete read.
   */
  complete(landing: Landing, at: Moment): Promise<ReadRecord>;
  /** Records the read as incomplete or failed; what was added is dropped. */
  abandon(outcome: 'incomplete' | 'failed', error: string, proof: ReadProof | null, at: Moment): Promise<ReadRecord>;
}

/** A collector of an organization, as the hub last heard of it. */
export interface CollectorRecord {
  readonly name: string;
  /** Name of the IT Glue location that it stands in (E6); empty: none is given. */
  readonly location: string;
  readonly subnets: readonly string[];
  readonly version: string;
}

/** What deleting a collector takes along (D5). */
export interface CollectorImpact {
  readonly directories: readonly string[];
  /** Whom it has seen. */
  readonly users: number;
  /** Of them, those whom no other collector has seen: they go, with their matches. */
  readonly onlyHere: number;
  readonly matchesLost: number;
  /** Some of those who go. */
  readonly names: readonly string[];
}

/** A collector whose deletion can still be taken back. */
export interface DeletedCollector {
  readonly name: string;
  readonly deletedAt: Moment;
}

export type RunOutcome = 'running' | 'done' | 'partly' | 'held' | 'failed' | 'interrupted';

export interface RunRecord {
  readonly id: RunId;
  readonly organization: OrganizationId;
  readonly command: string;
  readonly startedAt: Moment;
  readonly finishedAt: Moment | null;
  readonly outcome: RunOutcome;
  readonly planHash: string | null;
  /** Counts by name, for example `{ "created": 3, "updated": 10, "failed": 1 }`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Error code and sentence when it failed. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What started it, for example `by hand`, `schedule`, `catch-up`, `reload`; `null`: of before it was kept. */
  readonly trigger: string | null;
  /** JSON: what else there is to tell of the run; `null` when nothing was kept. */
  readonly detail: unknown;
}

/** Which runs: those that meet all that is given. */
export interface RunQuery {
  readonly organization?: OrganizationId;
  /** Started at this moment or later. */
  readonly since?: Moment;
  readonly outcomes?: readonly RunOutcome[];
  readonly commands?: readonly string[];
  readonly limit: number;
}

/** What there is of one organization, counted. */
export interface OrganizationCounts {
  /** Directory users, missing ones and those out of scope too. */
  readonly users: number;
  readonly matched: number;
  readonly ignored: number;
  /** Users that no latest complete read brought. */
  readonly notSeen: number;
  /** Those of them who were last seen since the moment that was asked for, by a read of the same scope as the latest complete one. */
  readonly vanished: number;
  /** Differences that the newest plan left alone. */
  readonly conflicts: number;
  /** Contacts that the newest plan did not push because a person has to choose (P8). */
  readonly psaHeld: number;
}

/** What `status` says of a held plan, without its changes: they may be many. */
export type HeldPlanSummary = Pick<Plan, 'organization' | 'hash' | 'madeAt' | 'guards' | 'held'>;

/** What `prune` deleted. */
export interface PruneCounts {
  readonly runs: number;
  readonly entries: number;
  readonly reads: number;
  readonly backups: number;
}

/** The outside operations of the journal. */
export type Operation =
  | 'create-contact'
  | 'update-contact'
  | 'delete-contacts'
  | 'create-overlay-type'
  | 'create-overlays'
  | 'update-overlays'
  | 'delete-overlays'
  | 'create-psa-contact'
  | 'complete-psa-contact'
  | 'update-psa-contact';

export type IntentState =
  /** Durable before the request is sent; found at start, it is settled by looking (A2). */
  | 'intended'
  | 'done'
  /** The target said no; nothing was written. */
  | 'refused'
  /** It is certain that nothing was written (settled, or never sent). */
  | 'not-done'
  /** The answer never came; to be settled. */
  | 'unknown';

/** One outside write in the journal: what was meant, what was there before, what became of it. */
export interface JournalEntry {
  readonly id: number;
  readonly run: RunId;
  readonly organization: OrganizationId;
  /** Id of the change in the plan; several changes when the operation is in bulk. */
  readonly changes: readonly string[];
  readonly operation: Operation;
  readonly user: UserId | null;
  readonly contactId: ContactId | null;
  /** The record in the target that is written; `null` until a create is answered. */
  readonly record: string | null;
  /** JSON: what is sent, in the words of the ports. */
  readonly request: unknown;
  /** JSON: the before-image; `null` for creates. */
  readonly before: unknown;
  readonly state: IntentState;
  /** JSON: the answer, or the reason of a refusal. */
  readonly result: unknown;
  readonly intendedAt: Moment;
  readonly settledAt: Moment | null;
  /** Set when `undo` put it back: the run that did. */
  readonly undoneBy: RunId | null;
}

export type NewJournalEntry = Pick<
  JournalEntry,
  'run' | 'organization' | 'changes' | 'operation' | 'user' | 'contactId' | 'record' | 'request' | 'before'
>;

/** What a plan decided about one user or contact, kept for `contacts` and `explain`, which work offline. JSON. */
export interface DecisionRecord {
  /** A user's id, or `contact:ID` for a contact without a user. */
  readonly key: string;
  readonly decidedAt: Moment;
  readonly body: unknown;
}

/**
 * rollcall's memory. Every method is one transaction; a method that resolved is durable. A store in a file has one writer at a time:
 * opening for writing throws `STORE_LOCKED` when another has it. One in a database has several (H4): what writes about an organization
 * throws `ORGANIZATION_BUSY` while another is in charge of it, and `STORE_LEASE_LOST` when the lease has gone to another. Opening for writing ends what
 * processes that are gone left running: runs as `interrupted`, reads as `failed`. A call that fails because the database cannot be
 * reached may be repeated when it is known what became of it; the next call connects anew. Times come from the caller. A store that
 * was opened for reading rejects what writes.
 */
export interface Store {
  /** The lease of the organization for whoever plans for it (H4). What an earlier holder left running is ended as by opening. */
  acquireLease(organization: OrganizationId, at: Moment): Promise<LeaseAnswer>;
  /** A read of the same collector and directory that still runs is ended as failed (`INTERRUPTED`): its sink takes nothing more. */
  beginRead(read: {
    readonly organization: OrganizationId;
    readonly collector: string;
    readonly directory: string;
    readonly sourceType: 'active-directory' | 'ldif';
    readonly at: Moment;
  }): Promise<ReadSink>;
  /** Per collector and directory, in the order of their names. */
  listReads(organization: OrganizationId): Promise<readonly SourceReads[]>;
  /** What the latest landed read left for the next one; `null` when there was none, or it left nothing. */
  checkpoint(source: SourceKey): Promise<JsonObject | null>;
  /** Ids of users of the source that were locked out when the latest read that brought them saw them. */
  lockedUsers(source: SourceKey): Promise<readonly string[]>;
  /** What the source keeps for itself (`SourceMemory`). */
  sourceMemory(source: SourceKey): Promise<JsonObject | null>;
  keepSourceMemory(source: SourceKey, value: JsonObject): Promise<void>;
  /**
   * Replaces the last logons that the source's surveys brought; of users that this one did not bring the earlier one stays. A survey
   * that is not exact only moves them forward. Users that the source never saw are left out.
   */
  saveLogons(source: SourceKey, survey: LogonSurvey, at: Moment): Promise<void>;
  /**
   * Sightings of the organization in the order of user id, in pages of some 1,000, as they are when the first page is asked for:
   * the store may be written to meanwhile. A user whose `read` is not the latest complete one of its source was not in that one.
   */
  sightings(organization: OrganizationId): AsyncIterable<readonly StoredSighting[]>;

  /** In the order of their names. What was heard of one stays when it is deleted. */
  collectors(organization: OrganizationId): Promise<readonly CollectorRecord[]>;
  saveCollector(organization: OrganizationId, record: CollectorRecord): Promise<void>;
  /** `null`: nothing that is there comes from it. */
  collectorImpact(organization: OrganizationId, name: string, mostNames: number): Promise<CollectorImpact | null>;
  deletedCollectors(organization: OrganizationId): Promise<readonly DeletedCollector[]>;
  /**
   * From now on nothing that it saw is handed out, and no state of a user whom nobody else sees (D5). Whether there was something. A
   * read by it that lands later brings it back.
   */
  deleteCollector(organization: OrganizationId, name: string, at: Moment): Promise<boolean>;
  /** As if it had not been deleted; whether there was something to bring back. */
  restoreCollector(organization: OrganizationId, name: string): Promise<boolean>;
  /** What one saw is what another one saw: a machine that takes the place of another (D5). Whether there was something. */
  replaceCollector(
    organization: OrganizationId,
    change: { readonly from: string; readonly to: string; readonly at: Moment },
  ): Promise<boolean>;
  /** Forgets for good what was deleted before the moment; says how many sources that were. */
  purgeCollectors(before: Moment): Promise<number>;
  /** 32 hexadecimal digits, the same as long as the store lives: numbers of reads mean something within one store only. */
  storeId(): Promise<string>;
  /**
   * The state of a source as it is now, whatever is written meanwhile: of `since`, only what changed after it, when that can be told
   * (the family is the same, and of every user who went it is known how); else all of it. `null`: no read was complete yet.
   */
  sourceState(source: SourceKey, since: AcknowledgedState | null): Promise<SourceState | null>;
  /** What the hub has of the source, as it was last told; `null`: nothing, or it is not known. */
  acknowledged(source: SourceKey): Promise<AcknowledgedState | null>;
  acknowledge(source: SourceKey, state: AcknowledgedState | null): Promise<void>;
  /** When the first complete read after that one ended, of those that are still known; `null`: there is none. */
  firstCompleteAfter(source: SourceKey, read: number): Promise<Moment | null>;

  organizationState(organization: OrganizationId): Promise<OrganizationState>;
  saveOrganizationState(organization: OrganizationId, state: OrganizationState): Promise<void>;

  userStates(organization: OrganizationId): Promise<readonly UserState[]>;
  saveUserStates(organization: OrganizationId, states: readonly UserState[]): Promise<void>;

  contactBases(organization: OrganizationId): Promise<readonly ContactBase[]>;
  /** Fields that are not named keep their base. */
  saveContactBases(organization: OrganizationId, bases: readonly ContactBase[]): Promise<void>;

  contactStates(organization: OrganizationId): Promise<readonly ContactState[]>;
  saveContactStates(organization: OrganizationId, states: readonly ContactState[]): Promise<void>;

  /** The plan that waits for approval, or `null`. */
  heldPlan(organization: OrganizationId): Promise<Plan | null>;
  heldPlanSummary(organization: OrganizationId): Promise<HeldPlanSummary | null>;
  holdPlan(plan: Plan): Promise<void>;
  dropHeldPlan(organization: OrganizationId): Promise<void>;

  /** `trigger` not given: `by hand`. */
  startRun(run: {
    readonly organization: OrganizationId;
    readonly command: string;
    readonly trigger?: string;
    readonly at: Moment;
  }): Promise<RunId>;
  /** Throws `STORE_LEASE_LOST` for a run that another process has ended in its place. */
  finishRun(
    run: RunId,
    end: Pick<RunRecord, 'outcome' | 'planHash' | 'counts' | 'error'> & { readonly detail?: unknown; readonly at: Moment },
  ): Promise<void>;
  /** Newest first. */
  listRuns(query: RunQuery): Promise<readonly RunRecord[]>;
  getRun(run: RunId): Promise<RunRecord | null>;

  /** Commits the intent before the request is sent (A2). Durable against power loss when it resolves. */
  recordIntent(entry: NewJournalEntry, at: Moment): Promise<number>;
  /** Commits what became of it, together with what is remembered because of it. Throws `INTERNAL` when the entry is not open. */
  recordResult(
    id: number,
    outcome: {
      readonly state: Exclude<IntentState, 'intended'>;
      readonly record?: string;
      readonly contactId?: ContactId;
      readonly result: unknown;
    },
    remember: {
      readonly users?: readonly UserState[];
      readonly bases?: readonly ContactBase[];
      readonly contacts?: readonly ContactState[];
      readonly organization?: OrganizationState;
    },
    at: Moment,
  ): Promise<void>;
  /** Entries in state `intended` or `unknown`, oldest first. */
  openIntents(organization: OrganizationId): Promise<readonly JournalEntry[]>;
  /** All entries of a run, in the order they were made. */
  journal(run: RunId): Promise<readonly JournalEntry[]>;
  markUndone(ids: readonly number[], by: RunId): Promise<void>;

  /** Replaces the decisions of the organization by those of the newest plan. */
  saveDecisions(organization: OrganizationId, decisions: readonly DecisionRecord[]): Promise<void>;
  decisions(organization: OrganizationId): Promise<readonly DecisionRecord[]>;
  decision(organization: OrganizationId, key: string): Promise<DecisionRecord | null>;

  /** Counted where the rows are: for `status`, which must stay cheap. */
  organizationCounts(organization: OrganizationId, vanishedSince: Moment): Promise<OrganizationCounts>;
  /**
   * Forgets what began before the moment: runs with their journal, reads that nothing refers to, backups but the newest. Runs that
   * hold an open intent stay whole, and so does all that planning looks at: what a plan would do is the same after it. Works in
   * small steps, between which other calls get their turns; when it is stopped in between, the next one goes on.
   */
  prune(before: Moment): Promise<PruneCounts>;

  close(): Promise<void>;
}
