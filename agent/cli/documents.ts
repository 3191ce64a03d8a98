import type { AdStatus, LogonAccuracy, Presence } from '../../core/model/directory-user.ts';
import type { Change, FieldChange } from '../../core/model/plan.ts';
import type { GuardKind } from '../../core/model/settings.ts';
import type { MatchState } from '../../core/model/state.ts';
import type { RunOutcome } from '../../core/ports/store.ts';
import type { ContactPsaDocument, NotPushedDocument, PushOutlookDocument, PushReconciliationDocument } from './documents-push.ts';
import type { DirectoryReadDocument, ScopeDocument, ScopePreviewDocument } from './documents-reads.ts';
import type { RunStory, RunsSummaryDocument } from './documents-runs.ts';
import type { DirectoryStatusDocument, ProblemPart, ServiceStatusDocument, StoreStatus } from './documents-status.ts';

/**
 * The JSON documents of `--json`. Names are fixed surface: members may be added, none is renamed or removed within one
 * `formatVersion`. Dates are RFC 3339 UTC (`2026-11-22T08:30:00.000Z`), `null` is unknown.
 */
export const formatVersion = 1;

/** RFC 3339 UTC. */
type DateText = string;

/** A failure as a document names it; `place` tells file and path, server or record. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly place: Readonly<Record<string, string | number | boolean | null>>;
  /** Only `CONFIG_INVALID` and `CONFIG_PLAIN_SECRET`: every problem of the file. */
  readonly problems?: readonly ConfigProblemDocument[];
}

interface ConfigProblemDocument {
  /** For example `directories[0].tls.mode`. */
  readonly path: string;
  readonly expected: string;
  /** What was there; a secret or an unexpected long text is described, not repeated. */
  readonly found: string;
  readonly message: string;
}

/** What every document has. */
export interface DocumentBase {
  readonly formatVersion: 1;
}

/** What the documents of one organization have. */
interface OrganizationDocument extends DocumentBase {
  readonly organization: string;
  /** The organization's name in IT Glue, when it is known. */
  readonly organizationName: string | null;
}

interface CandidateDocument {
  readonly contactId: string;
  readonly name: string;
  /** In words, strongest first: `e-mail is equal`, `last name is equal`. */
  readonly evidence: readonly string[];
}

/** One row of the contact-matching table. */
export interface ContactRow {
  /** The user's id within rollcall (D1). */
  readonly id: string;
  readonly source: { readonly type: 'active-directory' | 'ldif'; readonly directory: string; readonly id: string };
  /** `null` when the source is no Active Directory. */
  readonly objectGuid: string | null;
  readonly name: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly adStatus: AdStatus;
  /** A date, or `never`. */
  readonly lastLogon: DateText | null;
  readonly lastLogonAccuracy: LogonAccuracy;
  readonly lastPasswordReset: DateText | null;
  /** A date, `never`, or `at next logon`. */
  readonly passwordExpires: DateText | null;
  readonly state: MatchState;
  readonly contactId: string | null;
  /** Why it is in that state, one sentence with the rule's id in front: `M1: e-mail is equal`. */
  readonly reason: string;
  readonly candidates: readonly CandidateDocument[];
  /** Ids of the users that contest the same contact (M4). */
  readonly rivals: readonly string[];
  readonly scope: 'in' | 'out';
  /** C10: whether the latest complete read brought the user, or what is known of one that it did not. */
  readonly presence?: Presence;
  /** Since when and why it is not present; `null`: it is, or nothing is known of it. */
  readonly absence?: { readonly since: DateText | null; readonly why: string } | null;
  /** E9. */
  readonly ownedElsewhere: boolean;
  readonly conflicts: readonly Pick<ConflictDocument, 'field' | 'ours' | 'theirs' | 'with'>[];
  readonly collectors: readonly string[];
  readonly psa: ContactPsaDocument;
  /** E8, E10: the contact type and flag that a setting asks for, `null` where it leaves them, and which setting; `null`: none does. */
  readonly contactType?: {
    readonly rule: 'E2' | 'E8' | 'E10';
    readonly name: string | null;
    readonly important: boolean | null;
    readonly reason: string;
  } | null;
  /** E8: since when rollcall has seen the user as a leaver, and when its setting acts (`null`: it asks for nothing); `null`: no leaver. */
  readonly leaver?: {
    readonly kind: 'disabled' | 'gone' | 'missing';
    readonly since: DateText;
    readonly actsAt: DateText | null;
    readonly acts: boolean;
  } | null;
}

/** `contacts list`, `contacts show` (one row) and the answer to `contacts match|create|ignore|restore|unmatch` (the rows touched). */
export interface ContactsDocument extends OrganizationDocument {
  /** C8's sentence when the organization's directories have no credentials; else `null`. */
  readonly message: string | null;
  /** Of the whole organization, whatever was searched for. */
  readonly counts: Readonly<Record<MatchState, number>>;
  readonly contacts: readonly ContactRow[];
  readonly notices: readonly string[];
}

export interface HeldDocument {
  /** `onboarding`, the kinds of exceeded guards, `PSA_DOUBLE_PUSH`; several joined by a comma. */
  readonly reason: string;
  readonly hash: string;
}

export interface GuardDocument {
  readonly kind: GuardKind;
  readonly count: number;
  readonly limit: number;
  readonly exceeded: boolean;
  /** Some of those it is about. */
  readonly names: readonly string[];
}

export interface ChangeDocument {
  readonly id: string;
  readonly kind: Change['kind'];
  readonly system: Change['system'];
  /** The user's id; `null` for a contact without one. */
  readonly user: string | null;
  /** The user's or contact's name, for people. */
  readonly label: string;
  readonly record: string | null;
  readonly rule: string;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly reason: string;
}

export interface ConflictDocument {
  readonly user: string | null;
  readonly contactId: string | null;
  readonly label: string;
  readonly field: string;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly with: 'it-glue' | 'psa';
}

/** `plan`. A held plan is still a plan: exit 0. */
export interface PlanDocument extends OrganizationDocument {
  /** The run that read the directories; `null` with `--no-scan`. */
  readonly run: string | null;
  readonly message: string | null;
  readonly hash: string;
  readonly held: HeldDocument | null;
  readonly guards: readonly GuardDocument[];
  /** What the scopes of directories that were read in another one than before take in and leave out. */
  readonly scope: readonly ScopeDocument[];
  readonly changes: readonly ChangeDocument[];
  readonly conflicts: readonly ConflictDocument[];
  readonly notices: readonly string[];
  /** The organization could not be planned; then the lists are empty. */
  readonly error: ErrorDocument | null;
}

interface ItemDocument {
  /** Id of the change in the plan. */
  readonly change: string;
  readonly kind: Change['kind'];
  readonly system: Change['system'];
  readonly user: string | null;
  readonly label: string;
  readonly record: string | null;
}

type AppliedDocument = ItemDocument;

interface SkippedDocument extends ItemDocument {
  readonly reason: string;
}

interface FailedDocument extends ItemDocument {
  readonly code: string;
  readonly message: string;
  /** The next run tries it again as it is. */
  readonly retryable: boolean;
}

/** `sync` and `approve`. */
export interface SyncDocument extends OrganizationDocument {
  readonly run: string | null;
  readonly message: string | null;
  readonly hash: string | null;
  /** What the scopes of directories that were read in another one than before take in and leave out. */
  readonly scope: readonly ScopeDocument[];
  readonly applied: readonly AppliedDocument[];
  readonly failed: readonly FailedDocument[];
  readonly skipped: readonly SkippedDocument[];
  readonly held: HeldDocument | null;
  /** All six kinds of A3. */
  readonly guards: readonly GuardDocument[];
  readonly conflicts: readonly ConflictDocument[];
  readonly notices: readonly string[];
  /** The run was stopped by a signal; what was applied until then stands. */
  readonly interrupted: boolean;
  /** The organization's run failed as a whole. */
  readonly error: ErrorDocument | null;
}

/** `push`. */
export interface PushDocument extends SyncDocument {
  /** Contacts that were asked for and do not meet the PSA's requirements (P1). */
  readonly notEligible: readonly { readonly contactId: string; readonly label: string; readonly missing: readonly string[] }[];
  /** Of contacts that were named: those that nothing is done about, and why. */
  readonly notPushed?: readonly NotPushedDocument[];
  /** The question was answered with no: nothing was done. */
  readonly declined: boolean;
  /** With `--all`, when the push was not stopped: both sides, counted afresh; `null`: they could not be. */
  readonly reconciliation?: PushReconciliationDocument | null;
}

/** The plan of a push, as a person is asked about it. */
export interface PushPlanDocument extends PlanDocument {
  readonly outlook?: PushOutlookDocument;
}

/** `reject`. */
export interface RejectDocument extends OrganizationDocument {
  readonly hash: string;
  readonly rejected: true;
  readonly reason: string;
}

/** `scan`. */
export interface ScanDocument extends OrganizationDocument {
  readonly run: string | null;
  readonly message: string | null;
  readonly directories: readonly DirectoryReadDocument[];
  readonly notices: readonly string[];
}

/** One test of `validate`. */
export interface CheckDocument {
  readonly what: 'configuration' | 'store' | 'directory' | 'it-glue' | 'organization' | 'psa' | 'hub';
  /** What was tested: the file, the directory's name, the vendor's name, the organization's id. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** In the order to show them. */
  readonly facts: Readonly<Record<string, string>>;
  /** Why it was skipped, or what to know although it passed. */
  readonly note: string | null;
  /** Only of a directory whose configured scope is not that of its latest read: whom it would take in and leave out. */
  readonly scope?: ScopePreviewDocument;
  readonly error: ErrorDocument | null;
}

/** `validate`. */
export interface ValidateDocument extends DocumentBase {
  readonly file: string;
  readonly valid: boolean;
  readonly checks: readonly CheckDocument[];
  readonly notices: readonly string[];
}

export interface RunDocument {
  readonly run: string;
  readonly organization: string;
  readonly command: string;
  readonly startedAt: DateText;
  readonly finishedAt: DateText | null;
  readonly outcome: RunOutcome;
  readonly hash: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What started it: `by hand`, `schedule`, `catch-up` …; `null`: not known. */
  readonly trigger: string | null;
  /** Failed records by error code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** `runs`: newest first. */
export interface RunsDocument extends DocumentBase {
  /** Only with `--since`: what happened since then, per organization, of all runs. */
  readonly summary: readonly RunsSummaryDocument[];
  readonly runs: readonly RunDocument[];
}

export interface JournalEntryDocument {
  readonly id: number;
  readonly changes: readonly string[];
  readonly operation: string;
  readonly user: string | null;
  readonly contactId: string | null;
  readonly record: string | null;
  readonly label: string;
  /** `done`, `refused`, `not-done`, `unknown` or `intended`. */
  readonly state: string;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly at: DateText;
  readonly settledAt: DateText | null;
  /** Why it was refused, or what is not known. */
  readonly reason: string | null;
  /** The run that undid it. */
  readonly undoneBy: string | null;
}

/** `runs show RUN`. */
export interface RunDetailDocument extends DocumentBase, RunDocument {
  readonly organizationName: string | null;
  /** What there is to tell besides its writes; `null` of runs of earlier versions. */
  readonly detail: RunStory | null;
  readonly journal: readonly JournalEntryDocument[];
}

export interface UndoItemDocument {
  readonly system: Change['system'];
  readonly record: string | null;
  readonly label: string;
  readonly fields: Readonly<Record<string, FieldChange>>;
  /** Why it was left alone or failed; `null` when it was put back. */
  readonly reason: string | null;
}

/** `undo RUN`. As a preview (before the question of `--delete-created`) the lists say what would be done. */
export interface UndoDocument extends OrganizationDocument {
  /** The run of the undo itself; `null` in a preview. */
  readonly run: string | null;
  /** The run that was undone. */
  readonly undone: string;
  readonly restored: readonly UndoItemDocument[];

  /**
   * Records that the run created (E8), with what became of them. `deletable`: `--delete-created` would delete it, or make it inactive
   * where it is in a PSA (`inactivated`).
   */
  readonly created: readonly (UndoItemDocument & {
    readonly deleted: boolean;
    readonly deletable?: boolean;
    readonly inactivated?: boolean;
  })[];
  readonly skipped: readonly UndoItemDocument[];
  readonly failed: readonly (UndoItemDocument & { readonly code: string; readonly retryable: boolean })[];
  /** The question was answered with no: nothing was done. */
  readonly declined: boolean;
  /** What stays as it is, in words. */
  readonly notices?: readonly string[];
  readonly interrupted: boolean;
}

type Health = 'healthy' | 'degraded' | 'failed';

export interface ProblemDocument extends ErrorDocument {
  readonly part: ProblemPart;
  readonly severity: 'degraded' | 'failed';
  readonly organization: string | null;
  readonly since: DateText | null;
}

export interface OrganizationStatusDocument {
  readonly organization: string;
  readonly organizationName: string | null;
  readonly users: number;
  readonly counts: Readonly<Record<MatchState, number>>;
  readonly conflicts: number;
  /** Contacts that a person has to choose among before they go to the PSA (P8). */
  readonly psaHeld: number;
  /** How it maps to a company of the PSA, or why nothing goes there; `null`: no run has looked yet, or there is no PSA. */
  readonly psa: string | null;
  /** Users that the latest complete reads did not bring. */
  readonly notSeen: number;
  readonly onboarded: boolean;
  readonly lastScanAt: DateText | null;
  readonly lastSyncAt: DateText | null;
  /** When the newest sync that did not fail ended; a held one did not. */
  readonly lastSuccessAt: DateText | null;
  readonly message: string | null;
}

/** `status`: one document for all organizations. */
export interface StatusDocument extends DocumentBase, StoreStatus {
  readonly health: Health;
  readonly problems: readonly ProblemDocument[];
  /** The last run of each organization and command. */
  readonly runs: readonly RunDocument[];
  readonly service: ServiceStatusDocument;
  /** Runs to come, soonest first; empty when no service runs. `null`: of all organizations. */
  readonly next: readonly { readonly organization: string | null; readonly command: string; readonly at: DateText }[];
  readonly held: readonly (HeldDocument & {
    readonly organization: string;
    readonly since: DateText | null;
    readonly guards: readonly GuardDocument[];
  })[];
  readonly organizations: readonly OrganizationStatusDocument[];
  readonly directories: readonly DirectoryStatusDocument[];
  readonly notices: readonly string[];
}

export type ExplainStage = 'collect' | 'dedupe' | 'match' | 'enrich' | 'eligibility' | 'push' | 'plan';

/** One rule that touched the user. */
export interface ExplainStep {
  readonly stage: ExplainStage;
  readonly rule: string;
  /** One sentence: what the rule decided. */
  readonly decision: string;
  /** What it compared, what it saw, who else came close. */
  readonly details: readonly string[];
  /** The rule that settled the stage. */
  readonly decisive: boolean;
}

/** `explain USER`: from the store alone, offline. */
export interface ExplainDocument extends OrganizationDocument {
  readonly user: ContactRow;
  /** When the newest plan decided; `null` before the first plan. */
  readonly decidedAt: DateText | null;
  /** In the order of the way of the data. */
  readonly steps: readonly ExplainStep[];
  /** What the newest plan would do, or did, about this user. */
  readonly changes: readonly ChangeDocument[];
  readonly notices: readonly string[];
}

/** Answer of `--json` when a command fails. */
export interface FailureDocument extends DocumentBase {
  readonly error: ErrorDocument;
}

/** Several organizations, one document each. */
export interface ManyDocument<Document> extends DocumentBase {
  readonly organizations: readonly Document[];
}
