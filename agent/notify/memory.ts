import type { Severity } from './notice.ts';

/** What a channel was told of a problem that is not over for it yet. */
export interface Told {
  /** When it was told last. */
  readonly at: number;
  /** As it was told last. */
  readonly severity: Severity;
  /** How often it was told. */
  readonly times: number;
  /** Id of the message that told it first. */
  readonly thread: string;
  /** The held plans that were told, the newest last. */
  readonly hashes: readonly string[];
}

/**
 * What is remembered of one problem for one channel. All times are milliseconds since 1970 by the machine's clock. A quiet
 * episode is over; it is kept for a day, so that a problem that comes and goes is known for what it is.
 */
export interface Episode {
  readonly key: string;
  readonly code: string;
  readonly organization: string | null;
  readonly part: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  /** RFC 3339 UTC, as it was reported; `null`: as long as it was seen. */
  readonly since: string | null;
  readonly hash: string | null;
  /** Code of what brings it about; `null`: it stands for itself. */
  readonly cause: string | null;
  readonly phase: 'open' | 'quiet';
  readonly seenAt: number;
  /** Since when it was `failed` without a break; `null`: it is not. */
  readonly failedAt: number | null;
  /** Since when it is not reported any more; `null`: it is. */
  readonly goneAt: number | null;
  readonly told: Told | null;
  /** How often it came back within a day after it was over. */
  readonly returns: number;
  readonly lastRecoveredAt: number | null;
}

/** What one channel was told. Plain data: kept in `notify.json` as it is. */
export interface ChannelMemory {
  readonly episodes: readonly Episode[];
  /** When messages of the last hour went out. */
  readonly sentAt: readonly number[];
}

export const emptyMemory: ChannelMemory = { episodes: [], sentAt: [] };
