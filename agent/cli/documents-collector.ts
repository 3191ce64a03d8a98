import type { ErrorDocument, ScanDocument, StatusDocument, SyncDocument } from './documents.ts';
import type { DirectoryReadDocument } from './documents-reads.ts';

/** RFC 3339 UTC. */
type DateText = string;

/** What a collector's hub has of one directory after a run. */
export interface SentDocument {
  readonly directory: string;
  /**
   * - `landed`: the hub has what was read
   * - `nothing`: it had that before, or nothing was read yet
   * - `waiting`: it was sent whole, and the hub has not taken it in yet
   * - `unsent`: the hub is away or busy; it is sent by itself later
   * - `failed`: it is not sent before somebody does something
   */
  readonly state: 'landed' | 'nothing' | 'waiting' | 'unsent' | 'failed';
  /** Everything was sent, not only what changed. */
  readonly whole: boolean;
  readonly records: number;
  /** Since when something is here that the hub does not have; `null`: it has all. */
  readonly since: DateText | null;
  readonly error: ErrorDocument | null;
}

/** `sync` of a collector: what was read, and what the hub has of it. */
export interface CollectedDocument extends SyncDocument {
  readonly directories: readonly DirectoryReadDocument[];
  readonly sent: readonly SentDocument[];
}

/** `scan` of a collector. */
export interface CollectedScanDocument extends ScanDocument {
  readonly sent: readonly SentDocument[];
}

/** The link of a collector to its hub, as far as this machine knows. */
export interface HubStatusDocument {
  readonly url: string;
  /** As whom this machine has joined; `null`: it has not. */
  readonly joined: { readonly collector: string; readonly name: string; readonly organization: string; readonly at: DateText } | null;
  /** How the hub's certificate is proven. */
  readonly trust: 'pinned key' | 'hub.caFile' | "the system's CAs";
  /** When the hub last answered the service; `null`: it never did, or no service ran. */
  readonly lastContactAt: DateText | null;
  /** How far this clock is ahead of the hub's, in milliseconds; `null`: not known. */
  readonly clockDifferenceMs: number | null;
  /** What waits to be sent, and since when. */
  readonly waiting: readonly { readonly directory: string; readonly since: DateText }[];
}

/** `status` of a collector. */
interface CollectorStatusDocument extends StatusDocument {
  readonly hub: HubStatusDocument;
}

export function isCollected(document: SyncDocument): document is CollectedDocument {
  return 'sent' in document;
}

export function sentOf(document: ScanDocument): readonly SentDocument[] {
  return 'sent' in document ? (document as CollectedScanDocument).sent : [];
}

export function hubStatusOf(document: StatusDocument): HubStatusDocument | null {
  const { hub = null } = document as Partial<CollectorStatusDocument>;
  return hub !== null && 'url' in hub ? hub : null;
}

/** `enroll`: this machine has joined a hub. */
export interface EnrollDocument {
  readonly formatVersion: number;
  readonly hub: { readonly url: string; readonly name: string };
  /** As whom; the organization is that of the invitation. */
  readonly collector: { readonly id: string; readonly name: string; readonly organization: string };
  /** It had joined before, and has joined anew. */
  readonly again: boolean;
  /** The file that names the hub; `null`: there is none yet. */
  readonly configFile: string | null;
  /** The copy of the file as it was; `null`: it was not changed. */
  readonly backup: string | null;
  /** `collector.organization` of the file; when it is another one than the invitation's, nothing is sent. */
  readonly organizationOfFile: string | null;
}
