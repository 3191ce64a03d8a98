import type { OsServiceStatus, OsServiceStep } from '../os-service/os-service.ts';
import type { DocumentBase } from './documents.ts';

/** `service install`, `uninstall`, `start`, `stop`. */
export interface OsServiceDocument extends DocumentBase {
  readonly steps: readonly OsServiceStep[];
  readonly service: OsServiceStatus;
}

/** `service status`. */
export interface OsServiceStatusDocument extends DocumentBase {
  readonly service: OsServiceStatus;
}

/** `service configure`: never a secret. */
export interface OsServiceConfigureDocument extends DocumentBase {
  readonly configFile: string;
  /** The settings that were written, as `hub.url`; none: the file says so already. */
  readonly changed: readonly string[];
  /** `joined`: by this command; `kept`: joined to this hub before; `null`: no code was given. */
  readonly hub: 'joined' | 'kept' | null;
  /** What a service could not start with yet, in words; `null`: the configuration is whole. */
  readonly incomplete: string | null;
}
