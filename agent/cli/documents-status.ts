import type { ErrorDocument } from './documents.ts';

/** RFC 3339 UTC. */
type DateText = string;

/** What of the whole a problem is about. */
export type ProblemPart = 'directory' | 'it-glue' | 'psa' | 'store' | 'service' | 'notify' | 'log' | 'configuration' | 'plan';

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
