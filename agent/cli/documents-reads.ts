import type { Absence } from '../../core/model/absence.ts';
import type { ErrorDocument } from './documents.ts';

/** Whom a changed scope takes in and leaves out. */
export interface RescopedDocument {
  readonly takenIn: number;
  readonly leftOut: number;
  /** Some of them, sorted. */
  readonly names: { readonly takenIn: readonly string[]; readonly leftOut: readonly string[] };
}

export interface ScopeDocument extends RescopedDocument {
  readonly directory: string;
}

/** The same before anything was read under it for good. */
export interface ScopePreviewDocument extends ScopeDocument {
  /** Users in the new scope. */
  readonly users: number;
  /** Code of the reason why it could not be found out, or was not asked for; then the counts mean nothing. */
  readonly unknown: string | null;
}

/** What asking the domain controllers for the last logons brought (C4). */
export interface LogonSurveyDocument {
  /** All controllers of the domain answered. */
  readonly exact: boolean;
  readonly asked: readonly { readonly server: string; readonly users: number; readonly requests: number; readonly durationMs: number }[];
  readonly failed: readonly { readonly server: string; readonly code: string; readonly message: string }[];
  readonly durationMs: number;
}

export interface DirectoryReadDocument {
  readonly collector: string;
  readonly directory: string;
  readonly type: 'active-directory' | 'ldif';
  /** `none`: no credentials were given, nothing was read (C8). */
  readonly outcome: 'complete' | 'incomplete' | 'failed' | 'none';
  readonly server: string | null;
  /** `changes`: only what changed since the read before (C9); `null`: nothing was read to its end. */
  readonly kind: 'full' | 'changes' | null;
  /** Why everything was read although changes might have done; `null`: it was asked for, or changes were read. */
  readonly fullBecause: string | null;
  /** Users that the read brought. */
  readonly users: number;
  /** Users that the read did not bring or told absent, by what is known of them (C10). */
  readonly absent: Readonly<Record<Absence['grade'], number>>;
  /** What a scope other than that of the read before took in and left out; `null`: the scope is as it was. */
  readonly rescoped: RescopedDocument | null;
  /** The survey of last logons that went with the read (C4); `null`: there was none. */
  readonly logons: LogonSurveyDocument | null;
  /** By reason in words (C2 and the operator's scope). */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Why the read is not complete. */
  readonly gaps: readonly string[];
  readonly rejected: readonly { readonly dn: string; readonly reason: string }[];
  readonly durationMs: number;
  readonly error: ErrorDocument | null;
}
