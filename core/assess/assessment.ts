import type { OrganizationId } from '../model/ids.ts';
import type { Moment } from '../model/time.ts';

/** `moment`: a `Moment`, or a word such as `never`. */
export interface Column {
  /** Name in JSON; stable. */
  readonly key: string;
  readonly title: string;
  readonly kind: 'text' | 'number' | 'moment';
  /** It goes with the column before it, and is shown beneath it where room is short. */
  readonly beneath?: true;
}

/** `null` is blank, or unknown. */
export type Cell = string | number | null;

export interface Row {
  /** Id of the user, contact or PSA contact that the row is about; a field's, an office's name where it is about that. */
  readonly of: string;
  /** Rows of one group belong together (duplicates); counted from 1. */
  readonly group?: number;
  /** One for each column. */
  readonly cells: readonly Cell[];
}

/** A list with its columns; what a table or a CSV file is made of. */
export interface Listing {
  /** Stable: the name of its CSV file. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** `do`: somebody has to act. `check`: somebody has to look whether it is meant to be so. `know`: for information. */
type Weight = 'do' | 'check' | 'know';

/** Something that was looked for, with what was found; no rows: it is in order. */
export interface Finding extends Listing {
  /** What the rows are about. */
  readonly about: 'account' | 'contact' | 'psa-contact' | 'other';
  readonly weight: Weight;
  /** How many: rows, or groups of rows when the rows have groups. */
  readonly count: number;
  /** What is counted, in the singular and the plural. */
  readonly noun: readonly [one: string, many: string];
  /** Why it matters, one sentence. */
  readonly why: string;
  /** What to do, one sentence. */
  readonly advice: string;
  /** The rows by a reason, most first; empty when there is nothing to tell apart. */
  readonly breakdown: readonly Share[];
}

export interface Share {
  readonly label: string;
  readonly count: number;
}

/** Shares of one whole, for a bar. */
export interface Bar {
  readonly label: string;
  readonly shares: readonly Share[];
}

export interface Section {
  readonly id: 'contacts' | 'accounts' | 'matching' | 'fields' | 'psa' | 'sync';
  readonly title: string;
  /** What was compared, and what to know when reading it; sentences. */
  readonly notes: readonly string[];
  readonly bars: readonly Bar[];
  readonly findings: readonly Finding[];
}

/** Counts of the whole, each of which the inventories hold row by row. */
export interface Totals {
  /** Accounts in the latest complete read. */
  readonly accounts: number;
  /** Of them: neither disabled nor expired. */
  readonly activeAccounts: number;
  /** Of the active ones: no shared, room, equipment or system mailbox. */
  readonly people: number;
  readonly peopleWithContact: number;
  readonly contacts: number;
  readonly contactsWithAccount: number;
  readonly locations: number;
  /** `null`: no PSA was read. */
  readonly psaContacts: number | null;
  readonly psaInactive: number | null;
  readonly contactsInPsa: number | null;
  /** Accounts that earlier reads brought and the latest did not, or whose directory or scope is read no more. */
  readonly notSeen: number;
}

/** What a read-only look at one customer brought to light. */
export interface Assessment {
  readonly organization: OrganizationId;
  readonly madeAt: Moment;
  /** Days without logon after which an account is stale. */
  readonly staleDays: number;
  readonly psaName: string | null;
  readonly totals: Totals;
  readonly sections: readonly Section[];
  /** All accounts, contacts and PSA contacts, each in one row: what the totals count. */
  readonly inventories: readonly Listing[];
}
