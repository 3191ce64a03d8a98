import type { Column, Finding, Section, Share, Totals } from '../../core/assess/assessment.ts';
import type { ErrorDocument } from './documents.ts';

/** One row: its record in `of`, its group where rows belong together, then a member for each column. Dates are RFC 3339 UTC. */
export type AssessRow = Readonly<Record<string, string | number | null>>;

export interface AssessListing {
  /** The name of its CSV file. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly AssessRow[];
}

export interface AssessFinding extends AssessListing {
  readonly about: Finding['about'];
  readonly weight: Finding['weight'];
  readonly count: number;
  readonly noun: Finding['noun'];
  readonly why: string;
  readonly advice: string;
  readonly breakdown: readonly Share[];
}

export interface AssessSection extends Omit<Section, 'findings'> {
  readonly findings: readonly AssessFinding[];
}

/** One directory, as the latest complete read brought it. */
export interface AssessSource {
  readonly directory: string;
  readonly type: 'active-directory' | 'ldif';
  readonly collector: string;
  readonly server: string | null;
  readonly readAt: string | null;
  readonly accounts: number;
  /** By reason in words (C2 and the operator's scope). */
  readonly leftOut: Readonly<Record<string, number>>;
  /** The operator's scope in words; empty: the whole directory. */
  readonly scope: readonly string[];
}

/** `assess`. */
export interface AssessDocument {
  readonly formatVersion: 1;
  readonly organization: string;
  readonly organizationName: string | null;
  /** C8's sentence when the organization's directories have no credentials; else `null`. */
  readonly message: string | null;
  /** When IT Glue and the PSA were read. */
  readonly madeAt: string;
  readonly staleDays: number;
  readonly psaName: string | null;
  readonly sources: readonly AssessSource[];
  /** `null`: the organization could not be assessed. */
  readonly totals: Totals | null;
  readonly sections: readonly AssessSection[];
  /** All accounts, contacts and PSA contacts. */
  readonly inventories: readonly AssessListing[];
  readonly notices: readonly string[];
  readonly error: ErrorDocument | null;
  /** The files that were written; empty until they are. */
  readonly files: readonly string[];
}
