import type { ErrorDocument } from '../cli/documents.ts';

/** RFC 3339 UTC. */
type DateText = string;

/** Something that the service itself noticed: a refused edit, a late run, a log that cannot be written. */
export interface ServiceProblem extends ErrorDocument {
  readonly severity: 'degraded' | 'failed';
  readonly since: DateText | null;
}

/** The watch of two-way sync (P9). */
export interface WatchFacts {
  /** When the last look ended; `null`: there was none yet. */
  readonly lastLookAt: DateText | null;
  /** The last one that saw both sides. */
  readonly lastGoodAt: DateText | null;
  /** The newest change that was seen on each side; `null`: none yet. */
  readonly seenTo: { readonly itGlue: DateText | null; readonly psa: DateText | null };
  readonly nextLookAt: DateText;
  /** Why the last look failed, and since when they do; `null`: it did not. */
  readonly failing: { readonly code: string; readonly message: string; readonly since: DateText } | null;
  /** Looks since the start of the service: those that found nothing new, that found something, that failed. */
  readonly counts: { readonly nothing: number; readonly something: number; readonly failed: number };
}

/** What the running service says about itself; kept in `service.json` too, for the time when it does not run. */
export interface ServiceFacts {
  readonly pid: number;
  readonly version: string;
  readonly startedAt: DateText;
  /** When these facts were true. */
  readonly at: DateText;
  readonly configFile: string;
  readonly configLoadedAt: DateText;
  /** Set when it stopped in order; `null` while it runs, and after a crash. */
  readonly stoppedAt: DateText | null;
  readonly schedule: { readonly scan: string; readonly fullScan: string; readonly timezone: string };
  /** Runs to come, soonest first. */
  readonly next: readonly { readonly command: string; readonly at: DateText }[];
  /** The job under way. */
  readonly current: { readonly command: string; readonly startedAt: DateText } | null;
  /** When all organizations were last synced without a failure. */
  readonly lastSuccessAt: DateText | null;
  /** `null`: nothing is watched. */
  readonly watch: WatchFacts | null;
  readonly problems: readonly ServiceProblem[];
  /** Delays of the event loop since the start, in milliseconds. */
  readonly eventLoop: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly rssBytes: number;
}

/** What there is to know of the service of one state directory. */
export type ServiceView =
  | { readonly state: 'running'; readonly facts: ServiceFacts }
  /** It ran once; the facts are its last ones. */
  | { readonly state: 'not-running'; readonly facts: ServiceFacts }
  /** No service ever ran here: somebody else starts the syncs. */
  | { readonly state: 'none' };
