import type { GuardKind } from '../../core/model/settings.ts';
import type { DirectoryReadDocument, RescopedDocument } from './documents-reads.ts';

/**
 * The story of a run, kept in the journal beside its writes: read what, planned what, held why, failed what. Members are there when
 * there is something to tell; the `changes`, `users` and `refused` are those of a `reload`.
 */
export interface RunStory {
  readonly reads?: readonly RunReadDocument[];
  /** Of a collector: what its hub has of each directory; `code`: why it has not. */
  readonly sent?: readonly {
    readonly directory: string;
    readonly state: string;
    readonly whole: boolean;
    readonly records: number;
    readonly code: string | null;
  }[];
  /** Changes of the plan, by kind. */
  readonly planned?: Readonly<Record<string, number>>;
  readonly held?: {
    readonly reason: string;
    readonly hash: string;
    readonly exceeded: readonly { readonly kind: GuardKind; readonly count: number; readonly limit: number }[];
  };
  /** The setting that let a plan through which a guard would have held, and how far it may go. */
  readonly letThrough?: {
    readonly rule: string;
    readonly contacts: number;
    readonly most: number;
    readonly exceeded: readonly { readonly kind: GuardKind; readonly count: number; readonly limit: number }[];
  };
  /** Why nothing can go to the PSA. */
  readonly psaProblem?: string;
  /** Contacts that IT Glue has not pushed in time by itself, and to what (P10). */
  readonly notSeen?: { readonly contacts: number; readonly psa: string };
  /** Failed records by error code. */
  readonly failures?: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly failed?: readonly RunFailureDocument[];
  /** Changes that were left for later, by reason. */
  readonly skipped?: Readonly<Record<string, number>>;
  /** Settings that an edit of the configuration changed; values are JSON text, `null` where there was none. */
  readonly changes?: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  /** Users that the edit takes in or leaves out. */
  readonly users?: { readonly takenIn: number; readonly leftOut: number } | null;
  /** Why the edit is not in force. */
  readonly refused?: { readonly code: string; readonly message: string };
}

export interface RunReadDocument {
  readonly directory: string;
  readonly outcome: 'complete' | 'incomplete' | 'failed' | 'none';
  readonly users: number;
  readonly leftOut: number;
  readonly server: string | null;
  readonly durationMs: number;
  /** Why it failed or is not complete. */
  readonly code: string | null;
  /** As in `DirectoryReadDocument`, like the following; stories of earlier versions lack them. */
  readonly kind?: DirectoryReadDocument['kind'];
  readonly fullBecause?: string | null;
  readonly absent?: DirectoryReadDocument['absent'];
  readonly rescoped?: RescopedDocument | null;
  /** The survey of last logons that went with it: how many domain controllers answered, and how many did not. */
  readonly logons?: { readonly exact: boolean; readonly asked: number; readonly failed: number } | null;
}

interface RunFailureDocument {
  readonly label: string;
  readonly kind: string;
  readonly system: string;
  readonly code: string;
  readonly message: string;
}

/** What happened in one organization since a moment, in one glance. */
export interface RunsSummaryDocument {
  readonly organization: string;
  readonly organizationName: string | null;
  /** RFC 3339 UTC. */
  readonly since: string;
  readonly runs: number;
  /** How the syncs and approvals ended. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What they wrote, by kind of change. */
  readonly written: Readonly<Record<string, number>>;
  /** Failed records by error code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Runs that failed as a whole, by error code, with the newest of each. */
  readonly errors: readonly { readonly code: string; readonly count: number; readonly lastAt: string; readonly run: string }[];
  /** Edits of the configuration that took effect, and those that were refused. */
  readonly reloads: { readonly accepted: number; readonly refused: number };
  readonly held: boolean;
  /** When the newest sync that did not fail began. */
  readonly lastSuccessAt: string | null;
}
