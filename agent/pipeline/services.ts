import type { OrganizationId } from '../../core/model/ids.ts';
import type { OrganizationSettings } from '../../core/model/settings.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Progress } from '../cli/operations.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DirectoryToRead } from './collect.ts';

/** What the operations stand on; `agent/compose.ts` builds it. Adapters are made when they are first asked for. */
export interface Services {
  readonly collector: string;
  /** The configuration file, for messages. */
  readonly configFile: string;
  /** The organizations of the configuration, in its order. */
  readonly organizations: readonly OrganizationId[];
  /** Sentences about the configuration. */
  readonly notices: readonly string[];
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
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
  /** `null`: no PSA is configured. */
  psa(organization: OrganizationId): Psa | null;
  /** Proves that every reference to a secret can be resolved. */
  checkSecrets(): void;
  close(): Promise<void>;
}
