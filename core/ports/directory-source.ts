import type { AbsenceEvidence, Absentee } from '../model/absence.ts';
import type { DirectoryEntry } from '../model/directory-user.ts';
import type { JsonObject } from '../model/json.ts';
import type { Moment } from '../model/time.ts';
import type { DirectoryExamination } from './directory-examination.ts';

/** What a read proved about itself (C1). */
export interface ReadProof {
  /** `changes`: the read brought what changed since the one before it, on which it builds (C9); absent: everything. */
  readonly kind?: 'full' | 'changes';
  /** Why everything was read although only changes might have done, in words. */
  readonly fullBecause?: string;
  /** Every base was read to an empty cookie, no limit was hit, no value range was left unread. */
  readonly complete: boolean;
  /** Why it is not complete, in words; empty when it is. */
  readonly gaps: readonly string[];
  /** Entries handed over. */
  readonly users: number;
  /** Entries left out by C2 and by the operator's scope, by reason in words. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Readable organizational units and containers below the bases: fewer than last time makes a read unproven. */
  readonly containers: number;
  /**
   * Deleted ones that were below the bases, whenever they were deleted and as long as the directory keeps them: what a read has more
   * of than the one before accounts for containers that it misses. Absent: deleted objects cannot be seen.
   */
  readonly containersDeleted?: number;
  /** The server that was read (`ldaps://dc1.corp.example.com`), or the file. */
  readonly server: string;
  /** Identity family of D1, for example `ad:corp.example.com` (the forest's root domain). */
  readonly family: string;
  /** Immutable id of the account that rollcall binds with, when the directory tells (E3). */
  readonly ownAccountId: string | null;
  /**
   * Text that changes when binding account, bases, filter, OUs or groups change: absence counts only between reads
   * of the same scope (C1).
   */
  readonly scopeKey: string;
  /** Records that were reported instead of handed over (an entry without objectGUID, say), with the reason; bounded. */
  readonly rejected: readonly { readonly dn: string; readonly reason: string }[];
  /**
   * Canonical DNs of the groups whose members, nested ones too, the entries tell (`DirectoryEntry.groups`); absent: none. They do
   * not belong to the scope: which users are read does not depend on them.
   */
  readonly groups?: readonly string[];
  /** Whether deleted users can be seen as such (C10); absent: it was not looked at. */
  readonly tombstones?: 'visible' | 'hidden';
  /** The site of the server, when it is known. */
  readonly site?: string;
}

/** What the next read is to know of those before it. */
export interface ReadRequest {
  /** What the latest landed read left for the next one; `null`: nothing, so everything is read. */
  readonly checkpoint: JsonObject | null;
  /** Read everything, even if what changed would do (C9). */
  readonly full: boolean;
  /** Why, in words, when nobody asked for it; `null`: somebody did, or it is not so. */
  readonly fullBecause: string | null;
  /** Ids of users to bring again although nothing of them was written: their state passes with time (C3, a lockout). */
  readonly recheck: readonly string[];
  /** A person waits for it: what is put off when nobody looks (a sign-in that was refused) is tried at once. */
  readonly attended: boolean;
  readonly memory: SourceMemory;
}

/** What a source keeps between its reads whatever became of them: which servers failed, a sign-in that was refused. */
export interface SourceMemory {
  /** As it was last kept; `null`: nothing yet. */
  readonly value: JsonObject | null;
  keep(value: JsonObject): Promise<void>;
}

/** Who takes what a read brings. */
export interface ReadHandler {
  onPage(entries: readonly DirectoryEntry[]): void | Promise<void>;
  /** Another server starts over: what was handed over is void. */
  onRestart(): void | Promise<void>;
  /**
   * Asked once at the end of a read of everything whose own proof is whole, by sources that can look for users: whom the store knows
   * and the read did not bring.
   */
  onAbsentees?(): Promise<readonly Absentee[]>;
}

/** What a read leaves. */
export interface DirectoryRead {
  readonly proof: ReadProof;
  /** For the next read; kept only together with what this one brought. `null`: the next one reads everything. */
  readonly checkpoint: JsonObject | null;
  /** What looking for users has shown; in a read of changes also of users that the store may not know. */
  readonly evidence: readonly AbsenceEvidence[];
}

/** What asking every domain controller for the last logon brought (C4). */
export interface LogonSurvey {
  readonly asked: readonly { readonly server: string; readonly users: number; readonly requests: number; readonly durationMs: number }[];
  readonly failed: readonly { readonly server: string; readonly code: string; readonly message: string }[];
  /** All controllers of the domain answered, so the latest logon of each user is the true one. */
  readonly exact: boolean;
  /** The latest logon by immutable id; 0: all that answered say that there was none. */
  readonly logons: ReadonlyMap<string, Moment>;
}

/** Result of a connection test: facts worth showing, in the order to show them. */
export interface DirectoryCheck {
  readonly server: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** One source of users. Built for one read or check at a time; holds nothing open between calls. */
export interface DirectorySource {
  readonly name: string;
  readonly type: 'active-directory' | 'ldif';

  /** Connects, authenticates, looks at the root and closes again. Throws `RollcallError` (`DIRECTORY_*`, `LDIF_*`). */
  check(): Promise<DirectoryCheck>;

  /**
   * Reads the users in scope and hands them over page by page; `onPage` is awaited before the next page is fetched, so memory
   * stays flat. With a checkpoint it brings what changed since, if that can be known for certain, else everything; the proof tells
   * which. Each user is handed over once. Servers are tried in turn; when one fails in mid-read, the next one starts over, after
   * `onRestart` has been awaited. A read that ends early but without a failure resolves with `complete: false`; failures are
   * thrown as `RollcallError`.
   */
  read(handler: ReadHandler, request: ReadRequest): Promise<DirectoryRead>;

  /**
   * Tells, without asking anybody, whether a read of what is configured now has this `ReadProof.scopeKey`; absent: only a read can tell.
   */
  readonly hasScope?: (scopeKey: string) => boolean;

  /** Asks all servers of the directory for the last logons, each for itself; absent: the source has none to ask. */
  readonly surveyLogons?: (request: Pick<ReadRequest, 'attended' | 'memory'>) => Promise<LogonSurvey>;

  /**
   * Looks at the directory's servers and at what the account may do, for `doctor`; writes nothing. `signIn` false: only from outside,
   * for whoever knows that the password is refused; each further try would count towards a lockout. What a look meets is in its
   * result; throws `CONFIG_INVALID`, `SECRET_EMPTY` and `INTERRUPTED`.
   */
  readonly examine?: (options: { readonly signIn: boolean }) => Promise<DirectoryExamination>;
}
