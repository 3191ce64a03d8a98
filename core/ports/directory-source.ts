import type { DirectoryEntry } from '../model/directory-user.ts';

/** What a read proved about itself (C1). */
export interface ReadProof {
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
   * Reads all users in scope and hands them over page by page; `onPage` is awaited before the next page is fetched, so memory
   * stays flat. Each user is handed over once. Servers are tried in turn; when one fails in mid-read, the next one starts
   * over, after `onRestart` has been awaited (what was handed over before is void).
   * A read that ends early but without a failure resolves with `complete: false`; failures are thrown as `RollcallError`.
   */
  read(sink: { onPage(entries: readonly DirectoryEntry[]): void | Promise<void>; onRestart(): void | Promise<void> }): Promise<ReadProof>;
}
