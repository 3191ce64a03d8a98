import type { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { OrganizationSettings } from '../../core/model/settings.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import type { Lease } from '../../core/ports/lease.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { Store } from '../../core/ports/store.ts';
import type { HubCollectorsDocument } from '../cli/documents-hub.ts';
import type { Progress } from '../cli/operations.ts';
import type { Config } from '../config/schema.ts';
import type { Surroundings } from '../doctor/surroundings.ts';
import type { ChannelResult } from '../notify/test-channels.ts';
import type { ServiceView } from '../service/service-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { RefusedRelease } from '../upgrade/refused-release.ts';
import type { DirectoryToRead } from './collect.ts';
import type { CompanyLists } from './company/company-lists.ts';
import type { HubDoor } from './hub/hub-door.ts';
import type { LandingInbox } from './land/land-uploads.ts';

/** In bytes. */
export interface DiskFacts {
  readonly folder: string;
  readonly free: number;
  readonly store: number;
}

/** What the operations stand on; `agent/compose.ts` builds it. Adapters are made when they are first asked for. */
export interface Services {
  readonly collector: string;
  /** The configuration file, for messages. */
  readonly configFile: string;
  readonly config: Config;
  /** The organizations of the configuration, in its order. */
  readonly organizations: readonly OrganizationId[];
  /** Sentences about the configuration. */
  readonly notices: readonly string[];
  /** Why the configuration file itself cannot be taken; the one before it is in force then. */
  readonly refused: RollcallError | null;
  /** What starts the runs, for the journal: `by hand`, `schedule` … */
  readonly trigger: string;
  /** A person waits for what is done. */
  readonly attended: boolean;
  readonly logger: Logger;
  readonly progress: Progress;
  /** What `doctor` looks at besides. */
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
  /** What the command is in charge of (`withLease`): each outside write is sent only while all of them hold. */
  readonly leases: Lease[];
  now(): Moment;
  readonly hash: (text: string) => string;
  readonly redact: (text: string) => string;
  settings(organization: OrganizationId): OrganizationSettings;
  /** Throws `STORE_LOCKED` when another process writes. The same store for all callers of one command. */
  writableStore(command: string): Promise<Store>;
  /** `null` when nothing was ever stored. */
  readableStore(): Promise<Store | null>;
  /** Throws when a secret that is needed is not set. */
  directories(organization: OrganizationId): readonly DirectoryToRead[];
  documentation(organization: OrganizationId): Documentation;
  /** What collectors have sent to this hub. */
  inbox(): Promise<LandingInbox>;
  /** What this hub knows of its collectors, from the disk. Throws what the store's errors are. */
  collectors(): Promise<HubCollectorsDocument>;
  /** `null`: no PSA is configured. */
  psa(organization: OrganizationId): Psa | null;
  /** The hub that this machine collects for (H1); `null`: it decides itself. */
  readonly hub: HubDoor | null;
  /** For candidates where an organization's company is not found. */
  readonly companyLists: CompanyLists;
  /** What there is to know of the service of this state directory. Never throws. */
  service(): Promise<ServiceView>;
  /** The disk that the store lies on; `null` when it cannot be looked at. */
  disk(): Promise<DiskFacts | null>;
  /** The release that was given up, when another one runs in its place; else `null`. */
  refusedRelease(): Promise<RefusedRelease | null>;
  /** Proves that every reference to a secret can be resolved; answers with sentences about what is unwise. */
  checkSecrets(): readonly string[];
  /** Tries each channel of `notify` once; empty when none is configured. */
  testNotifications(): Promise<readonly ChannelResult[]>;
  close(): Promise<void>;
}
