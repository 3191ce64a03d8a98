import type { DocumentBase, StatusDocument } from './documents.ts';

/** RFC 3339 UTC. */
type DateText = string;

/** `hub invite`. The only time that the code is shown. */
export interface HubInviteDocument extends DocumentBase {
  readonly organization: string;
  readonly subnets: readonly string[];
  /** `null`: the collector names itself. */
  readonly name: string | null;
  /** Where the hub is reached. */
  readonly url: string;
  /** SHA-256 of the hub's public key in hexadecimal; empty: a CA proves its certificate. */
  readonly pinSha256: string;
  readonly expiresAt: DateText;
  readonly code: string;
  /** To be run on the collector's machine. */
  readonly command: string;
}

interface HubDirectoryDocument {
  readonly name: string;
  readonly type: 'active-directory' | 'ldif';
  readonly lastReadAt: DateText | null;
  /** Error code of the latest read; `null`: it did not fail. */
  readonly error: string | null;
}

export interface HubCollectorDocument {
  readonly id: string;
  readonly organization: string;
  readonly name: string;
  /** `silent`: nothing was heard of it for 15 minutes. */
  readonly state: 'joined' | 'silent' | 'revoked';
  /** What it was invited for. */
  readonly subnets: readonly string[];
  readonly location: string;
  readonly version: string;
  /** Its version is more than one minor release older or newer than the hub's; `null`: it is not, or nobody knows. */
  readonly versionSkew: 'older' | 'newer' | null;
  readonly platform: string;
  readonly addedAt: DateText;
  readonly revokedAt: DateText | null;
  /** By the hub's clock. */
  readonly lastContactAt: DateText | null;
  /** For how long something it has read has not landed here; 0: all has; `null`: not known. */
  readonly lagMs: number | null;
  /** How far its clock is ahead of the hub's; negative: behind. */
  readonly clockAheadMs: number | null;
  readonly keyMadeAt: DateText | null;
  readonly directories: readonly HubDirectoryDocument[];
  /** Codes of what is wrong there. */
  readonly problems: readonly string[];
}

/** `hub collectors`. */
export interface HubCollectorsDocument extends DocumentBase {
  readonly collectors: readonly HubCollectorDocument[];
  /** Not used yet. */
  readonly invitations: readonly {
    readonly organization: string;
    readonly subnets: readonly string[];
    readonly name: string | null;
    readonly createdAt: DateText;
    readonly createdBy: string;
    readonly expiresAt: DateText;
  }[];
  /** Subnets that a collector was invited for and none that is alive stands for. */
  readonly uncovered: readonly { readonly organization: string; readonly subnet: string; readonly why: 'invited' | 'silent' | 'revoked' }[];
}

/** A hub and its collectors, in `status` of the hub. */
export interface ListeningHubDocument {
  readonly listen: string;
  readonly collectors: readonly HubCollectorDocument[];
  readonly uncovered: HubCollectorsDocument['uncovered'];
}

/** `status` of a hub. */
interface HubStatusDocument extends StatusDocument {
  readonly hub: ListeningHubDocument;
}

/** `null`: the status is of a machine that is no hub. */
export function listeningHubOf(document: StatusDocument): ListeningHubDocument | null {
  const { hub = null } = document as Partial<HubStatusDocument>;
  return hub !== null && 'listen' in hub ? hub : null;
}

/** `hub revoke`. */
export interface HubRevokeDocument extends DocumentBase {
  readonly organization: string;
  readonly id: string;
  readonly name: string;
  /** False: the question was answered with no. */
  readonly revoked: boolean;
  /** Uploads that had not landed and never will. */
  readonly droppedUploads: number;
}

/** Of `hub restore`, what became of the collector itself. */
export interface HubRestoreDocument extends DocumentBase {
  readonly organization: string;
  readonly name: string;
  /** It is a revoked collector again; else it was none, or another one has its name. */
  readonly listed: boolean;
}
