import type { DocumentBase, ErrorDocument, StatusDocument, SyncDocument } from './documents.ts';

/** A held plan, as `status` tells of it. */
export type HeldPlanDocument = StatusDocument['held'][number] & { readonly organizationName: string | null };

/** What became of one held plan. */
export interface ApprovalDocument {
  readonly organization: string;
  readonly hash: string;
  /** `null`: it could not be applied, see `error`. */
  readonly result: SyncDocument | null;
  readonly error: ErrorDocument | null;
}

/** `approve --all`. */
export interface ApproveAllDocument extends DocumentBase {
  /** What was asked about, the newest first. */
  readonly held: readonly HeldPlanDocument[];
  /** Held plans that a person has to look at one by one. */
  readonly leftOut: readonly HeldPlanDocument[];
  /** The question was answered with no: nothing was done. */
  readonly declined: boolean;
  /** In the same order; fewer than `held` when the command was interrupted. */
  readonly approvals: readonly ApprovalDocument[];
}
