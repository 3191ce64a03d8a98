import type { ErrorDocument } from './documents.ts';

/** RFC 3339 UTC. */
type DateText = string;

/** What of the whole a problem is about. */
export type ProblemPart = 'directory' | 'it-glue' | 'psa' | 'store' | 'service' | 'notify' | 'log' | 'configuration' | 'plan' | 'hub';

/** Which store it is; no secret is in it. */
export interface StoreStatus {
  readonly store: {
    readonly kind: 'embedded' | 'postgresql';
    /** The file, or the database and its host. */
    readonly place: string;
  };
}

/** The service of the state directory. */
export interface ServiceStatusDocument {
  /** `none`: no service ever ran here. */
  readonly state: 'running' | 'not-running' | 'none';
  readonly version: string | null;
  readonly pid: number | null;
  readonly startedAt: DateText | null;
  /** When it stopped in order; `null` while it runs, and after a crash. */
  readonly stoppedAt: DateText | null;
  /** When these facts were true. */
  readonly at: DateText | null;
  readonly configLoadedAt: DateText | null;
  readonly current: { readonly command: string; readonly startedAt: DateText } | null;
  readonly lastSuccessAt: DateText | null;
  readonly watch: WatchStatus | null;
}

/** The watch of two-way sync; `null` where it stands: nothing is watched, or no service runs. */
export interface WatchStatus {
  readonly lastLookAt: DateText | null;
  /** The last look that saw both sides. */
  readonly lastGoodAt: DateText | null;
  /** The newest change that was seen on each side. */
  readonly seenTo: { readonly itGlue: DateText | null; readonly psa: DateText | null };
  readonly nextLookAt: DateText;
  /** Why looks fail, and since when; `null`: the last one did not. */
  readonly failing: { readonly code: string; readonly message: string; readonly since: DateText } | null;
}

/** One read of a directory. */
export interface DirectoryReadStatus {
  /** `null`: it failed before it was known. */
  readonly kind: 'full' | 'changes' | null;
  readonly outcome: 'running' | 'complete' | 'incomplete' | 'failed';
  /** When it ended, or began when it still runs. */
  readonly at: DateText;
  readonly durationMs: number | null;
  /** Users that it brought: of changes, the changed ones. */
  readonly users: number | null;
  /** The server that was read, or the file. */
  readonly server: string | null;
  readonly site: string | null;
  /** Code of a failure. */
  readonly error: string | null;
}

/** One directory as the store knows it, without asking it. */
export interface DirectoryStatusDocument {
  readonly organization: string;
  readonly collector: string;
  readonly directory: string;
  readonly type: 'active-directory' | 'ldif';
  readonly lastRead: DirectoryReadStatus;
  readonly lastComplete: DirectoryReadStatus | null;
  /** The newest complete read of everything. */
  readonly lastFull: DirectoryReadStatus | null;
  /** Whether deleted users can be seen as such (C10); `null`: not known. */
  readonly tombstones: 'visible' | 'hidden' | null;
  /** The survey of the last logons at all domain controllers (C4); `null`: there was none. */
  readonly logons: {
    readonly at: DateText;
    /** All of them answered. */
    readonly exact: boolean;
    readonly answered: number;
    readonly asked: number;
    readonly failed: readonly { readonly server: string; readonly code: string }[];
  } | null;
  /** Codes of the problems that are about it. */
  readonly problems: readonly string[];
}

/** `status` in few words: what monitors and notifications need. It names no person. */
export interface StatusSummary {
  readonly health: 'healthy' | 'degraded' | 'failed';
  readonly problems: readonly {
    readonly code: string;
    readonly part: ProblemPart;
    readonly severity: 'degraded' | 'failed';
    readonly organization: string | null;
    readonly since: DateText | null;
    readonly message: string;
    readonly hint: string;
    readonly place: ErrorDocument['place'];
  }[];
  readonly counts: readonly OrganizationCountsDocument[];
}

export interface OrganizationCountsDocument {
  readonly organization: string;
  readonly users: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly ignored: number;
  readonly notSeen: number;
  readonly conflicts: number;
  readonly psaHeld: number;
  /** 1 while a plan is held. */
  readonly heldPlans: number;
  readonly lastSyncAt: DateText | null;
  readonly lastSuccessAt: DateText | null;
}
